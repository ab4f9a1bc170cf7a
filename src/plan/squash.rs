//! Joins layers into one: each path once, parents before what they hold, otherwise in the order of the source.

use std::collections::BTreeSet;

use crate::tree::{EntryRef, NodeId};

use super::links::Links;
use super::{Piece, Subject};

/// Plans one layer in place of `joined`, which lie one above the other.
pub(super) fn join(
    subject: &Subject<'_>,
    joined: &[usize],
    whiteouts: BTreeSet<Vec<u8>>,
    links: &mut Links,
) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = whiteouts.into_iter().map(Piece::Whiteout).collect();
    let mut done = vec![false; subject.tree.len()];
    for &layer in joined {
        for at in subject.entries(layer) {
            if let Some(node) = winner(subject, at) {
                push_with_parents(subject, joined, node, &mut done, &mut pieces, links);
            }
        }
    }
    pieces.extend(subject.bare(joined));
    pieces
}

/// The path that shows this entry in the result.
fn winner(subject: &Subject<'_>, at: EntryRef) -> Option<NodeId> {
    subject
        .node(at)
        .filter(|&node| subject.stays(node) && subject.tree.made_by(node) == Some(at))
}

/// Adds the entries of the directories above first: some readers make missing parents with other attributes.
fn push_with_parents(
    subject: &Subject<'_>,
    joined: &[usize],
    node: NodeId,
    done: &mut [bool],
    pieces: &mut Vec<Piece>,
    links: &mut Links,
) {
    let mut chain = Vec::new();
    let mut at = node;
    while !done[at.index()] {
        done[at.index()] = true;
        chain.push(at);
        at = subject.tree.parent(at);
    }
    for node in chain.into_iter().rev() {
        if let Some(at) = subject
            .tree
            .made_by(node)
            .filter(|at| joined.contains(&usize::from(at.layer)))
        {
            links.push(subject, pieces, at, node);
        }
    }
}
