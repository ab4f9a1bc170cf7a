//! Cuts what goes out of one layer and leaves the rest where it lies.

use std::collections::BTreeSet;

use crate::layer::Kind;
use crate::tree::{EntryRef, Event};

use super::links::Links;
use super::{Piece, Subject};

/// Plans a layer in its own place; `None` when nothing goes from it and nothing in it changes.
///
/// A directory's entry stays in every layer that describes the directory: it costs nothing, and dropping it
/// would rewrite nearly every layer of nearly every image for no gain.
pub(super) fn rewrite(
    subject: &Subject<'_>,
    layer: usize,
    mut whiteouts: BTreeSet<Vec<u8>>,
    links: &mut Links,
) -> Option<Vec<Piece>> {
    let entries = &subject.tree.layers()[layer];
    let mut pieces = Vec::new();
    let mut changed = false;
    for at in subject.entries(layer) {
        let entry = subject.tree.entry(at);
        if entry.kind == Kind::Whiteout && whiteouts.remove(entries.path(entry)) {
            super::push_copy(&mut pieces, subject.tree, at);
        } else if let Some(node) = subject.node(at).filter(|_| stays(subject, at)) {
            if subject.tree.made_by(node) == Some(at) {
                links.push(subject, &mut pieces, at, node);
            } else {
                super::push_as_it_is(subject, &mut pieces, at, node);
            }
        } else {
            changed = true;
        }
    }
    // Empty where nothing goes: what implied them is there still.
    pieces.extend(subject.bare(&[layer]));
    changed |= !whiteouts.is_empty()
        || pieces
            .iter()
            .any(|piece| !matches!(piece, Piece::Copy { .. }));
    // Markers first: c/storage applies a whiteout to entries that came before it.
    pieces.splice(0..0, whiteouts.into_iter().map(Piece::Whiteout));
    changed.then_some(pieces)
}

/// Whether the entry is in the result: it made what is there, or it describes a directory that is there still.
fn stays(subject: &Subject<'_>, at: EntryRef) -> bool {
    let Some(node) = subject.node(at).filter(|&node| subject.stays(node)) else {
        return false;
    };
    let describes = |entry: EntryRef| {
        subject.tree.entry(entry).kind == Kind::Dir && subject.tree.kind(node) == Kind::Dir
    };
    // All that came after must have described the same directory.
    let is_the_same = || {
        let mut later = subject
            .tree
            .life(node)
            .skip_while(|event| *event != Event::Wrote(at))
            .skip(1);
        later.all(|event| matches!(event, Event::Wrote(by) if describes(by)))
    };
    subject.tree.made_by(node) == Some(at) || (describes(at) && is_the_same())
}
