//! Spreads groups over layers: large ones have one each, small ones lie in buckets by the hash of their names.
//!
//! Where a group lies follows from its own name and size. Only where there would be more layers than may be, groups give up
//! their own layers for the buckets, no more of them than there are layers too many: those of the least power of two of
//! bytes, by the hash of their names. So what comes or goes elsewhere moves one group, not all.

use std::collections::{BTreeSet, HashMap};

use crate::path;

use super::class::{self, Class, Group};
use super::group::LARGE;

/// What a layer must hold to count, in bytes of files: a file more or less elsewhere must not move a group. Layers of less are
/// joined with neighbours where there are too many.
const LEAST: u64 = LARGE / 64;

/// Where a group lies; the order is from stable to volatile.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
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
    fn own(group: &Group) -> Self {
        let (class, at) = (group.class, At::Own(group.name.clone()));
        Self { class, at }
    }

    fn shared(group: &Group, buckets: u32) -> Self {
        let class = group.class;
        let count = buckets_of(class, buckets);
        let at = match class {
            // What several steps made does not change together, so they share a layer only where they made next to nothing.
            Class::Built => At::Own(Vec::new()),
            _ => At::Bucket(class::hash(&group.name) % count, count),
        };
        Self { class, at }
    }

    pub(super) fn title(&self) -> String {
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
        Class::Application => (buckets * 2).max(1),
        Class::Package | Class::Language => buckets.max(1),
        Class::Base | Class::Record => (buckets / 2).max(1),
        Class::Configuration | Class::Built => 1,
    }
}

/// Spreads groups of these sizes, in bytes of files, over at most `room` layers that count, of which there may be `max` in
/// all. There are more where one bucket a class is too many.
pub(super) fn spread(
    sizes: &HashMap<Group, u64>,
    room: usize,
    max: usize,
) -> HashMap<&Group, Place> {
    // A power of two, so that half as many buckets are pairs of what there were; at 0 each class has one.
    let mut buckets = 1 << (u32::try_from(max).unwrap_or(u32::MAX).max(8) / 8).ilog2();
    let mut large: BTreeSet<Weighed<'_>> = sizes.iter().filter_map(by_weight).collect();
    loop {
        let mut layers = Layers::new(sizes, &large, buckets);
        while layers.count() > room {
            let Some((.., group)) = large.pop_first() else {
                break;
            };
            layers.put(group, sizes[group], Place::shared(group, buckets));
        }
        if layers.count() <= room || buckets == 0 {
            return layers.places;
        }
        buckets /= 2;
    }
}

/// The power of two of a large group's bytes, the hash of its name, and the group.
type Weighed<'a> = (u32, u32, &'a Group);

/// A group that is large, behind those that give up their own layers before it.
fn by_weight<'a>((group, &bytes): (&'a Group, &u64)) -> Option<Weighed<'a>> {
    let weight = match group.class {
        Class::Built => bytes.saturating_mul(LARGE / LEAST),
        _ => bytes,
    };
    (weight >= LARGE).then(|| (weight.ilog2(), class::hash(&group.name), group))
}

/// Layers as they come about.
#[derive(Default)]
struct Layers<'a> {
    places: HashMap<&'a Group, Place>,
    sizes: HashMap<Place, u64>,
}

impl<'a> Layers<'a> {
    fn new(sizes: &'a HashMap<Group, u64>, large: &BTreeSet<Weighed<'a>>, buckets: u32) -> Self {
        let mut layers = Self::default();
        for (group, &bytes) in sizes {
            layers.put(group, bytes, Place::shared(group, buckets));
        }
        for &(.., group) in large {
            layers.put(group, sizes[group], Place::own(group));
        }
        layers
    }

    /// Puts a group where it lies from now on.
    fn put(&mut self, group: &'a Group, bytes: u64, place: Place) {
        *self.sizes.entry(place.clone()).or_default() += bytes;
        if let Some(before) = self.places.insert(group, place) {
            *self.sizes.entry(before).or_default() -= bytes;
        }
    }

