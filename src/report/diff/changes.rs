//! How what a container sees of two images differs.
//!
//! Contents are compared by the digests that the index holds when it was asked for them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::layer::Kind;
use crate::path;
use crate::tree::{EntryRef, NodeId, Tree};

use super::super::count::stored;

/// How what a container sees differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// `OS/ARCHITECTURE[/VARIANT]` of both.
    pub platform: String,
    /// What is new.
    pub added: Sum,
    /// What is gone.
    pub removed: Sum,
    /// What is there in both and differs.
    pub modified: Sum,
    /// The directories that differ most, with all under them: two components deep.
    pub directories: Vec<DirectoryChange>,
    /// Each path that differs, by path.
    pub paths: Vec<PathChange>,
}

/// Paths and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Paths.
    pub paths: u64,
    /// Bytes before: each file once, and none that has another name in both images.
    pub before: u64,
    /// Bytes after, in the same way.
    pub after: u64,
}

/// How a directory differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DirectoryChange {
    /// The directory.
    pub path: String,
    /// Paths that differ under it.
    pub paths: u64,
    /// Bytes before.
    pub before: u64,
    /// Bytes after.
    pub after: u64,
}

/// How a path differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathChange {
    /// The path.
    pub path: String,
    /// `added`, `removed` or `modified`.
    pub change: &'static str,
    /// What was modified: `type`, `content`, `target`, `mode`, `owner`, `mtime`, `xattrs`, `device`.
    pub what: Vec<&'static str>,
    /// The file's bytes before; each name of a file with several has them.
    pub before: Option<u64>,
    /// And after.
    pub after: Option<u64>,
}

impl Changes {
    /// Compares two images whose indexes hold the digests of contents.
    pub fn between(platform: String, before: &Tree, after: &Tree) -> Self {
        let mut changes = Self {
            platform,
            added: Sum::default(),
            removed: Sum::default(),
            modified: Sum::default(),
            directories: Vec::new(),
            paths: Vec::new(),
        };
        let mut directories: BTreeMap<Vec<u8>, DirectoryChange> = BTreeMap::new();
        let mut stack = vec![(Some(NodeId::ROOT), Some(NodeId::ROOT), Vec::new())];
        while let Some((old, new, at)) = stack.pop() {
            let found = differ(before, after, old, new);
            if let Some((change, what)) = found {
                let row = PathChange {
                    path: path::display(&at),
                    change,
                    what,
                    before: old.map(|node| stored(before, node)),
                    after: new.map(|node| stored(after, node)),
                };
                // A file that stays by another name is neither lost nor won.
                let bytes = match (old, new) {
                    (Some(old), Some(new)) => (first(before, old), first(after, new)),
                    (old, new) => (
                        old.map_or(0, |node| lost(before, node, after)),
                        new.map_or(0, |node| lost(after, node, before)),
                    ),
                };
                changes.count(&row, bytes);
                count_directory(&mut directories, &at, bytes);
                changes.paths.push(row);
            }
            for (name, pair) in children(before, after, old, new).into_iter().rev() {
                stack.push((pair.0, pair.1, path::join(&at, name)));
            }
        }
        changes.directories = directories.into_values().collect();
        let moved = |row: &DirectoryChange| row.before.abs_diff(row.after);
        changes
            .directories
            .sort_by_key(|row| std::cmp::Reverse(moved(row)));
        changes
    }

    fn count(&mut self, row: &PathChange, (before, after): (u64, u64)) {
        let sum = match row.change {
            "added" => &mut self.added,
            "removed" => &mut self.removed,
            _ => &mut self.modified,
        };
        sum.paths += 1;
        sum.before += before;
        sum.after += after;
    }
}

/// A file's bytes at the first of its names.
fn first(tree: &Tree, node: NodeId) -> u64 {
    if tree.names(node).first() == Some(&node) {
        stored(tree, node)
    } else {
        0
    }
}

/// As [`first`], but nothing where the other image has one of the names.
fn lost(tree: &Tree, node: NodeId, other: &Tree) -> u64 {
    let is_there = |name: NodeId| other.find(&tree.path(name)).is_some();
    if tree.names(node).into_iter().any(is_there) {
        0
    } else {
        first(tree, node)
    }
}

type Pair = (Option<NodeId>, Option<NodeId>);

/// The names in both directories, sorted.
fn children<'t>(
    before: &'t Tree,
    after: &'t Tree,
    old: Option<NodeId>,
    new: Option<NodeId>,
) -> Vec<(&'t [u8], Pair)> {
    let mut names: BTreeMap<&[u8], Pair> = BTreeMap::new();
    for (name, child) in old.into_iter().flat_map(|dir| before.children(dir)) {
        names.entry(name).or_default().0 = Some(child);
    }
    for (name, child) in new.into_iter().flat_map(|dir| after.children(dir)) {
        names.entry(name).or_default().1 = Some(child);
    }
    names.into_iter().collect()
}

type Found = Option<(&'static str, Vec<&'static str>)>;

fn differ(before: &Tree, after: &Tree, old: Option<NodeId>, new: Option<NodeId>) -> Found {
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (Some(_), None) => return Some(("removed", Vec::new())),
        _ => return Some(("added", Vec::new())),
    };
    if before.kind(old) != after.kind(new) {
        return Some(("modified", vec!["type"]));
    }
    let (Some(from), Some(to)) = (before.data(old), after.data(new)) else {
        // A directory that no entry describes has what the runtime gives it.
        let one = before.data(old).is_some() != after.data(new).is_some();
        return one.then(|| ("modified", vec!["attributes"]));
    };
    let what = facets(before, after, from, to);
    (!what.is_empty()).then_some(("modified", what))
}

fn facets(before: &Tree, after: &Tree, from: EntryRef, to: EntryRef) -> Vec<&'static str> {
    let (a, b) = (before.entry(from), after.entry(to));
    let in_a = &before.layers()[usize::from(from.layer)];
    let in_b = &after.layers()[usize::from(to.layer)];
    let target = a.kind == Kind::Symlink && in_a.target(a) != in_b.target(b);
    let content = a.kind == Kind::File
        && (a.size != b.size || in_a.content(place(from)) != in_b.content(place(to)));
    [
        ("content", content),
        ("target", target),
        ("device", a.device != b.device),
        ("mode", a.mode != b.mode),
        ("owner", (a.uid, a.gid) != (b.uid, b.gid)),
        (
            "mtime",
            (a.mtime, a.mtime_nanos) != (b.mtime, b.mtime_nanos),
        ),
        ("xattrs", in_a.xattrs(a) != in_b.xattrs(b)),
    ]
    .into_iter()
    .filter_map(|(word, differs)| differs.then_some(word))
    .collect()
}

fn place(at: EntryRef) -> usize {
    at.entry as usize
}

fn count_directory(
    directories: &mut BTreeMap<Vec<u8>, DirectoryChange>,
    at: &[u8],
    (before, after): (u64, u64),
) {
    let components: Vec<&[u8]> = path::components(path::parent(at)).take(2).collect();
    let dir = components.join(&b'/');
    let counted = directories
        .entry(dir)
        .or_insert_with_key(|dir| DirectoryChange {
            path: path::display(dir),
            paths: 0,
            before: 0,
            after: 0,
        });
    counted.paths += 1;
    counted.before += before;
    counted.after += after;
}
