//! The numbers that dive prints, by dive's own definitions, so that they can be compared with ours.
//!
//! Read from dive 0.13 (`dive/filetree/efficiency.go`, `image/analysis.go`). They differ from ours on purpose: dive counts
//! every copy of a path that several layers have, the visible one too (wagoodman/dive#684), and nothing for a directory
//! that was deleted whole, because its files and the whiteout lie at different paths. One thing is not imitated: dive stops
//! counting a layer at a whiteout of what is not there.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use crate::layer::{Entries, Kind};
use crate::path;

/// What `dive --json` and `dive --ci` say of an image.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DiveNumbers {
    /// `efficiencyScore`: the smallest copy of each path over all copies; 1 for an image without bytes.
    pub efficiency: f64,
    /// `sizeBytes` of the image: the bytes of all files of all layers, without tar headers.
    pub size: u64,
    /// `inefficientBytes`: all copies of each path that was found twice or more.
    pub wasted: u64,
    /// `userWastedPercent` of `--ci`: `wasted` over the bytes of all layers but the base layer, 1 being all.
    pub user_wasted: f64,
    /// `fileReference`: the paths that were found twice or more, those with most bytes first.
    pub references: Vec<DiveReference>,
}

/// A path that was found twice or more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiveReference {
    /// The path, with a slash before it as dive writes it.
    pub path: String,
    /// How often: entries and whiteouts.
    pub count: u64,
    /// The bytes of all of them together.
    pub bytes: u64,
}

/// What was found at a path.
#[derive(Clone, Copy, Debug)]
struct Found {
    count: u64,
    bytes: u64,
    least: u64,
}

/// Counts as dive does; base layer first.
pub fn dive<'t>(layers: impl IntoIterator<Item = &'t Entries>) -> DiveNumbers {
    let mut found: BTreeMap<&[u8], Found> = BTreeMap::new();
    let mut stacked: BTreeMap<&[u8], (bool, u64)> = BTreeMap::new();
    let (mut size, mut base) = (0, None);
    for layer in layers {
        let sheet = Sheet::of(layer);
        let own: u64 = sheet.nodes.values().map(|node| node.bytes).sum();
        size += own;
        base.get_or_insert(own);
        for (&(path, is_whiteout), node) in &sheet.nodes {
            if sheet.parents.contains(path) && !is_whiteout {
                continue;
            }
            let bytes = match stacked.get(path) {
                Some((true, own)) if is_whiteout => own + below(&stacked, path),
                _ => node.bytes,
            };
            let found = found.entry(path).or_insert(Found {
                count: 0,
                bytes: 0,
                least: u64::MAX,
            });
            found.count += 1;
            found.bytes += bytes;
            found.least = found.least.min(bytes);
        }
        sheet.stack(&mut stacked);
    }
    numbers(&found, size, base.unwrap_or(0))
}

fn numbers(found: &BTreeMap<&[u8], Found>, size: u64, base: u64) -> DiveNumbers {
    let least: u64 = found.values().map(|found| found.least).sum();
    let all: u64 = found.values().map(|found| found.bytes).sum();
    let several = found.iter().filter(|(_, found)| found.count > 1);
    let mut references: Vec<DiveReference> = several
        .map(|(path, found)| DiveReference {
            path: format!("/{}", path::display(path)),
            count: found.count,
            bytes: found.bytes,
        })
        .collect();
    references.sort_by_key(|row| Reverse(row.bytes));
    let wasted = references.iter().map(|row| row.bytes).sum();
    DiveNumbers {
        efficiency: ratio(least, all).unwrap_or(1.0),
        size,
        wasted,
        user_wasted: ratio(wasted, size - base).unwrap_or(0.0),
        references,
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "dive divides the same floating-point numbers"
)]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A layer as dive sees it: one node for each name, whiteouts beside what they are named for.
struct Sheet<'t> {
    nodes: BTreeMap<(&'t [u8], bool), Node>,
    /// The paths that have something under them in this layer: no leaves.
    parents: HashSet<&'t [u8]>,
}

#[derive(Clone, Copy)]
struct Node {
    is_dir: bool,
    bytes: u64,
}

impl<'t> Sheet<'t> {
    fn of(entries: &'t Entries) -> Self {
        let mut sheet = Self {
            nodes: BTreeMap::new(),
            parents: HashSet::new(),
        };
        for entry in entries.list() {
            let path = entries.path(entry);
            if entry.kind == Kind::Opaque || path.is_empty() {
                continue;
            }
            let node = Node {
                is_dir: entry.kind == Kind::Dir,
                bytes: if entry.kind == Kind::File {
                    entry.size
                } else {
                    0
                },
            };
            let is_whiteout = entry.kind == Kind::Whiteout;
            sheet.nodes.insert((path, is_whiteout), node);
            let mut above = path::parent(path);
            while !above.is_empty() && sheet.parents.insert(above) {
                above = path::parent(above);
            }
        }
        sheet
    }

