//! How images differ: in size, and of two in what a container sees.
//!
//! Contents are compared by the digests that the index holds when it was asked for them.

mod layout;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Warning;
use crate::layer::Kind;
use crate::path;
use crate::tree::{EntryRef, NodeId, Tree};

use super::count::stored;
use super::value::{Tool, Totals};
use super::{Fleet, FleetSaving, Report, Update};

/// How images differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The version of this document's meaning.
    pub schema: u32,
    /// The program that made it.
    pub tool: Tool,
    /// The images, in the order in which they were named.
    pub images: Vec<SizedImage>,
    /// Of two sources: how the images of each platform differ.
    pub changes: Vec<Changes>,
    /// What the images share with the image that they were held against.
    pub shares: Vec<Share>,
    /// Of two sources: what a node that has the first pulls for the second.
    pub updates: Vec<Update>,
    /// What each image saves a fleet, compared with the first of its platform.
    pub fleet: Vec<FleetSaving>,
    /// What concerns a source as a whole.
    pub warnings: Vec<Warning>,
}

impl Difference {
    /// Puts the images of several sources together.
    pub fn new(images: Vec<SizedImage>, changes: Vec<Changes>, warnings: Vec<Warning>) -> Self {
        Self {
            schema: Report::SCHEMA,
            tool: Tool::this(),
            images,
            changes,
            shares: Vec::new(),
            updates: Vec::new(),
            fleet: Vec::new(),
            warnings,
        }
    }

    /// Notes what the images share with those of a base.
    pub fn hold_against(&mut self, base: &[SizedImage]) {
        for image in &self.images {
            let mut bases = base.iter();
            match bases.find(|base| base.platform == image.platform) {
                Some(base) => self.shares.push(Share::between(image, base)),
                None => self.warnings.push(Warning {
                    code: "one-side",
                    text: format!("the base has no image for {}", image.platform),
                }),
            }
        }
    }

    /// Notes what the images save a fleet, compared with the first of their platform.
    pub fn multiply(&mut self, fleet: Fleet) {
        for (place, image) in self.images.iter().enumerate() {
            let mut before = self.images[..place].iter();
            if let Some(first) = before.find(|first| first.platform == image.platform) {
                let saving = fleet.saving(&image.reference, &first.totals, &image.totals);
                self.fleet.push(saving);
            }
        }
    }
}

/// What a node that has one of the `before` pulls for each of the `after`.
pub(crate) fn updates(before: &[SizedImage], after: &[SizedImage]) -> Vec<Update> {
    let pair = |image: &SizedImage| {
        let layers = image.layers.iter();
        let layers = layers.map(|layer| (&layer.digest[..], layer.compressed));
        update(before, &image.platform, after.len() == 1, layers)
    };
    after.iter().filter_map(pair).collect()
}

/// What a node pulls for `layers`, by digest and stored size, that has the image of `before` for their platform; where
/// both sides have one image, that one.
pub(crate) fn update<'a>(
    before: &'a [SizedImage],
    platform: &str,
    is_only: bool,
    layers: impl Iterator<Item = (&'a str, u64)>,
) -> Option<Update> {
    let is_only = is_only && before.len() == 1;
    let mut all = before.iter();
    let same = all.find(|image| is_only || image.platform == platform)?;
    let there = same.layers.iter().map(|layer| &layer.digest[..]);
    Some(Update::new(&same.reference, platform, layers, there))
}

/// An image and its size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SizedImage {
    /// The source, as the user named it.
    pub reference: String,
    /// `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// The digest of the manifest.
    pub digest: String,
    /// Its size.
    pub totals: Totals,
    /// Base layer first.
    pub layers: Vec<SizedLayer>,
}

/// A layer and its size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SizedLayer {
    /// The blob's digest.
    pub digest: String,
    /// The digest of the inflated layer.
    pub diff_id: String,
    /// The blob's size.
    pub compressed: u64,
    /// The inflated size.
    pub uncompressed: u64,
    /// The instruction that made it.
    pub instruction: Option<String>,
}

/// What an image shares with another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The image, as the user named it.
    pub reference: String,
    /// `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// Layers that a node that has the other holds already: those at the bottom that are the same in both.
    pub layers: usize,
    /// Their bytes, inflated.
    pub shared: u64,
    /// The bytes of the other layers, inflated.
    pub own: u64,
    /// Bytes of blobs that both have, as stored: what a pull after the other need not fetch.
    pub shared_blobs: u64,
    /// Bytes of the other blobs.
    pub own_blobs: u64,
}

impl Share {
    fn between(image: &SizedImage, base: &SizedImage) -> Self {
        let pairs = image.layers.iter().zip(&base.layers);
        let layers = pairs.take_while(|(own, base)| own.diff_id == base.diff_id);
        let layers = layers.count();
        let is_there = |layer: &&SizedLayer| {
            let mut others = base.layers.iter();
            others.any(|other| other.digest == layer.digest)
        };
        let (shared, own) = image.layers.split_at(layers);
        let inflated = |layers: &[SizedLayer]| layers.iter().map(|layer| layer.uncompressed).sum();
        let blobs = image.layers.iter().filter(is_there);
        let shared_blobs: u64 = blobs.map(|layer| layer.compressed).sum();
        let all: u64 = image.layers.iter().map(|layer| layer.compressed).sum();
        Self {
            reference: image.reference.clone(),
            platform: image.platform.clone(),
            layers,
            shared: inflated(shared),
            own: inflated(own),
            shared_blobs,
            own_blobs: all - shared_blobs,
        }
    }
}

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
