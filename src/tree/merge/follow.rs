//! Follows a path through the symbolic links of the tree as it is at that moment.

use crate::path;

use super::super::{EntryRef, NodeId, Tree};

/// Symbolic links followed on the way to one path, as Linux counts them.
const HOPS_MAX: usize = 40;

/// A path being followed: where it has come to and what is left of it, innermost first.
pub(super) struct Walk {
    pub(super) at: NodeId,
    /// The names below `at` that lead to no directory that is there.
    pub(super) missing: Vec<Vec<u8>>,
    left: Vec<Vec<u8>>,
    pub(super) hops: usize,
    /// The symbolic links that were followed.
    pub(super) links: Vec<EntryRef>,
}

impl Walk {
    pub(super) fn new(path: &[u8]) -> Self {
        Self {
            at: NodeId::ROOT,
            missing: Vec::new(),
            left: path::components(path).rev().map(<[u8]>::to_vec).collect(),
            hops: 0,
            links: Vec::new(),
        }
    }

    /// Returns the next name below; `.` and `..` of link targets are walked on the way, never above the root.
    ///
    /// `..` behind a missing name leads back from it, and nothing is made of it, as in umoci and containerd.
    pub(super) fn next(&mut self, tree: &Tree) -> Option<Vec<u8>> {
        loop {
            let name = self.left.pop()?;
            match &name[..] {
                b"." => {}
                b".." if self.missing.pop().is_some() => {}
                b".." => self.at = tree.parent(self.at),
                _ => return Some(name),
            }
        }
    }

    pub(super) fn follow(&mut self, target: &[u8]) -> Result<(), &'static str> {
        self.hops += 1;
        if self.hops > HOPS_MAX {
            return Err("a loop of symbolic links on the way to it");
        }
        if target.starts_with(b"/") {
            self.at = NodeId::ROOT;
        }
        self.left
            .extend(path::components(target).rev().map(<[u8]>::to_vec));
        Ok(())
    }
}
