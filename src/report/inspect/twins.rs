//! Files that are there more than once: written again for other metadata or another place, and equal ones side by side.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::layer::Kind;
use crate::path;
use crate::tree::{EntryRef, Event, NodeId, Tree};

use super::super::count::{Hidden, Hiding, stored};
use super::super::value::PathBytes;

/// What files hold, by the entries that hold it; only files that could have a twin need be there.
pub type Twins = HashMap<EntryRef, [u8; 32]>;

/// How many paths and groups are named.
const NAMED: usize = 20;

/// Files that a layer holds again although their content did not change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MetadataOnly {
    /// The layer that holds them again.
    pub layer: usize,
    /// The instruction that made it.
    pub instruction: Option<String>,
    /// What changed: `mode`, `owner`, `mtime`, `xattrs`, `path` (moved), or `nothing`.
    pub changed: Vec<&'static str>,
    /// Files.
    pub files: u64,
    /// The bytes that lower layers hold of them and no container sees.
    pub bytes: u64,
    /// What would avoid it where the image is built.
    pub fix: &'static str,
    /// The largest.
    pub largest: Vec<PathBytes>,
}

/// Files that a container sees and that hold the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EqualFiles {
    /// The bytes of one.
    pub size: u64,
    /// How many there are; several names of one file are one.
    pub files: u64,
    /// The bytes of all but one.
    pub bytes: u64,
    /// The first of their paths.
    pub paths: Vec<String>,
}

/// All groups of equal files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Equals {
    /// Groups.
    pub groups: u64,
    /// The bytes of all files but one of each group.
    pub bytes: u64,
    /// The groups with most bytes, those first.
    pub largest: Vec<EqualFiles>,
}

/// Finds hidden files whose content the layer that hid them holds again, by layer, the most bytes first.
pub(super) fn metadata_only(
    tree: &Tree,
    hidden: &[Hidden],
    twins: &Twins,
    instructions: &[Option<String>],
) -> Vec<MetadataOnly> {
    let wrote = wrote(tree, twins);
    let mut rows: BTreeMap<usize, MetadataOnly> = BTreeMap::new();
    for one in hidden {
        let Some(content) = twins.get(&one.at).filter(|_| one.bytes > 0) else {
            continue;
        };
        let again = match one.how {
            Hiding::Overwritten => successor(tree, one)
                .filter(|next| twins.get(next) == Some(content))
                .map(|next| differing(tree, one.at, next)),
            Hiding::Deleted => wrote
                .contains_key(&(one.by, *content))
                .then(|| vec!["path"]),
        };
        let Some(changed) = again else { continue };
        let layer = usize::from(one.by);
        let row = rows.entry(layer).or_insert_with(|| MetadataOnly {
            layer,
            instruction: instructions.get(layer).cloned().flatten(),
            changed: Vec::new(),
            files: 0,
            bytes: 0,
            fix: "",
            largest: Vec::new(),
        });
        row.files += 1;
        row.bytes += one.bytes;
        row.changed.extend(changed);
        row.largest.push(PathBytes {
            path: path::display(&tree.path(one.node)),
            bytes: one.bytes,
        });
    }
    let mut rows: Vec<MetadataOnly> = rows.into_values().collect();
    for row in &mut rows {
        row.changed.sort_unstable();
        row.changed.dedup();
        if row.changed.len() > 1 {
            row.changed.retain(|what| *what != "nothing");
        }
        row.fix = fix(&row.changed);
        row.largest
            .sort_by(|a, b| (Reverse(a.bytes), &a.path).cmp(&(Reverse(b.bytes), &b.path)));
        row.largest.truncate(NAMED);
    }
    rows.sort_by_key(|row| Reverse(row.bytes));
    rows
}

/// By layer and content: where it was written.
fn wrote(tree: &Tree, twins: &Twins) -> HashMap<(u16, [u8; 32]), NodeId> {
    let mut wrote = HashMap::new();
    for &(node, event) in tree.events() {
        if let Event::Wrote(at) = event
            && let Some(content) = twins.get(&at)
        {
            wrote.entry((at.layer, *content)).or_insert(node);
        }
    }
    wrote
}

/// The entry that overwrote a file.
fn successor(tree: &Tree, hidden: &Hidden) -> Option<EntryRef> {
    let mut life = tree.life(hidden.node);
    life.find(|event| *event == Event::Wrote(hidden.at))?;
    match life.next()? {
        Event::Wrote(next) => Some(next),
        _ => None,
    }
}

fn differing(tree: &Tree, before: EntryRef, after: EntryRef) -> Vec<&'static str> {
    let (from, to) = (tree.entry(before), tree.entry(after));
    let xattrs = |at: EntryRef| tree.layers()[usize::from(at.layer)].xattrs(tree.entry(at));
    let mut words = Vec::new();
    let mut differ = |word, differs: bool| words.extend(differs.then_some(word));
    differ("mode", from.mode != to.mode);
    differ("owner", (from.uid, from.gid) != (to.uid, to.gid));
    differ("xattrs", xattrs(before) != xattrs(after));
    // A new time comes with every other change; alone it is one.
    if words.is_empty() {
        let is_same = (from.mtime, from.mtime_nanos) == (to.mtime, to.mtime_nanos);
        words.push(if is_same { "nothing" } else { "mtime" });
    }
    words
}

