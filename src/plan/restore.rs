//! What puts back all that a run takes away: a layer that goes on top of the result.
//!
//! Nothing here is of the result itself.

use std::collections::BTreeSet;

use crate::layer::Kind;
use crate::rules::Decisions;
use crate::tree::{EntryRef, NodeId, Tree};

use super::{Content, Piece, Remade, push_copy};

/// Plans a layer with the entries of all that is removed or edited, as they are in the source, and of the directories
/// that lead there.
///
/// A layer cannot make a hard link to a file of a layer below it in all runtimes, so a file of which one name went
/// comes with all its names.
pub fn restoring(tree: &Tree, decisions: &Decisions) -> Vec<Piece> {
    let gone = decisions.removals().map(|(node, _)| node);
    let changed = decisions.edits().map(|(node, _, _)| node);
    let mut wanted = BTreeSet::new();
    for node in gone.chain(changed).filter(|&node| tree.is_visible(node)) {
        wanted.extend(names(tree, node));
    }
    let mut directories = BTreeSet::new();
    for &node in &wanted {
        let mut at = tree.parent(node);
        while directories.insert(at) && at != NodeId::ROOT {
            at = tree.parent(at);
        }
    }
    let mut pieces = Vec::new();
    let is_directory = |node: NodeId| tree.kind(node) == Kind::Dir;
    for node in tree.walk().filter(|&node| is_directory(node)) {
        if wanted.contains(&node) || directories.contains(&node) {
            // One that no entry describes is implied again by what is in it.
            if let Some(at) = tree.made_by(node) {
                push(&mut pieces, tree, at, node, None);
            }
        }
    }
    let files = tree.walk().filter(|&node| !is_directory(node));
    for node in files.filter(|node| wanted.contains(node)) {
        push_file(&mut pieces, tree, node);
    }
    pieces
}

/// All names of a file; of anything else the one.
fn names(tree: &Tree, node: NodeId) -> Vec<NodeId> {
    match tree.kind(node) {
        Kind::Dir => vec![node],
        _ => tree.names(node),
    }
}

/// Adds a file with all its names when it comes to the first of them.
fn push_file(pieces: &mut Vec<Piece>, tree: &Tree, node: NodeId) {
    let (names, Some(data)) = (tree.names(node), tree.data(node)) else {
        return;
    };
    let Some((&owner, links)) = names.split_first() else {
        return push(pieces, tree, data, node, None);
    };
    if names.iter().min() != Some(&node) {
        return;
    }
    push(pieces, tree, data, owner, None);
    for &link in links {
        if let Some(at) = tree.made_by(link) {
            push(pieces, tree, at, link, Some(tree.path(owner)));
        }
    }
}

/// Adds an entry, under the path of `node` and naming `target`, made anew only where that is not what it says.
fn push(pieces: &mut Vec<Piece>, tree: &Tree, at: EntryRef, node: NodeId, target: Option<Vec<u8>>) {
    let (entries, entry) = (&tree.layers()[usize::from(at.layer)], tree.entry(at));
    let path = Some(tree.path(node)).filter(|path| path != entries.path(entry));
    let target = target.filter(|target| target != entries.target(entry));
    if path.is_none() && target.is_none() {
        return push_copy(pieces, tree, at);
    }
    pieces.push(Piece::Remade(Box::new(Remade {
        from: at,
        path,
        target,
        content: Content::Stored,
        mtime: None,
    })));
}
