//! Counts what a container sees of the layers, and what it does not.

use std::collections::HashSet;

use crate::layer::Kind;
use crate::rules::{Decisions, Edit};
use crate::tree::{EntryRef, Event, NodeId, Tree};

use super::totals::Totals;

/// A file of a layer that no container sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Its path.
    pub node: NodeId,
    /// Its entry.
    pub at: EntryRef,
    /// Its bytes.
    pub bytes: u64,
    /// The layer that hid it.
    pub by: u16,
    /// How.
    pub how: Hiding,
}

/// How a file came to be hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hiding {
    /// Something else was written at its path.
    Overwritten,
    /// It was deleted.
    Deleted,
}

impl Hiding {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overwritten => "overwritten",
            Self::Deleted => "deleted",
        }
    }
}

/// Finds all files of lower layers that no container sees, by path and then from the base layer up.
///
/// A file that lost one name and is seen by another is not hidden.
pub fn hidden(tree: &Tree) -> Vec<Hidden> {
    let shown = shown(tree, |_| true);
    let events = tree.events();
    let next = events.iter().skip(1).map(Some).chain([None]);
    let mut hidden = Vec::new();
    for (&(node, event), next) in events.iter().zip(next) {
        let Event::Wrote(at) = event else { continue };
        let entry = tree.entry(at);
        let Some(&(_, next)) = next.filter(|(other, _)| *other == node) else {
            continue;
        };
        if entry.kind != Kind::File || shown.contains(&at) {
            continue;
        }
        let (by, how) = match next {
            Event::Wrote(by) => (by.layer, Hiding::Overwritten),
            Event::Implied { layer } => (layer, Hiding::Overwritten),
            Event::Deleted { by } => (by.layer, Hiding::Deleted),
        };
        hidden.push(Hidden {
            node,
            at,
            bytes: entry.stored,
            by,
            how,
        });
    }
    hidden
}

/// The entries that hold what is visible at the nodes that stay.
fn shown(tree: &Tree, stays: impl Fn(NodeId) -> bool) -> HashSet<EntryRef> {
    tree.walk()
        .filter(|&node| stays(node))
        .filter_map(|node| tree.data(node))
        .collect()
}

impl Totals {
    /// Whether no layer is compressed.
    pub fn is_plain(&self) -> bool {
        self.compressed == self.uncompressed
    }

    /// Counts an image as it is; `layers` are the sizes of each, compressed and inflated.
    pub fn of(tree: &Tree, layers: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut totals = count(tree, &Decisions::default(), |_| true);
        for (compressed, uncompressed) in layers {
            totals.layers += 1;
            totals.compressed += compressed;
            totals.uncompressed += uncompressed;
        }
        totals
    }
}

/// Counts the visible tree of the result; `whole` tells which of the source's layers it has as they were.
pub(super) fn count(tree: &Tree, decisions: &Decisions, whole: impl Fn(u16) -> bool) -> Totals {
    let stays = |node: NodeId| decisions.removed(node).is_none();
    let mut totals = Totals::default();
    let mut seen = HashSet::new();
    for node in tree.walk().filter(|&node| stays(node)) {
        match tree.kind(node) {
            Kind::Dir => totals.directories += 1,
            Kind::Symlink => totals.symlinks += 1,
            Kind::File if tree.data(node).is_some_and(|data| seen.insert(data)) => {
                totals.files += 1;
                totals.visible += after(tree, decisions, node);
            }
            Kind::File => {}
            _ => totals.others += 1,
        }
    }
    for &(_, event) in tree.events() {
        if let Event::Wrote(at) = event
            && tree.entry(at).kind == Kind::File
            && whole(at.layer)
            && !seen.contains(&at)
        {
            totals.wasted += tree.entry(at).stored;
        }
    }
    totals.rated()
}

/// The bytes of a file in its layer: holes of a sparse file are not stored and count nothing.
pub(super) fn stored(tree: &Tree, node: NodeId) -> u64 {
    tree.attributes(node)
        .filter(|entry| entry.kind == Kind::File)
        .map_or(0, |entry| entry.stored)
}

/// As [`stored`], with the content that an edit gives it.
pub(super) fn after(tree: &Tree, decisions: &Decisions, node: NodeId) -> u64 {
    match decisions.edited(node) {
        Some((_, Edit::Content(bytes))) => bytes.len() as u64,
        _ => stored(tree, node),
    }
}

/// What goes with a path that is removed or edited.
///
/// A file with several names frees its bytes at the first of them, and only when all go (or all change).
pub(super) fn freed(tree: &Tree, decisions: &Decisions, node: NodeId) -> u64 {
    let names = tree.names(node);
    let all_go = || names.iter().all(|&name| decisions.removed(name).is_some());
    if names.first() != Some(&node) {
        return 0;
    }
    match decisions.edited(node) {
        Some(_) => stored(tree, node).saturating_sub(after(tree, decisions, node)),
        None if all_go() => stored(tree, node),
        None => 0,
    }
}

/// The word for what a path is.
pub(super) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::File | Kind::HardLink => "file",
        Kind::Dir => "directory",
        Kind::Symlink => "symlink",
        Kind::CharDevice => "char-device",
        Kind::BlockDevice => "block-device",
        Kind::Fifo => "fifo",
        Kind::Whiteout | Kind::Opaque => "whiteout",
    }
}
