//! Where directories are described.
//!
//! A directory's time changes with anything in it, and each layer must describe the directories above what it holds, since
//! some runtimes make up others (docker's overlay2). So all layers describe directories without their times, and the
//! last ones, which hold nothing else, describe each as it is: the topmost entry wins, and no other layer changes with
//! them. Package managers date even directories of a single package by the build, so those are no exception. But what a
//! build step made is dated by it anyway: directories of nothing else are described where that is, and nowhere else.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::layer::Kind;
use crate::tree::{NodeId, Tree};

use super::super::{Piece, Subject, push_as_it_is};
use super::follow::Taken;
use super::places;
use super::share::Share;

/// The directories that the layers of groups describe, and where.
pub(super) struct Directories<'a> {
    subject: &'a Subject<'a>,
    /// By path.
    list: Vec<NodeId>,
    /// The place of each in the list.
    ranks: BTreeMap<NodeId, usize>,
    /// The share of a build step that holds all that is in a directory; those that were taken come after the others.
    holders: HashMap<NodeId, usize>,
    /// Those that layers on top describe.
    on_top: HashSet<NodeId>,
}

impl<'a> Directories<'a> {
    pub(super) fn new(
        subject: &'a Subject<'a>,
        shares: &[Share],
        taken: &[Taken],
        tops: &BTreeSet<usize>,
    ) -> Self {
        let tree = subject.tree;
        let is_there = |&node: &NodeId| subject.stays(node) && tree.kind(node) == Kind::Dir;
        let root = tree.made_by(NodeId::ROOT).map(|_| NodeId::ROOT);
        let list: Vec<NodeId> = root
            .into_iter()
            .chain(tree.walk().filter(is_there))
            .filter(|&node| is_told(subject, node))
            .collect();
        let is_on_top = |node: &&NodeId| {
            let made = tree
                .made_by(**node)
                .map_or(tree.since(**node), |at| at.layer);
            tops.contains(&usize::from(made))
        };
        let ranks = list.iter().enumerate();
        Self {
            subject,
            ranks: ranks.map(|(rank, &node)| (node, rank)).collect(),
            holders: holders(subject, shares, taken, &list),
            on_top: list.iter().filter(is_on_top).copied().collect(),
            list,
        }
    }

    /// All directories as they are.
    pub(super) fn all(&self) -> Vec<Piece> {
        self.pieces(&self.list.iter().copied().collect(), |_| true)
    }

    /// Those of a share: above its files, and as they are where nothing else is in them.
    pub(super) fn of(&self, number: usize, share: &Share) -> Vec<Piece> {
        let mut wanted = above(self.subject, share.nodes());
        let own = self.holders.iter().filter(|(_, holder)| **holder == number);
        wanted.extend(own.map(|(&node, _)| node));
        let is_own =
            |node| self.holders.get(&node) == Some(&number) && !self.on_top.contains(&node);
        self.pieces(&wanted, is_own)
    }

    /// The last layers, which describe all that no other does, from stable to volatile: in at most two `layers`.
    pub(super) fn rest(&self, volatile: &[NodeId], layers: usize) -> Vec<(String, Vec<Piece>)> {
        let volatile = self.volatile(volatile, layers);
        let rest = self.list.iter().copied();
        let rest =
            rest.filter(|node| !self.holders.contains_key(node) && !self.on_top.contains(node));
        let (last, stable): (Vec<NodeId>, Vec<NodeId>) =
            rest.partition(|node| volatile.contains(node));
        let both = [("directories of packages", stable), ("directories", last)];
        let both = both.into_iter().filter(|(_, own)| !own.is_empty());
        both.map(|(title, own)| {
            let own: HashSet<NodeId> = own.into_iter().collect();
            let mut wanted = above(self.subject, own.iter().copied());
            wanted.extend(&own);
            (
                title.to_owned(),
                self.pieces(&wanted, |node| own.contains(&node)),
            )
        })
        .collect()
    }

