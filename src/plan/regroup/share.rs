//! Shares the files of the result out among layers, from stable to volatile.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::tree::NodeId;

use super::super::{Holds, Subject};
use super::class::Class;
use super::follow::Taken;
use super::group::{self, Item};
use super::lay::holds;
use super::owners::Owners;
use super::spread::{Place, spread};

/// A layer to be.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) holds: Holds,
    /// Its files, by path.
    pub(super) items: Vec<Item>,
}

impl Share {
    /// Whether a step of the build made it.
    pub(super) fn is_built(&self) -> bool {
        Class::of_title(&self.holds.title) == Some(Class::Built)
    }

    /// The paths of its files.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.items
            .iter()
            .flat_map(|item| item.names.iter().copied())
    }
}

/// The number of layers that hold nothing but directories.
pub(super) fn directory_layers(max: usize) -> usize {
    match max {
        0 | 1 => 0,
        2..8 => 1,
        _ => 2,
    }
}

/// The files of the result, shared out.
#[derive(Debug)]
pub(super) struct Shared {
    /// From stable to volatile, without those that were taken before.
    pub(super) shares: Vec<Share>,
    /// All files that releases of an application change often, those that were taken among them.
    pub(super) volatile: Vec<NodeId>,
}

/// Shares the files that stay out among at most `max` layers, less those of directories, from stable to volatile.
pub(super) fn share(
    subject: &Subject<'_>,
    owners: &Owners,
    tops: &BTreeSet<usize>,
    taken: &[Taken],
    max: usize,
) -> Shared {
    let mut items = group::items(subject, owners, &owners.steps.among(max), tops);
    let volatile = items.iter().filter(|item| !item.is_stable());
    let volatile = volatile.flat_map(|item| item.names.clone()).collect();
    let gone: HashSet<NodeId> = taken
        .iter()
        .flat_map(|one| one.nodes.iter().copied())
        .collect();
    items.retain(|item| !gone.contains(&item.names[0]));
    let room = max
        .saturating_sub(directory_layers(max) + taken.len() + tops.len())
        .max(1);
    let (groups, sizes) = group::groups(subject.tree, &items, max);
    let places = spread(&sizes, room, max);
    let mut shares: BTreeMap<Place, Vec<Item>> = BTreeMap::new();
    for (group, item) in groups.iter().zip(items) {
        let place = places[group].clone();
        shares.entry(place).or_default().push(item);
    }
    let share = |(place, items): (Place, Vec<Item>)| Share {
        holds: holds(place.title()),
        items,
    };
    Shared {
        shares: fewer(shares.into_iter().map(share).collect(), room),
        volatile,
    }
}

/// Joins neighbours, those that are smallest together first, until there are at most `room`.
fn fewer(mut shares: Vec<Share>, room: usize) -> Vec<Share> {
    let bytes = |share: &Share| share.items.iter().map(Item::bytes).sum::<u64>();
    while shares.len() > room {
        let pairs = shares
            .windows(2)
            .map(|pair| bytes(&pair[0]) + bytes(&pair[1]));
        let smallest = pairs.enumerate().min_by_key(|&(_, size)| size);
        let Some((at, _)) = smallest else { break };
        let next = shares.remove(at + 1);
        let share = &mut shares[at];
        let (title, next_title) = (&share.holds.title, &next.holds.title);
        share.holds = holds(format!("{title}; {next_title}"));
        share.items.extend(next.items);
        share.items.sort_by(|a, b| a.order().cmp(&b.order()));
    }
    shares
}
