//! Finds the tree's nodes for the paths that databases write: `/lib/x` lies in `usr/lib` where `/lib` is a link.
//!
//! Nothing here reads content.

use std::collections::{HashMap, HashSet};

use crate::path;
use crate::tree::{NodeId, Tree};

/// Finds nodes, remembering the directories on the way.
#[derive(Debug)]
pub(crate) struct Paths<'t> {
    pub(crate) tree: &'t Tree,
    directories: HashMap<Vec<u8>, Option<NodeId>>,
    aliases: HashSet<NodeId>,
}

impl<'t> Paths<'t> {
    pub(crate) fn new(tree: &'t Tree) -> Self {
        Self {
            tree,
            directories: HashMap::new(),
            aliases: HashSet::new(),
        }
    }

    /// The node at a path as a package manager means it: links are followed in its directory, not in its last name.
    pub(crate) fn locate(&mut self, written: &[u8]) -> Option<NodeId> {
        let written = written.strip_suffix(b"/").unwrap_or(written);
        let (parent, name) = (path::parent(written), path::name(written));
        if name.is_empty() || name == b"." || name == b".." {
            return None;
        }
        let directory = self.directory(parent)?;
        self.tree.child(directory, name)
    }

    fn directory(&mut self, at: &[u8]) -> Option<NodeId> {
        if let Some(&known) = self.directories.get(at) {
            return known;
        }
        let found = self.tree.hops(at).and_then(|mut hops| {
            let directory = hops.pop();
            self.aliases.extend(hops);
            directory
        });
        self.directories.insert(at.to_vec(), found);
        found
    }

    /// The links that stand for a directory on the way to something: no package owns them, whatever its list says.
    pub(crate) fn aliases(self) -> HashSet<NodeId> {
        self.aliases
    }
}
