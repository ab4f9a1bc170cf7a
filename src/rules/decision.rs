//! What the rules decided: for each path that goes or changes, which rule said so and where the rule comes from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::tree::{NodeId, Tree};

/// Who says that a path goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason {
    /// The rule's name: a built-in one's, or what the user called it.
    pub rule: String,
    /// Where the rule comes from.
    pub origin: Origin,
}

/// Where a rule comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// It ships with the program.
    BuiltIn,
    /// A flag of the command line, with its dashes.
    Flag(&'static str),
    /// A configuration file and the line in it, from 1.
    File {
        /// As the user named it.
        path: String,
        /// From 1.
        line: usize,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in"),
            Self::Flag(flag) => f.write_str(flag),
            Self::File { path, line } => write!(f, "{path}:{line}"),
        }
    }
}

/// A new content for a path that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A regular file with these bytes; mode, owner and times as before.
    Content(Arc<[u8]>),
    /// A symbolic link with this target.
    Target(Vec<u8>),
}

/// A path that a rule asked for and something else kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The path.
    pub node: NodeId,
    /// The rule that asked for it.
    pub asked: usize,
    /// What kept it: a keep glob and its origin, the protect list, or the image's own entrypoint.
    pub because: String,
}

/// All that goes from the visible tree and all that changes in it.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    reasons: Vec<Reason>,
    /// By node; removing a directory is one row for it and one for each path under it.
    removed: BTreeMap<NodeId, u32>,
    edited: BTreeMap<NodeId, (u32, Edit)>,
    /// What a rule asked for and did not get.
    pub kept: Vec<Kept>,
    /// Files that stay get this time, in seconds since the epoch, where theirs is later; never those of Python's byte-code.
    pub latest: Option<i64>,
    /// The user's removing globs that name nothing in the image, as written.
    pub unmatched: Vec<(String, Origin)>,
}

impl Decisions {
    /// The reasons that removals and edits refer to by place.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// Enters a reason and returns its place; the same reason has one place.
    pub fn reason(&mut self, reason: Reason) -> usize {
        if let Some(place) = self.reasons.iter().position(|known| *known == reason) {
            return place;
        }
        self.reasons.push(reason);
        self.reasons.len() - 1
    }

    /// Says that `node` alone goes; a directory's children are said one by one, so that none goes unlisted.
    pub fn remove(&mut self, node: NodeId, reason: usize) {
        self.edited.remove(&node);
        self.removed.insert(node, place(reason));
    }

    /// Says that `node` and all visible under it go.
    pub fn remove_subtree(&mut self, tree: &Tree, node: NodeId, reason: usize) {
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            self.remove(node, reason);
            stack.extend(tree.children(node).map(|(_, child)| child));
        }
    }

    /// Says that `node` stays with other content.
    pub fn edit(&mut self, node: NodeId, reason: usize, edit: Edit) {
        self.removed.remove(&node);
        self.edited.insert(node, (place(reason), edit));
    }

    /// Takes back what was said of `node`.
    pub fn retain(&mut self, node: NodeId) {
        self.removed.remove(&node);
        self.edited.remove(&node);
    }

    /// Why `node` goes, as a place in [`Decisions::reasons`]; `None` when it stays.
    pub fn removed(&self, node: NodeId) -> Option<usize> {
        self.removed.get(&node).map(|&reason| reason as usize)
    }

    /// The new content of `node` and why, as a place in [`Decisions::reasons`].
    pub fn edited(&self, node: NodeId) -> Option<(usize, &Edit)> {
        self.edited
            .get(&node)
            .map(|(reason, edit)| (*reason as usize, edit))
    }

    /// All removed nodes with their reasons' places, by node.
    pub fn removals(&self) -> impl Iterator<Item = (NodeId, usize)> {
        self.removed
            .iter()
            .map(|(&node, &reason)| (node, reason as usize))
    }

    /// All edited nodes with their reasons' places, by node.
    pub fn edits(&self) -> impl Iterator<Item = (NodeId, usize, &Edit)> {
        self.edited
            .iter()
            .map(|(&node, (reason, edit))| (node, *reason as usize, edit))
    }

    /// Whether nothing goes and nothing changes.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.edited.is_empty()
    }
}

fn place(reason: usize) -> u32 {
    u32::try_from(reason).expect("there are fewer rules than that")
}
