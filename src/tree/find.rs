//! What lies where: by name, by path, and through symbolic links, which stay inside the root.

use std::ops::Bound;

use crate::layer::Kind;
use crate::path;

use super::{NodeId, Tree};

/// Linux follows no more symbolic links on the way to one file (`path_resolution(7)`).
const LINKS_MAX: usize = 40;

impl Tree {
    /// The visible children of a directory in the order of their names' bytes.
    pub fn children(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], NodeId)> {
        self.all_children(dir)
            .filter(|&(_, child)| self.is_visible(child))
    }

    /// All that ever were in a directory, deleted ones too.
    pub fn all_children(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], NodeId)> {
        self.nodes[dir.index()]
            .children
            .iter()
            .map(|(name, &child)| (&name[..], child))
    }

    /// The visible child of that name.
    pub fn child(&self, dir: NodeId, name: &[u8]) -> Option<NodeId> {
        self.nodes[dir.index()]
            .children
            .get(name)
            .copied()
            .filter(|&child| self.is_visible(child))
    }

    /// The visible child with the longest name with which `text` begins.
    pub fn longest_child(&self, dir: NodeId, text: &[u8]) -> Option<NodeId> {
        let children = &self.nodes[dir.index()].children;
        let mut bound = text;
        loop {
            let range = (Bound::Unbounded, Bound::Included(bound));
            let (name, &child) = children.range::<[u8], _>(range).next_back()?;
            let same = name.iter().zip(bound).take_while(|(a, b)| a == b).count();
            if same == name.len() && self.is_visible(child) {
                return Some(child);
            }
            // All that sorts between is no beginning of the text either.
            let length = if same == name.len() {
                same.checked_sub(1)?
            } else {
                same
            };
            bound = &bound[..length];
        }
    }

    /// The visible node at exactly this path; links on the way are not followed.
    pub fn find(&self, at: &[u8]) -> Option<NodeId> {
        path::components(at).try_fold(NodeId::ROOT, |dir, name| self.child(dir, name))
    }

    /// The node at this path, visible or deleted.
    pub fn find_any(&self, at: &[u8]) -> Option<NodeId> {
        path::components(at).try_fold(NodeId::ROOT, |dir, name| {
            self.nodes[dir.index()].children.get(name).copied()
        })
    }

    /// The visible node that a program in the container reaches by this path: links are followed inside the root.
    pub fn resolve(&self, at: &[u8]) -> Option<NodeId> {
        self.hops(at)?.pop()
    }

    /// What a visible node leads to: itself, or the end of a symbolic link; `None` where that is not there.
    pub fn leads_to(&self, node: NodeId) -> Option<NodeId> {
        match self.kind(node) {
            Kind::Symlink => self.resolve(&self.path(node)),
            _ => Some(node),
        }
    }

    /// As [`Tree::resolve`], with each symbolic link on the way before the node itself.
    pub fn hops(&self, at: &[u8]) -> Option<Vec<NodeId>> {
        let mut left: Vec<&[u8]> = path::components(at).rev().collect();
        let (mut node, mut hops) = (NodeId::ROOT, Vec::new());
        while let Some(name) = left.pop() {
            match name {
                b"." => continue,
                b".." => node = self.parent(node),
                name => {
                    let child = self.child(node, name)?;
                    if let Some(target) = self.symlink_target(child) {
                        if hops.len() == LINKS_MAX {
                            return None;
                        }
                        hops.push(child);
                        if target.starts_with(b"/") {
                            node = NodeId::ROOT;
                        }
                        left.extend(path::components(target).rev());
                    } else {
                        node = child;
                    }
                }
            }
        }
        hops.push(node);
        Some(hops)
    }

    /// All visible nodes but the root, each directory before what it holds.
    pub fn walk(&self) -> impl Iterator<Item = NodeId> {
        let mut stack = vec![NodeId::ROOT];
        std::iter::from_fn(move || {
            let node = stack.pop()?;
            let below = stack.len();
            stack.extend(self.children(node).map(|(_, child)| child));
            stack[below..].reverse();
            Some(node)
        })
        .skip(1)
    }
}