    /// How many of them count.
    fn count(&self) -> usize {
        self.sizes.values().filter(|&&size| size >= LEAST).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(class: Class, name: &str) -> Group {
        Group::new(class, name.as_bytes())
    }

    /// Many packages of some 4 to 68 MiB, and small ones.
    fn packages(count: u64) -> HashMap<Group, u64> {
        let large = (0..count).map(|n| (format!("large {n}"), LARGE * (1 + n % 17)));
        let small = (0..100).map(|n| (format!("small {n}"), LARGE / 2));
        let all = large.chain(small);
        all.map(|(name, size)| (group(Class::Package, &name), size))
            .collect()
    }

    fn owners(spread: &HashMap<&Group, Place>) -> usize {
        let own = |place: &&Place| matches!(place.at, At::Own(_));
        spread.values().filter(own).count()
    }

    #[test]
    fn a_place_follows_from_name_and_size() {
        let glibc = group(Class::Package, "glibc");
        let place = |bytes| {
            let sizes = HashMap::from([(glibc.clone(), bytes)]);
            spread(&sizes, 32, 32)[&glibc].clone()
        };
        assert_eq!(place(LARGE).title(), "packages: glibc");
        assert!(matches!(place(LARGE - 1).at, At::Bucket(_, 4)));
    }

    #[test]
    fn half_as_many_buckets_are_pairs() {
        let glibc = group(Class::Package, "glibc");
        let number = |buckets| match Place::shared(&glibc, buckets).at {
            At::Bucket(number, count) if count == buckets => number,
            at => panic!("{at:?}"),
        };
        for buckets in [16, 8, 4, 2] {
            assert_eq!(number(buckets / 2), number(buckets) % (buckets / 2));
        }
    }

    #[test]
    fn one_group_moves_for_each_layer_too_many() {
        let sizes = packages(28);
        let fit = spread(&sizes, 32, 32);
        assert_eq!(owners(&fit), 28);
        for more in 1..20 {
            let sizes = packages(28 + more);
            let full = spread(&sizes, 32, 32);
            assert_eq!(owners(&full), 28);
            let moved = fit.iter().filter(|&(group, place)| full[*group] != *place);
            let moved = moved.count();
            assert!(moved <= usize::try_from(more).unwrap(), "{moved} of {more}");
        }
    }

    #[test]
    fn the_smallest_give_up_their_layers_first() {
        let sizes = packages(100);
        let spread = spread(&sizes, 20, 32);
        let of = |is_own: bool| {
            let own = move |place: &Place| matches!(place.at, At::Own(_)) == is_own;
            let of = spread.iter().filter(move |(_, place)| own(place));
            of.map(|(group, _)| sizes[*group].ilog2())
        };
        assert_eq!(owners(&spread), 16);
        assert!(of(true).min() >= of(false).max());
    }

    #[test]
    fn what_holds_next_to_nothing_does_not_count() {
        let mut sizes = packages(28);
        let step = group(Class::Built, "step 3");
        let mut owners_with = |bytes| {
            sizes.insert(step.clone(), bytes);
            owners(&spread(&sizes, 32, 32))
        };
        assert_eq!(owners_with(LEAST - 1), 28 + 1);
        assert_eq!(owners_with(LEAST), 28);
    }

    #[test]
    fn buckets_are_fewer_where_there_is_no_room() {
        let sizes = packages(3);
        let titles = |room| {
            let spread = spread(&sizes, room, 32);
            let titles = spread.values().map(Place::title);
            titles.collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(titles(4).len(), 4);
        assert_eq!(titles(3).len(), 2);
        assert_eq!(titles(1).len(), 1);
    }

    #[test]
    fn classes_go_from_stable_to_volatile() {
        let place = |class| Place::shared(&group(class, "x"), 1);
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
