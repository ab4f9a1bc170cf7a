//! Which group each file of the result belongs to: what changes together.
//!
//! A group is told by its own name and size; what else is in the image counts for nothing.

use std::collections::{BTreeSet, HashMap};

use crate::layer::Kind;
use crate::path;
use crate::tree::{EntryRef, NodeId, Tree};

use super::super::Subject;
use super::class::{Class, Group, class, hash};
use super::owners::Owners;
use super::steps::{Steps, is_made_by};

/// From this size on, in bytes of files, a group has a layer of its own where there are layers enough.
///
/// Measured (`benches/regroup.sh`): at 4 MiB the base images of Debian come to some ten layers of their own and what is in
/// the buckets is a few MB each.
pub(super) const LARGE: u64 = 4 << 20;

/// A group above this size, in bytes of files, is split by its files' paths, so that it is pulled on several connections. But
/// it mostly changes as a whole, so where there are fewer layers it is much less split: with 32 into parts of up to 128 MiB,
/// with 16 of up to 512.
fn part(max: usize) -> u64 {
    ((128 << 30) / (max * max).max(1) as u64).max(16 * LARGE)
}

/// A directory that no package owns is one group up to this size, in bytes of files; a larger one is as many as it holds
/// directories. An application changes file by file and a base image as a whole, so its trees are the smaller ones.
/// What every build writes anew lies between old caches, which it leaves alone.
fn tree_of(class: Class) -> u64 {
    match class {
        Class::Application => LARGE / 16,
        Class::Record => LARGE,
        _ => 4 * LARGE,
    }
}

/// A file, all its names together, that goes into one layer.
#[derive(Debug)]
pub(super) struct Item {
    /// By path.
    pub(super) names: Vec<NodeId>,
    path: Vec<u8>,
    bytes: u64,
    /// `None` for what no package owns.
    group: Option<Group>,
}

impl Item {
    /// The bytes of a regular file; 0 for all else.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether releases of an application seldom change it.
    pub(super) fn is_stable(&self) -> bool {
        self.class().is_stable()
    }

    fn class(&self) -> Class {
        class(self.group.as_ref(), &self.path)
    }

    /// By what items are put in order: the components of the first name.
    pub(super) fn order(&self) -> impl Ord + use<'_> {
        path::components(&self.path).collect::<Vec<_>>()
    }
}

/// Finds all files that stay, by the path of their first name, but for those of the layers on `tops`.
pub(super) fn items(
    subject: &Subject<'_>,
    owners: &Owners,
    steps: &Steps,
    tops: &BTreeSet<usize>,
) -> Vec<Item> {
    let tree = subject.tree;
    let mut items: Vec<Item> = Vec::new();
    let mut places: HashMap<EntryRef, usize> = HashMap::new();
    for node in tree.walk() {
        if !subject.stays(node) || tree.kind(node) == Kind::Dir || is_made_by(tree, node, tops) {
            continue;
        }
        if let Some(data) = tree.data(node).filter(|_| tree.names(node).len() > 1) {
            let place = *places.entry(data).or_insert(items.len());
            if place < items.len() {
                items[place].names.push(node);
                continue;
            }
        }
        let path = tree.path(node);
        let group = owners.group(tree, node, &path, steps, subject.time(node));
        items.push(Item {
            names: vec![node],
            bytes: tree.size(node),
            group,
            path,
        });
    }
    items
}

/// The groups of items, in their order, and how many bytes of files each group has, where there are `max` layers.
pub(super) fn groups(tree: &Tree, items: &[Item], max: usize) -> (Vec<Group>, HashMap<Group, u64>) {
    let trees = sizes_of_trees(tree, items);
    let group = |item: &Item| match &item.group {
        Some(group) => group.clone(),
        None => unowned(tree, item, &trees),
    };
    let mut groups: Vec<Group> = items.iter().map(group).collect();
    let whole = sizes(&groups, items);
    let mut before: HashMap<Group, u64> = HashMap::new();
    for (group, item) in groups.iter_mut().zip(items) {
        let size = whole[&*group];
        let parts = match is_part(group) {
            true => 1,
            false => size.div_ceil(part(max)).next_power_of_two(),
        };
        if parts > 1 && item.bytes < LARGE {
            let part = match group.class {
                // All of it changes together, so neighbours stay together.
                Class::Built => {
                    let before = before.entry(group.clone()).or_default();
                    let part = (*before / size.div_ceil(parts)).min(parts - 1);
                    *before += item.bytes;
                    part
                }
                _ => u64::from(hash(&item.path)) % parts,
            };
            let comma = if group.name.is_empty() { "" } else { ", " };
            let told = format!("{comma}part {} of {parts}", part + 1);
            group.name.extend_from_slice(told.as_bytes());
        } else if parts > 1 {
            group.name = item.path.clone();
        }
    }
    let sizes = sizes(&groups, items);
    (groups, sizes)
}

/// Whether an earlier run split the group off, which is not to be split again.
fn is_part(group: &Group) -> bool {
    group.class == Class::Built && memchr::memmem::find(&group.name, b", part ").is_some()
}

fn sizes(groups: &[Group], items: &[Item]) -> HashMap<Group, u64> {
    let mut sizes: HashMap<Group, u64> = HashMap::new();
    for (group, item) in groups.iter().zip(items) {
        match sizes.get_mut(group) {
            Some(size) => *size += item.bytes,
            None => drop(sizes.insert(group.clone(), item.bytes)),
        }
    }
    sizes
}

/// By directory: the bytes below it that no package owns, large files aside.
fn sizes_of_trees(tree: &Tree, items: &[Item]) -> HashMap<NodeId, u64> {
    let mut sizes = HashMap::new();
    for item in items {
        if item.group.is_some() || item.bytes >= LARGE {
            continue;
        }
        let mut at = item.names[0];
        while at != NodeId::ROOT {
            at = tree.parent(at);
            *sizes.entry(at).or_insert(0) += item.bytes;
        }
    }
    sizes
}

/// The group of what no package owns: a large file is its own, all else goes with the topmost directory that is not too large.
fn unowned(tree: &Tree, item: &Item, trees: &HashMap<NodeId, u64>) -> Group {
    let class = item.class();
    if item.bytes >= LARGE {
        return Group::new(class, &item.path);
    }
    let mut dir = path::parent(&item.path);
    let mut name = dir;
    let mut at = tree.parent(item.names[0]);
    while at != NodeId::ROOT {
        if trees.get(&at).is_some_and(|&size| size <= tree_of(class)) {
            name = dir;
        }
        at = tree.parent(at);
        dir = path::parent(dir);
    }
    Group::new(class, name)
}