    /// Lays the layer on those below.
    fn stack(&self, stacked: &mut BTreeMap<&'t [u8], (bool, u64)>) {
        for (&(path, is_whiteout), node) in &self.nodes {
            if is_whiteout {
                stacked.remove(path);
                let gone: Vec<&[u8]> = under(stacked, path).map(|(path, _)| path).collect();
                for path in gone {
                    stacked.remove(path);
                }
            } else {
                stacked.insert(path, (node.is_dir, node.bytes));
            }
        }
    }
}

/// What lies under a directory.
fn under<'s, 't: 's>(
    stacked: &'s BTreeMap<&'t [u8], (bool, u64)>,
    dir: &[u8],
) -> impl Iterator<Item = (&'t [u8], u64)> + use<'s, 't> {
    let start = [dir, b"/"].concat();
    let range = stacked.range::<[u8], _>((
        std::ops::Bound::Included(&start[..]),
        std::ops::Bound::Unbounded,
    ));
    range
        .take_while(move |(path, _)| path.starts_with(&start))
        .map(|(path, (_, bytes))| (*path, *bytes))
        .collect::<Vec<_>>()
        .into_iter()
}

fn below(stacked: &BTreeMap<&[u8], (bool, u64)>, dir: &[u8]) -> u64 {
    under(stacked, dir).map(|(_, bytes)| bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example::layer;

    fn counted(layers: &[&[(&str, &str)]]) -> DiveNumbers {
        let dir = tempfile::tempdir().unwrap();
        let layers: Vec<_> = layers
            .iter()
            .map(|entries| layer(dir.path(), entries))
            .collect();
        dive(layers.iter().map(|layer| &*layer.entries))
    }

    #[test]
    fn every_copy_counts_and_a_deleted_file_counts_once() {
        let numbers = counted(&[
            &[("a", "100"), ("moved", "40"), ("same", "7")],
            &[
                ("a", "110"),
                (".wh.moved", "0"),
                ("bin/moved", "40"),
                ("d/x", "30"),
            ],
            &[("a", "90")],
        ]);
        let rows: Vec<_> = numbers
            .references
            .iter()
            .map(|row| (&row.path[..], row.count, row.bytes))
            .collect();
        assert_eq!(rows, [("/a", 3, 300), ("/moved", 2, 40)]);
        assert_eq!((numbers.size, numbers.wasted), (417, 340));
        // a: 90 of 300; moved: 0 of 40; same, bin/moved and d/x: all of 77.
        assert_eq!(numbers.efficiency, 167.0 / 417.0);
        assert_eq!(numbers.user_wasted, 340.0 / 270.0);
    }

    #[test]
    fn what_was_in_a_deleted_directory_is_no_waste_to_dive() {
        let numbers = counted(&[
            &[("d/x", "30"), ("d/e/y", "5")],
            &[(".wh.d", "0")],
            &[("d/x", "1")],
        ]);
        // Only `d/x` was found twice. No entry describes the directory, so dive gives its whiteout no bytes.
        assert_eq!(numbers.references.len(), 1);
        assert_eq!((numbers.size, numbers.wasted), (36, 31));
        assert_eq!(numbers.efficiency, 6.0 / 36.0);
    }

    #[test]
    fn a_directory_that_an_entry_describes_weighs_at_its_whiteout() {
        let entries = |names: &[(&str, tar::EntryType, &str)]| {
            let mut archive = tar::Builder::new(Vec::new());
            for (path, kind, content) in names {
                let mut header = tar::Header::new_gnu();
                header.set_entry_type(*kind);
                header.set_size(content.len() as u64);
                let content = content.as_bytes();
                archive.append_data(&mut header, path, content).unwrap();
            }
            let mut indexer = crate::layer::Indexer::new(crate::digest::Digest::of(b""));
            indexer.feed(&archive.into_inner().unwrap()).unwrap();
            indexer.finish().unwrap().0
        };
        let (dir, file) = (tar::EntryType::Directory, tar::EntryType::Regular);
        let layers = [
            entries(&[("d", dir, ""), ("d/x", file, "abc"), ("e", dir, "")]),
            entries(&[(".wh.d", file, ""), ("e", dir, "")]),
        ];
        let numbers = dive(&layers);
        // `d` has three bytes at its whiteout, all counted as needed; the empty `e` was found twice.
        assert_eq!(numbers.efficiency, 1.0);
        assert_eq!((numbers.size, numbers.wasted), (3, 0));
        assert_eq!(numbers.references[0].path, "/e");
    }

    #[test]
    fn nothing_is_efficient() {
        let numbers = counted(&[&[]]);
        assert_eq!((numbers.efficiency, numbers.user_wasted), (1.0, 0.0));
    }
}
