//! What is needed and why: each path with what asked for it, so that the chain to the image's config can be told.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::path;
use crate::tree::{NodeId, Tree};

/// Why a path is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The path that asks for it; `None` where the image's config, the user or a rule does.
    pub by: Option<NodeId>,
    /// In what way: ``needs `libssl.so.3` ``.
    pub how: Arc<str>,
}

/// All paths that are needed, each with the first reason found.
#[derive(Clone, Debug, Default)]
pub struct Needed {
    whys: BTreeMap<NodeId, Why>,
}

impl Needed {
    /// Enters a path; returns whether it is new.
    pub(super) fn insert(&mut self, node: NodeId, by: Option<NodeId>, how: &Arc<str>) -> bool {
        let mut is_new = false;
        self.whys.entry(node).or_insert_with(|| {
            is_new = true;
            Why {
                by,
                how: Arc::clone(how),
            }
        });
        is_new
    }

    /// Whether a path is needed.
    pub fn contains(&self, node: NodeId) -> bool {
        self.whys.contains_key(&node)
    }

    /// Why a path is needed.
    pub fn why(&self, node: NodeId) -> Option<&Why> {
        self.whys.get(&node)
    }

    /// The needed paths by node.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.whys.keys().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.whys.len()
    }

    /// Whether nothing is needed.
    pub fn is_empty(&self) -> bool {
        self.whys.is_empty()
    }

    /// The way from the image's config to `node`, one line a step; none for what is not needed.
    pub fn chain(&self, tree: &Tree, node: NodeId) -> Vec<String> {
        let mut steps = Vec::new();
        let mut next = Some(node);
        while let Some(why) = next.and_then(|node| self.whys.get(&node)) {
            let step = match why.by {
                Some(by) => format!("`/{}` {}", path::display(&tree.path(by)), why.how),
                None => why.how.to_string(),
            };
            steps.push(step);
            // Each path was entered after what asked for it, so this ends.
            next = why.by;
        }
        steps.reverse();
        steps
    }
}
