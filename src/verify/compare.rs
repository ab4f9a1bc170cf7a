//! Two images compared from their layers alone: what is gone, what is new, and what changed in which way.
//!
//! Content is compared by digests of the files as a container sees them. Two sparse files of one content are equal however
//! their holes are stored. What is stored where does not count, nor how layers are cut or compressed.

use crate::error::Result;
use crate::layer::Kind;

use super::field::{Field, differing, differs_from_implied};
use super::flatten::{Flat, Inode};
use super::links::Links;
use super::sight::Sight;

/// What a path is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The path; empty for the root.
    pub path: Vec<u8>,
    /// The type; a hard link has its file's.
    pub kind: Kind,
    /// The size of a regular file in bytes; 0 for others.
    pub size: u64,
    /// Whether no entry describes the directory.
    pub is_implied: bool,
}

/// A path that is in both images and not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// As it was.
    pub before: Row,
    /// As it is.
    pub after: Row,
    /// What it differs in.
    pub fields: Vec<Field>,
}

/// What an image shows, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All paths, the root among them.
    pub paths: u64,
    /// Regular files, each once however many names it has.
    pub files: u64,
    /// Their sizes in bytes.
    pub bytes: u64,
}

/// The difference between two images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The first image.
    pub before: Totals,
    /// The second image.
    pub after: Totals,
    /// Paths that only the first image has, by path.
    pub removed: Vec<Row>,
    /// Paths that only the second image has, by path.
    pub added: Vec<Row>,
    /// Paths that both have, with a difference, by path.
    pub changed: Vec<Changed>,
    /// The sizes of the files that have no name in the second image, each once, in bytes.
    pub removed_bytes: u64,
    /// The sizes of the files that had no name in the first image, each once, in bytes.
    pub added_bytes: u64,
}

impl Comparison {
    /// Whether both images show the same.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty() && self.changed.is_empty()
    }
}

/// Compares what two images show.
///
/// # Errors
/// When a layer of one cannot be applied.
pub fn compare(before: &Sight, after: &Sight) -> Result<Comparison> {
    let (before, after) = rayon::join(|| before.flatten(), || after.flatten());
    let (before, after) = (before?, after?);
    let mut comparison = Comparison {
        before: totals(&before),
        after: totals(&after),
        changed: changes(&before, &after),
        ..Comparison::default()
    };
    (comparison.removed, comparison.removed_bytes) = only_in(&before, &after);
    (comparison.added, comparison.added_bytes) = only_in(&after, &before);
    Ok(comparison)
}

/// The paths that the one image has and the other has not, and the bytes of the files that have no other name.
fn only_in(one: &Flat<'_>, other: &Flat<'_>) -> (Vec<Row>, u64) {
    let mut rows = Vec::new();
    let mut is_shared = vec![false; one.entries()];
    for number in one.numbers() {
        match (other.find(one.path(number)), one.inode(number)) {
            (Some(_), Some(inode)) => is_shared[inode.id as usize] = true,
            (Some(_), None) => {}
            (None, _) => rows.push(number),
        }
    }
    let mut bytes = 0;
    for inode in rows.iter().filter_map(|&number| one.inode(number)) {
        let is_counted = std::mem::replace(&mut is_shared[inode.id as usize], true);
        if !is_counted && inode.entry.kind == Kind::File {
            bytes += inode.entry.size;
        }
    }
    let mut rows: Vec<Row> = rows.into_iter().map(|number| row(one, number)).collect();
    rows.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    (rows, bytes)
}

fn changes(before: &Flat<'_>, after: &Flat<'_>) -> Vec<Changed> {
    let mut links = Links::new(before, after);
    let mut changed = Vec::new();
    for number in before.numbers() {
        let Some(now) = after.find(before.path(number)) else {
            continue;
        };
        let fields = match (before.inode(number), after.inode(now)) {
            (None, None) => Vec::new(),
            (Some(_), None) => vec![Field::Described],
            (None, Some(after)) => differs_from_implied(&after).into_iter().collect(),
            (Some(before), Some(after)) => fields(&before, &after, links.agree(&before, &after)),
        };
        if !fields.is_empty() {
            changed.push(Changed {
                before: row(before, number),
                after: row(after, now),
                fields,
            });
        }
    }
    changed.sort_unstable_by(|a, b| a.before.path.cmp(&b.before.path));
    changed
}

fn fields(before: &Inode<'_>, after: &Inode<'_>, links_agree: bool) -> Vec<Field> {
    let content = |inode: &Inode<'_>| inode.entries.content(inode.place).copied();
    let others = [
        (Field::Content, content(before) != content(after)),
        (Field::Links, !links_agree),
    ];
    differing(before, after)
        .filter(|field| *field != Field::Sparse)
        .chain(
            others
                .into_iter()
                .filter_map(|(field, differs)| differs.then_some(field)),
        )
        .collect()
}

fn totals(flat: &Flat<'_>) -> Totals {
    let mut totals = Totals {
        paths: flat.len() as u64,
        ..Totals::default()
    };
    let mut is_counted = vec![false; flat.entries()];
    for inode in flat.numbers().filter_map(|number| flat.inode(number)) {
        let is_file = inode.entry.kind == Kind::File;
        if is_file && !std::mem::replace(&mut is_counted[inode.id as usize], true) {
            totals.files += 1;
            totals.bytes += inode.entry.size;
        }
    }
    totals
}

fn row(flat: &Flat<'_>, number: u32) -> Row {
    let inode = flat.inode(number);
    Row {
        path: flat.path(number).to_vec(),
        kind: flat.kind(number),
        size: inode.map_or(0, |inode| inode.entry.size),
        is_implied: inode.is_none(),
    }
}
