//! Lays the layers out: entries by path, so that a layer's bytes follow from what it holds alone.
//!
//! A directory's time changes with anything in it, and each layer must describe the directories above what it holds, since
//! some runtimes make up others (docker's overlay2). So all layers describe directories without their times, and the
//! last ones, which hold nothing else, describe each as it is: the topmost entry wins, and no other layer changes with
//! them. Package managers date even directories of a single package by the build, so none is excepted.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::layer::Kind;
use crate::tree::NodeId;

use super::super::links::Links;
use super::super::{Piece, Subject, push_as_it_is};
use super::follow::Taken;
use super::group::Class;
use super::places;
use super::share::{Shared, directory_layers};

/// A layer's title and what it holds.
pub(super) type Laid = (String, Vec<Piece>);

/// Lays out all layers, those of directories last.
pub(super) fn lay(
    subject: &Subject<'_>,
    shared: &Shared,
    taken: &[Taken],
    max: usize,
) -> Vec<Laid> {
    let ranks = Ranks::new(subject);
    let Shared { shares, volatile } = shared;
    let volatile = self::volatile(subject, volatile, directory_layers(max));
    let taken = taken.iter();
    let mut laid: Vec<Laid> = taken
        .map(|one| (one.title.clone(), one.pieces.clone()))
        .collect();
    if directory_layers(max) == 0 {
        let all = ranks.directories.iter().copied().collect();
        let items = shares.iter().flat_map(|share| &share.items);
        let mut pieces = directories(subject, &ranks, &all, |_| true);
        pieces.extend(files(subject, items.map(|item| &item.names[..])));
        return vec![("all".to_owned(), pieces)];
    }
    for share in shares {
        let names = share.items.iter().flat_map(|item| &item.names);
        let above = above(subject, names.copied());
        let mut pieces = directories(subject, &ranks, &above, |_| false);
        pieces.extend(files(
            subject,
            share.items.iter().map(|item| &item.names[..]),
        ));
        laid.push((share.title.clone(), pieces));
    }
    laid.sort_by_key(|(title, _)| Class::of_title(title));
    let all: BTreeSet<NodeId> = ranks.directories.iter().copied().collect();
    let (last, stable): (Vec<NodeId>, Vec<NodeId>) =
        all.iter().partition(|node| volatile.contains(node));
    for (title, own) in [("directories of packages", stable), ("directories", last)] {
        let own: HashSet<NodeId> = own.into_iter().collect();
        if own.is_empty() {
            continue;
        }
        let mut wanted = above(subject, own.iter().copied());
        wanted.extend(&own);
        let pieces = directories(subject, &ranks, &wanted, |node| own.contains(&node));
        laid.push((title.to_owned(), pieces));
    }
    // An image must have a layer (image-spec manifest.md).
    if laid.is_empty() {
        laid.push(("directories".to_owned(), Vec::new()));
    }
    laid
}

/// The directories that stay, and the place of each in the order of paths.
struct Ranks {
    directories: Vec<NodeId>,
    by_node: BTreeMap<NodeId, usize>,
}

impl Ranks {
    fn new(subject: &Subject<'_>) -> Self {
        let tree = subject.tree;
        let is_there = |&node: &NodeId| subject.stays(node) && tree.kind(node) == Kind::Dir;
        let root = tree.made_by(NodeId::ROOT).map(|_| NodeId::ROOT);
        let directories: Vec<NodeId> = root
            .into_iter()
            .chain(tree.walk().filter(is_there))
            .filter(|&node| is_told(subject, node))
            .collect();
        let by_node = directories.iter().enumerate();
        Self {
            by_node: by_node.map(|(rank, &node)| (node, rank)).collect(),
            directories,
        }
    }
}

/// Whether the result must say of a directory that it is there: an entry describes it, or nothing in it implies it.
fn is_told(subject: &Subject<'_>, node: NodeId) -> bool {
    let tree = subject.tree;
    tree.made_by(node).is_some() || !tree.children(node).any(|(_, child)| subject.stays(child))
}

/// The directories above these paths.
fn above(subject: &Subject<'_>, nodes: impl Iterator<Item = NodeId>) -> BTreeSet<NodeId> {
    let mut above = BTreeSet::new();
    for node in nodes {
        let mut at = node;
        while at != NodeId::ROOT {
            at = subject.tree.parent(at);
            if !above.insert(at) {
                break;
            }
        }
    }
    above
}

/// The directories above what often changes, and empty ones where applications lie; all where there is one layer for them.
/// With a directory those above it are among them: the last layer describes them too.
fn volatile(subject: &Subject<'_>, files: &[NodeId], layers: usize) -> BTreeSet<NodeId> {
    let tree = subject.tree;
    let is_it = |&node: &NodeId| {
        let is_directory = subject.stays(node) && tree.kind(node) == Kind::Dir;
        is_directory
            && (layers < 2 || {
                let is_empty = !tree.children(node).any(|(_, child)| subject.stays(child));
                is_empty && !places::is_of_the_system(&tree.path(node))
            })
    };
    let directories: BTreeSet<NodeId> = tree.walk().filter(is_it).collect();
    let mut volatile = above(subject, files.iter().chain(&directories).copied());
    volatile.extend(directories);
    volatile.insert(NodeId::ROOT);
    volatile
}

/// Directories by path, as they are where `whole` says so, and without their times elsewhere.
fn directories(
    subject: &Subject<'_>,
    ranks: &Ranks,
    wanted: &BTreeSet<NodeId>,
    whole: impl Fn(NodeId) -> bool,
) -> Vec<Piece> {
    let tree = subject.tree;
    let ranked = wanted
        .iter()
        .filter_map(|node| Some((*ranks.by_node.get(node)?, *node)));
    let mut ranked: Vec<(usize, NodeId)> = ranked.collect();
    ranked.sort_unstable();
    let mut pieces = Vec::new();
    for (_, node) in ranked {
        match tree.made_by(node) {
            None => pieces.push(Piece::Directory(tree.path(node))),
            Some(at) if whole(node) => push_as_it_is(subject, &mut pieces, at, node),
            Some(from) => pieces.push(Piece::Parent {
                from,
                path: tree.path(node),
            }),
        }
    }
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
