//! Puts files that are alike side by side, whatever class they are of: a decoder's window reaches from one to the other.
//!
//! A file follows the one before it, by layer and path, that it has most marks in common with.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::tree::{EntryRef, Tree};

use super::super::Holds;
use super::group::Item;
use super::share::Share;

/// Marks of files, by the entry that holds the bytes: hashes of short stretches that are picked by what they hold.
///
/// Files that have many in common have long stretches in common, wherever in the files those lie.
pub type Marks = HashMap<EntryRef, Vec<u64>>;

/// Fewer in common are chance.
const FEW: usize = 4;
/// Two files are alike where one of them has one mark in so many in common with the other.
const PART: usize = 8;
/// What the title of a layer says that holds files of other classes too.
const ALIKE: &str = ", and what is like it";

/// Where less than one byte in so many is of files that follow another, a layer is not said to repeat itself.
const LITTLE: u64 = 16;

/// Moves files to those that they are like; a share that is left empty goes.
pub(super) fn gather(shares: Vec<Share>, tree: &Tree, marks: &Marks) -> Vec<Share> {
    let mut gathered = Vec::new();
    let mut items: Vec<(usize, Option<Item>)> = Vec::new();
    for (number, share) in shares.into_iter().enumerate() {
        items.extend(share.items.into_iter().map(|item| (number, Some(item))));
        gathered.push(Gathered::new(share.holds));
    }
    let of = |(_, item): &(usize, Option<Item>)| {
        let data = item.as_ref().and_then(|item| tree.data(item.names[0]));
        let marks = data.and_then(|data| marks.get(&data));
        marks.map_or(&[][..], Vec::as_slice)
    };
    let leaders = leaders(&items.iter().map(of).collect::<Vec<_>>());
    for (file, first) in order(&leaders) {
        let share = &mut gathered[items[first].0];
        share.is_mixed |= items[file].0 != items[first].0;
        share.push(
            items[file].1.take().expect("each comes once"),
            file != first,
        );
    }
    let shares = gathered.into_iter().filter_map(Gathered::share);
    shares.collect()
}

/// A share to be.
struct Gathered {
    holds: Holds,
    items: Vec<Item>,
    /// Whether there are files of other shares in it.
    is_mixed: bool,
    /// Bytes of files, and of those that follow another.
    bytes: u64,
    following: u64,
}

impl Gathered {
    fn new(holds: Holds) -> Self {
        Self {
            holds,
            items: Vec::new(),
            is_mixed: false,
            bytes: 0,
            following: 0,
        }
    }

    fn push(&mut self, item: Item, follows: bool) {
        self.bytes += item.bytes();
        if follows {
            self.following += item.bytes();
        }
        self.items.push(item);
    }

    fn share(mut self) -> Option<Share> {
        if self.is_mixed {
            self.holds.title.push_str(ALIKE);
        }
        self.holds.repeats = self.following * LITTLE > self.bytes;
        let Self { holds, items, .. } = self;
        (!items.is_empty()).then_some(Share { holds, items })
    }
}

/// By file: the one before it that it is most like.
fn leaders(all: &[&[u64]]) -> Vec<Option<usize>> {
    let marks = all.iter().enumerate();
    let mut marks: Vec<(u64, usize)> = marks
        .flat_map(|(file, marks)| marks.iter().map(move |&mark| (mark, file)))
        .collect();
    marks.par_sort_unstable();
    // With what many files have each is like the last one before it alone: pairs are no more than marks.
    let pairs = marks.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    let mut pairs: Vec<(usize, usize)> = pairs.map(|pair| (pair[1].1, pair[0].1)).collect();
    pairs.par_sort_unstable();
    let mut leaders: Vec<Option<(usize, usize)>> = vec![None; all.len()];
    for same in pairs.chunk_by(|a, b| a == b) {
        let ((file, before), common) = (same[0], same.len());
        let is_alike = common >= FEW && common * PART >= all[file].len().min(all[before].len());
        if is_alike && leaders[file].is_none_or(|(most, _)| common > most) {
            leaders[file] = Some((common, before));
        }
    }
    let leaders = leaders.into_iter();
    leaders
        .map(|leader| leader.map(|(_, before)| before))
        .collect()
}

/// All files, each with the first of those that it follows: what follows a file comes right behind it.
fn order(leaders: &[Option<usize>]) -> Vec<(usize, usize)> {
    let mut followers = vec![Vec::new(); leaders.len()];
    for (file, leader) in leaders.iter().enumerate() {
        if let Some(leader) = leader {
            followers[*leader].push(file);
        }
    }
    let mut order = Vec::new();
    for first in (0..leaders.len()).filter(|&file| leaders[file].is_none()) {
        let mut next = vec![first];
        while let Some(file) = next.pop() {
            order.push((file, first));
            next.extend(followers[file].iter().rev());
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_follows_the_one_that_it_is_most_like() {
        let own: Vec<u64> = (0..8).collect();
        let other: Vec<u64> = (10..30).collect();
        let half: Vec<u64> = (4..8).chain(40..44).collect();
        let chance: Vec<u64> = (10..13).chain(50..60).collect();
        let both: Vec<u64> = (4..8).chain(15..25).collect();
        let all = [&own[..], &other, &half, &chance, &both, &own];
        let leaders = leaders(&all);
        assert_eq!(leaders, [None, None, Some(0), None, Some(1), Some(0)]);
        assert_eq!(
            order(&leaders),
            [(0, 0), (2, 0), (5, 0), (1, 1), (4, 1), (3, 3)]
        );
    }

    #[test]
    fn what_a_large_file_has_of_a_small_one_makes_them_alike() {
        let large: Vec<u64> = (0..1000).collect();
        let small: Vec<u64> = (500..504).collect();
        assert_eq!(leaders(&[&large, &small]), [None, Some(0)]);
        assert_eq!(leaders(&[&small, &large]), [None, Some(0)]);
        let eighth: Vec<u64> = (500..504).chain(2000..2029).collect();
        assert_eq!(leaders(&[&large, &eighth]), [None, None]);
    }
}
