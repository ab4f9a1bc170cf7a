//! Lays the layers out: entries by path, so that a layer's bytes follow from what it holds alone.

use std::collections::BTreeSet;

use crate::tree::NodeId;

use super::super::links::Links;
use super::super::{Holds, Piece, Subject};
use super::class::Class;
use super::directories::Directories;
use super::follow::Taken;
use super::share::{Shared, directory_layers};

/// What a layer holds, for people and in pieces.
pub(super) type Laid = (Holds, Vec<Piece>);

/// As little as is known of a layer.
pub(super) fn holds(title: impl Into<String>) -> Holds {
    Holds {
        title: title.into(),
        repeats: true,
    }
}

/// Lays out all layers, those of directories last; the layers on `tops` lie above them.
pub(super) fn lay(
    subject: &Subject<'_>,
    shared: &Shared,
    tops: &BTreeSet<usize>,
    taken: &[Taken],
    max: usize,
) -> Vec<Laid> {
    let shares = &shared.shares;
    if directory_layers(max) == 0 {
        return vec![(holds("all"), all(subject, shared))];
    }
    let directories = Directories::new(subject, shares, taken, tops);
    let taken = taken.iter();
    let mut laid: Vec<Laid> = taken
        .map(|one| (holds(&*one.title), one.pieces.clone()))
        .collect();
    for (number, share) in shares.iter().enumerate() {
        let mut pieces = directories.of(number, share);
        let names = share.items.iter().map(|item| &item.names[..]);
        pieces.extend(files(subject, names));
        laid.push((share.holds.clone(), pieces));
    }
    laid.sort_by_key(|(holds, _)| Class::of_title(&holds.title));
    let rest = directories.rest(&shared.volatile, directory_layers(max));
    laid.extend(
        rest.into_iter()
            .map(|(title, pieces)| (holds(title), pieces)),
    );
    // An image must have a layer (image-spec manifest.md).
    if laid.is_empty() && tops.is_empty() {
        laid.push((holds("directories"), Vec::new()));
    }
    laid
}

/// The one layer that there may be.
fn all(subject: &Subject<'_>, shared: &Shared) -> Vec<Piece> {
    let items = shared.shares.iter().flat_map(|share| &share.items);
    let mut pieces = Directories::new(subject, &[], &[], &BTreeSet::new()).all();
    pieces.extend(files(subject, items.map(|item| &item.names[..])));
    pieces
}

/// Files by path; of several names the one that holds the bytes comes first, and the others follow it.
fn files<'a>(subject: &Subject<'_>, items: impl Iterator<Item = &'a [NodeId]>) -> Vec<Piece> {
    let (mut pieces, mut links) = (Vec::new(), Links::default());
    for names in items {
        let holds = |node: &&NodeId| subject.tree.made_by(**node) == subject.tree.data(**node);
        let first = names.iter().find(holds).or(names.first());
        let others = names.iter().filter(|node| Some(*node) != first);
        for &node in first.into_iter().chain(others) {
            if let Some(at) = subject.tree.made_by(node) {
                links.push(subject, &mut pieces, at, node);
            }
        }
    }
    pieces
}
