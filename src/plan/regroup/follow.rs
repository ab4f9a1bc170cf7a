//! Lays layers out as an earlier release has them, where all that they hold is in the new one too.
//!
//! Whether the bytes are the same is not seen here: whoever asks compares digests.

use std::collections::HashSet;

use crate::layer::{Entries, Entry, Kind};
use crate::rules::Decisions;
use crate::tree::{NodeId, Tree};

use super::super::links::Links;
use super::super::{Piece, Subject, push_as_it_is};
use super::owners::Owners;
use super::share::directory_layers;
use super::steps::is_made_by;

/// A layer of an earlier release, laid out of the new one's entries.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What it holds, for people.
    pub title: String,
    /// Its files, all names of each.
    pub(super) nodes: Vec<NodeId>,
    /// The directories that it describes as they are.
    pub(super) directories: HashSet<NodeId>,
    /// Its entries.
    pub pieces: Vec<Piece>,
}

/// Follows the layout of an earlier release, layer after layer.
pub struct Follower<'a> {
    subject: Subject<'a>,
    taken: HashSet<NodeId>,
    room: usize,
}

impl std::fmt::Debug for Follower<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Follower");
        shown.field("taken", &self.taken.len());
        shown.finish_non_exhaustive()
    }
}

impl<'a> Follower<'a> {
    /// Begins with nothing taken but the small layers on top of a result of at most `max` layers, which stay as they are.
    pub fn new(tree: &'a Tree, decisions: &'a Decisions, owners: &Owners, max: usize) -> Self {
        let subject = Subject::new(tree, decisions, Some(0));
        let tops = owners.steps.tops(&subject, max);
        let files = tree.walk().filter(|&node| tree.kind(node) != Kind::Dir);
        let taken = files.filter(|&node| is_made_by(tree, node, &tops));
        Self {
            // A layer for the rest there must be, and those of directories.
            room: max.saturating_sub(directory_layers(max) + 1 + tops.len()),
            taken: taken.collect(),
            subject,
        }
    }

    /// How many layers there is room for.
    pub fn room(&self) -> usize {
        self.room
    }

    /// Lays out a layer like that of these entries; `None` where the result does not have all that they make, or has it in a
    /// layer that was taken before. A layer of directories alone is never followed: the last layers say what those are.
    pub fn lay(&self, entries: &Entries, title: String) -> Option<Taken> {
        let (mut pieces, mut nodes, mut links) = (Vec::new(), Vec::new(), Links::default());
        let mut directories = HashSet::new();
        for entry in entries.list() {
            let node = self.node(entries, entry)?;
            let at = self.subject.tree.made_by(node)?;
            if entry.kind != Kind::Dir {
                links.push(&self.subject, &mut pieces, at, node);
                nodes.push(node);
            } else if (entry.mtime, entry.mtime_nanos) == (0, 0) {
                let path = self.subject.tree.path(node);
                pieces.push(Piece::Parent { from: at, path });
            } else {
                push_as_it_is(&self.subject, &mut pieces, at, node);
                directories.insert(node);
            }
        }
        let own: HashSet<NodeId> = nodes.iter().copied().collect();
        let names = |node: &NodeId| {
            let names = self.subject.tree.names(*node);
            names
                .iter()
                .all(|name| own.contains(name) || !self.subject.stays(*name))
        };
        let is_whole = !nodes.is_empty() && own.len() == nodes.len() && nodes.iter().all(names);
        is_whole.then_some(Taken {
            title,
            nodes,
            directories,
            pieces,
        })
    }

    /// Takes a layer: no other will hold what it holds.
    pub fn take(&mut self, taken: &Taken) {
        self.room = self.room.saturating_sub(1);
        self.taken.extend(&taken.nodes);
    }

    /// The path of the result that may be what an entry makes.
    fn node(&self, entries: &Entries, entry: &Entry) -> Option<NodeId> {
        let tree = self.subject.tree;
        let node = tree.find(entries.path(entry))?;
        let is_there = self.subject.stays(node) && !self.taken.contains(&node);
        let now = tree.attributes(node).filter(|_| is_there)?;
        let is_alike = match entry.kind {
            Kind::Whiteout | Kind::Opaque => false,
            Kind::HardLink => now.kind != Kind::Dir,
            Kind::Dir => now.kind == Kind::Dir,
            kind => (kind, entry.size, entry.mtime) == (now.kind, now.size, now.mtime),
        };
        is_alike.then_some(node)
    }
}