fn fix(changed: &[&str]) -> &'static str {
    let has = |word| changed.contains(&word);
    if has("path") {
        "put the files where they belong in the instruction that brings them (COPY SOURCE FINAL-PATH), or move them in that RUN"
    } else if has("owner") {
        "COPY --chown=USER:GROUP, or chown in the RUN that makes the files"
    } else if has("mode") {
        "COPY --chmod=MODE, or chmod in the RUN that makes the files"
    } else if has("xattrs") {
        "set the attributes in the RUN that makes the files"
    } else {
        "do not write the files again: touch, cp -p and package managers that reinstall do"
    }
}

/// Finds visible files that hold the same.
pub(super) fn equals(tree: &Tree, twins: &Twins) -> Equals {
    let mut groups: BTreeMap<[u8; 32], Vec<(NodeId, u64)>> = BTreeMap::new();
    for node in tree.walk() {
        let is_first = tree.kind(node) == Kind::File && tree.names(node).first() == Some(&node);
        if let Some(content) = tree.data(node).filter(|_| is_first)
            && let Some(content) = twins.get(&content)
        {
            let bytes = stored(tree, node);
            groups.entry(*content).or_default().push((node, bytes));
        }
    }
    let mut all: Vec<EqualFiles> = groups
        .into_values()
        .filter(|files| files.len() > 1)
        .map(|files| EqualFiles {
            size: files[0].1,
            files: files.len() as u64,
            bytes: files[1..].iter().map(|(_, bytes)| bytes).sum(),
            paths: files
                .iter()
                .take(NAMED)
                .map(|(node, _)| path::display(&tree.path(*node)))
                .collect(),
        })
        .collect();
    all.sort_by(|a, b| (Reverse(a.bytes), &a.paths).cmp(&(Reverse(b.bytes), &b.paths)));
    let (groups, bytes) = (all.len() as u64, all.iter().map(|group| group.bytes).sum());
    all.truncate(NAMED);
    Equals {
        groups,
        bytes,
        largest: all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::report::count;
    use crate::report::example::{layer, merge};

    /// All files, told apart by their sizes and first bytes.
    fn twins(layers: &[Layer]) -> Twins {
        let mut twins = Twins::new();
        for (number, layer) in (0..).zip(layers) {
            for (place, entry) in (0..).zip(layer.entries.list()) {
                let mut content = [0; 32];
                content[..8].copy_from_slice(&entry.size.to_le_bytes());
                if entry.size > 0 {
                    let at = entry.data;
                    layer
                        .inflated
                        .read_exact_at(&mut content[8..9], at)
                        .unwrap();
                }
                let at = EntryRef {
                    layer: number,
                    entry: place,
                };
                twins.extend((entry.kind == Kind::File).then_some((at, content)));
            }
        }
        twins
    }

    #[test]
    fn what_is_written_again_is_told_with_the_fix() {
        let dir = tempfile::tempdir().unwrap();
        let layers = [
            layer(
                dir.path(),
                &[("tool", "70"), ("other", "9"), ("same", "5"), ("e", "0")],
            ),
            layer(
                dir.path(),
                &[
                    (".wh.tool", "0"),
                    ("bin/tool", "70"),
                    ("other", "8"),
                    ("e", "0"),
                ],
            ),
            layer(dir.path(), &[("same", "5")]),
        ];
        let tree = merge(&layers);
        let instructions = [None, Some("RUN mv tool bin".into()), None];
        let rows = metadata_only(&tree, &count::hidden(&tree), &twins(&layers), &instructions);
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.layer, &row.changed[..], row.files, row.bytes))
            .collect();
        assert_eq!(
            told,
            [(1, &["path"][..], 1, 70), (2, &["nothing"][..], 1, 5)]
        );
        assert_eq!(rows[0].instruction.as_deref(), Some("RUN mv tool bin"));
        assert_eq!(rows[0].largest[0].path, "tool");
    }

    #[test]
    fn each_change_has_its_fix() {
        for (changed, fixed) in [
            (&["mode"][..], "--chmod"),
            (&["mode", "owner"], "--chown"),
            (&["path"], "FINAL-PATH"),
            (&["mtime"], "touch"),
            (&["xattrs"], "attributes"),
        ] {
            assert!(fix(changed).contains(fixed), "{changed:?}");
        }
    }

    #[test]
    fn equal_files_are_one_group_and_names_of_one_file_are_none() {
        let dir = tempfile::tempdir().unwrap();
        let layers = [layer(
            dir.path(),
            &[
                ("a", "70"),
                ("b", "70"),
                ("link", "-> a"),
                ("c", "b70"),
                ("d", "9"),
            ],
        )];
        let tree = merge(&layers);
        let equals = equals(&tree, &twins(&layers));
        assert_eq!((equals.groups, equals.bytes), (1, 70));
        assert_eq!(equals.largest[0].paths, ["a", "b"]);
        assert_eq!(equals.largest[0].files, 2);
    }
}
