//! Which times are too late: those after the moment that the builder says the sources are of (`SOURCE_DATE_EPOCH`).
//!
//! Python takes byte-code for stale when the time of its source is not the one written in it, so both stay as they are.

use std::collections::HashSet;

use crate::rules::Decisions;
use crate::tree::{NodeId, Tree};

/// The paths that stay and get the time that the decisions ask for, since theirs is later; none where they ask for none.
pub fn clamped(tree: &Tree, decisions: &Decisions) -> HashSet<NodeId> {
    let Some(latest) = decisions.latest else {
        return HashSet::new();
    };
    let stays = |node: NodeId| tree.is_visible(node) && decisions.removed(node).is_none();
    let is_late = |&node: &NodeId| {
        let late = |at| {
            let entry = tree.entry(at);
            (entry.mtime, entry.mtime_nanos) > (latest, 0)
        };
        // A hard link's header has a time of its own, which some runtimes apply.
        tree.made_by(node).is_some_and(late) || tree.data(node).is_some_and(late)
    };
    let is_bound = |&node: &NodeId| {
        let names = tree.names(node);
        names.iter().any(|&name| is_of_byte_code(tree, name, stays))
    };
    let root = std::iter::once(NodeId::ROOT);
    let nodes = root.chain(tree.walk().filter(|&node| stays(node)));
    nodes
        .filter(is_late)
        .filter(|node| !is_bound(node))
        .collect()
}

/// Whether a path is byte-code, or a source whose byte-code stays.
fn is_of_byte_code(tree: &Tree, node: NodeId, stays: impl Fn(NodeId) -> bool) -> bool {
    let name = tree.name(node);
    if name.ends_with(b".pyc") {
        return true;
    }
    let Some(stem) = name.strip_suffix(b".py") else {
        return false;
    };
    let parent = tree.parent(node);
    let beside = tree.child(parent, &[stem, b".pyc"].concat());
    let cache = tree.child(parent, b"__pycache__");
    let cached = cache.into_iter().flat_map(|cache| tree.children(cache));
    let start = [stem, b"."].concat();
    let mut cached = cached.filter(|(name, _)| name.starts_with(&start) && name.ends_with(b".pyc"));
    beside.is_some_and(&stays) || cached.any(|(_, node)| stays(node))
}
