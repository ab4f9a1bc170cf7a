//! Shares groups out among layers: large ones have one each, small ones lie in buckets by the hash of their names.
//!
//! A group's layer follows from its own name and size. Only where there would be more layers than may be, all that is
//! large is measured by twice the size, again and again: a change elsewhere moves a group when it crosses that step alone.
//! Layers that hold next to nothing do not count for that, and are joined with neighbours where there are too many.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::path;
use crate::tree::NodeId;

use super::super::{Holds, Subject};
use super::class::{self, Class, Group};
use super::follow::Taken;
use super::group::{self, Cut, Item};
use super::lay::holds;
use super::owners::Owners;

/// What is large where there are layers enough, in bytes of files.
///
/// Measured (`benches/regroup.sh`): at 4 MiB the base images of Debian come to some ten layers of their own and what is in
/// the buckets is a few MB each.
pub(super) const LARGE: u64 = 4 << 20;

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

/// Where a group lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place {
    class: Class,
    at: At,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum At {
    /// A layer of its own.
    Own(Vec<u8>),
    /// One of so many buckets.
    Bucket(u32, u32),
}

impl Place {
    fn of(group: &Group, bytes: u64, cut: Cut, buckets: u32) -> Self {
        let class = group.class;
        let count = buckets_of(class, buckets);
        let at = match class {
            // What several steps made does not change together, so they share a layer where they made next to nothing.
            Class::Built if bytes < cut.own() / 64 => At::Own(Vec::new()),
            Class::Built => At::Own(group.name.clone()),
            _ if bytes >= cut.own() => At::Own(group.name.clone()),
            _ => At::Bucket(class::hash(&group.name) % count, count),
        };
        Self { class, at }
    }

    fn title(&self) -> String {
        let class = self.class.title();
        match &self.at {
            At::Own(name) if name.is_empty() => class.to_owned(),
            At::Own(name) => format!("{class}: {}", path::display(name)),
            At::Bucket(_, 1) => class.to_owned(),
            At::Bucket(number, count) => format!("{class}, {} of {count}", number + 1),
        }
    }
}

/// How many buckets a class has.
fn buckets_of(class: Class, buckets: u32) -> u32 {
    match class {
        Class::Application => buckets * 2,
        Class::Package | Class::Language => buckets,
        Class::Base | Class::Record => (buckets / 2).max(1),
        Class::Configuration | Class::Built => 1,
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
    let largest: u64 = items.iter().map(Item::bytes).sum();
    let mut cut = Cut(LARGE);
    // A power of two, so that half as many buckets are pairs of what there were.
    let mut buckets = 1 << (u32::try_from(max).unwrap_or(u32::MAX).max(8) / 8).ilog2();
    let places = loop {
        let (groups, sizes) = group::groups(subject.tree, &items, cut);
        let place = |group| Place::of(group, sizes[group], cut, buckets);
        let places: Vec<Place> = groups.iter().map(place).collect();
        if count(places.iter().zip(items.iter().map(Item::bytes)), cut) <= room
            || (cut.own() / 64 > largest && buckets == 1)
        {
            break places;
        }
        if cut.own() > largest && buckets > 1 {
            buckets /= 2;
        } else {
            cut = Cut(cut.own() * 2);
        }
    };
    let mut shares: BTreeMap<Place, Vec<Item>> = BTreeMap::new();
    for (place, item) in places.into_iter().zip(items) {
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

/// How many layers these places are, without those that hold next to nothing: a file more or less must not change what counts
/// as large, and they are soon joined.
fn count<'a>(files: impl Iterator<Item = (&'a Place, u64)>, cut: Cut) -> usize {
    let mut sizes: HashMap<&Place, u64> = HashMap::new();
    for (place, bytes) in files {
        *sizes.entry(place).or_default() += bytes;
    }
    sizes
        .values()
        .filter(|&&size| size >= cut.own() / 64)
        .count()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn group(class: Class, name: &str) -> Group {
        Group {
            class,
            name: name.into(),
        }
    }

    #[test]
    fn a_place_follows_from_name_and_size() {
        let glibc = group(Class::Package, "glibc");
        let large = Place::of(&glibc, LARGE, Cut(LARGE), 4);
        assert_eq!(large.at, At::Own(b"glibc".to_vec()));
        assert_eq!(large.title(), "packages: glibc");
        let small = |buckets| match Place::of(&glibc, LARGE - 1, Cut(LARGE), buckets).at {
            At::Bucket(number, count) => (number, count),
            At::Own(_) => panic!("it is small"),
        };
        // Half as many buckets are pairs of what there were.
        for buckets in [16, 8, 4, 2] {
            assert_eq!(small(buckets / 2).0, small(buckets).0 % (buckets / 2));
            assert_eq!(small(buckets).1, buckets);
        }
    }

    #[test]
    fn what_holds_next_to_nothing_does_not_count() {
        let place = |name| Place {
            class: Class::Package,
            at: At::Own(vec![name]),
        };
        let least = LARGE / 64;
        let files = [
            (b'a', LARGE),
            (b'b', least - 1),
            (b'c', least / 2),
            (b'c', least / 2),
        ];
        let files = files.map(|(name, bytes)| (place(name), bytes));
        let counted = |files: &[(Place, u64)]| {
            let files = files.iter().map(|(place, bytes)| (place, *bytes));
            count(files, Cut(LARGE))
        };
        assert_eq!(counted(&files), 2);
        assert_eq!(counted(&files[..2]), 1);
    }

    #[test]
    fn classes_go_from_stable_to_volatile() {
        let place = |class| Place::of(&group(class, "x"), 1, Cut(LARGE), 1);
        let classes = [
            Class::Package,
            Class::Base,
            Class::Language,
            Class::Built,
            Class::Application,
            Class::Configuration,
            Class::Record,
        ];
        let places: Vec<Place> = classes.into_iter().map(place).collect();
        assert!(places.is_sorted());
        for (place, class) in places.iter().zip(classes) {
            assert_eq!(Class::of_title(&place.title()), Some(class));
        }
    }
}