    /// The directories above what often changes, and empty ones where applications lie; all where there is one layer for
    /// them. With a directory those above it are among them: the last layer describes them too.
    fn volatile(&self, files: &[NodeId], layers: usize) -> BTreeSet<NodeId> {
        let (subject, tree) = (self.subject, self.subject.tree);
        let is_it = |&node: &NodeId| {
            let is_directory = subject.stays(node) && tree.kind(node) == Kind::Dir;
            is_directory
                && (layers < 2
                    || (subject.is_empty(node) && !places::is_of_the_system(&tree.path(node))))
        };
        let directories: BTreeSet<NodeId> = tree.walk().filter(is_it).collect();
        let mut volatile = above(subject, files.iter().chain(&directories).copied());
        volatile.extend(directories);
        volatile.insert(NodeId::ROOT);
        volatile
    }

    /// Directories by path, as they are where `whole` says so, and without their times elsewhere.
    fn pieces(&self, wanted: &BTreeSet<NodeId>, whole: impl Fn(NodeId) -> bool) -> Vec<Piece> {
        let tree = self.subject.tree;
        let ranked = wanted.iter();
        let ranked = ranked.filter_map(|node| Some((*self.ranks.get(node)?, *node)));
        let mut ranked: Vec<(usize, NodeId)> = ranked.collect();
        ranked.sort_unstable();
        let mut pieces = Vec::new();
        for (_, node) in ranked {
            match tree.made_by(node) {
                None => pieces.push(Piece::Directory(tree.path(node))),
                Some(at) if whole(node) => push_as_it_is(self.subject, &mut pieces, at, node),
                Some(from) => pieces.push(Piece::Parent {
                    from,
                    path: tree.path(node),
                }),
            }
        }
        pieces
    }
}

/// Whether the result must say of a directory that it is there: an entry describes it, or nothing in it implies it.
fn is_told(subject: &Subject<'_>, node: NodeId) -> bool {
    subject.tree.made_by(node).is_some() || subject.is_empty(node)
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

/// By directory: the share of a build step that holds all files below it. Empty directories go with the one they are in.
fn holders(
    subject: &Subject<'_>,
    shares: &[Share],
    taken: &[Taken],
    list: &[NodeId],
) -> HashMap<NodeId, usize> {
    let tree = subject.tree;
    let built = shares.iter().enumerate();
    let built = built.filter(|(_, share)| share.is_built());
    let mut of: HashMap<NodeId, usize> = built
        .flat_map(|(number, share)| share.nodes().map(move |node| (node, number)))
        .collect();
    for (number, taken) in (shares.len()..).zip(taken) {
        of.extend(taken.nodes.iter().map(|&node| (node, number)));
    }
    let mut holders: HashMap<NodeId, Option<usize>> = HashMap::new();
    for node in tree.walk() {
        if subject.stays(node) && tree.kind(node) != Kind::Dir {
            hold(tree, &mut holders, node, of.get(&node).copied());
        }
    }
    // Those too that nothing describes, as what they hold is with what is above them.
    for node in tree.walk() {
        if subject.stays(node) && tree.kind(node) == Kind::Dir {
            let parent = holders.get(&tree.parent(node)).copied().flatten();
            holders.entry(node).or_insert(parent);
        }
    }
    let describes = |node: &NodeId, number: usize| {
        let place = number.checked_sub(shares.len());
        place.is_none_or(|place| taken[place].directories.contains(node))
    };
    let held = holders.into_iter();
    let held = held.filter_map(|(node, holder)| Some((node, holder?)));
    let mut held: HashMap<NodeId, usize> = held
        .filter(|(node, holder)| describes(node, *holder))
        .collect();
    // Whoever describes another directory describes those above it too, without their times.
    let others: Vec<NodeId> = list
        .iter()
        .copied()
        .filter(|node| !held.contains_key(node))
        .collect();
    for above in above(subject, others.into_iter()) {
        held.remove(&above);
    }
    held
}

/// Notes for all directories above a file who holds it, and that nobody holds them where it was another before.
fn hold(
    tree: &Tree,
    holders: &mut HashMap<NodeId, Option<usize>>,
    node: NodeId,
    mut holder: Option<usize>,
) {
    let mut at = node;
    while at != NodeId::ROOT {
        at = tree.parent(at);
        match holders.insert(at, holder) {
            Some(before) if before == holder => break,
            Some(_) => {
                holder = None;
                holders.insert(at, holder);
            }
            None => {}
        }
    }
}
