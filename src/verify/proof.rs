//! Proof (a): the result is the source less what was to be removed, shown from entry lists and runs alone.
//!
//! Bytes are not read: a file's content is right when its stored bytes come from the same place of the same source layer.
//!
//! Directories that no entry describes need a word. Such a directory is there because something in it is or was, and
//! runtimes give it mode 0755 and the owner root. In the result it may be described with just that. Or, when all that was
//! in it is gone, it may go too, without being listed as removed; it is told in [`Equated::vanished`].

use std::collections::{BTreeSet, HashMap};

use crate::error::{Error, Result};
use crate::layer::{Entries, Kind};
use crate::path;
use crate::rules::Edit;
use crate::write::{Output, Written};

use super::field::{Field, differing, differs_from_implied};
use super::flatten::{Fault, Flat, Inode, flatten};
use super::links::Links;
use super::origin::Origin;

/// A layer of the result.
#[derive(Clone, Copy, Debug)]
pub enum ResultLayer<'a> {
    /// The inflated bytes of this source layer, base layer first.
    Reused(usize),
    /// A new one.
    Written(&'a Written),
}

impl<'a> ResultLayer<'a> {
    /// The layer that was written, or that stands for the source's.
    pub fn of(output: &'a Output) -> Self {
        match &output.written {
            Some(written) => Self::Written(written),
            None => Self::Reused(output.from.first().copied().unwrap_or_default()),
        }
    }
}

/// What was shown to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Equated {
    /// The number of paths in the result, the root among them.
    pub paths: usize,
    /// The number of paths that went.
    pub removed: usize,
    /// Directories that no entry describes and in which nothing is left, so that they went unlisted.
    pub vanished: Vec<Vec<u8>>,
}

/// Shows that the flattened `result` is the flattened `source` without the `removed` paths, each said by itself, and
/// with the `edited` ones changed as they should be; both base layer first.
///
/// # Errors
/// The first path, in the order of the source's entries, that is not as it must be, and what is wrong with it.
pub fn equate<P: AsRef<[u8]>>(
    source: &[&Entries],
    result: &[ResultLayer<'_>],
    removed: impl IntoIterator<Item = P>,
    edited: &[(Vec<u8>, &Edit)],
) -> Result<Equated> {
    equate_until(source, result, removed, edited, None)
}

/// As [`equate`]; a file whose time is later than `latest`, in seconds since the epoch, may have that time instead.
///
/// # Errors
/// As [`equate`].
pub fn equate_until<P: AsRef<[u8]>>(
    source: &[&Entries],
    result: &[ResultLayer<'_>],
    removed: impl IntoIterator<Item = P>,
    edited: &[(Vec<u8>, &Edit)],
    latest: Option<i64>,
) -> Result<Equated> {
    let written: Vec<&Entries> = result
        .iter()
        .map(|layer| match layer {
            ResultLayer::Reused(number) => source[*number],
            ResultLayer::Written(written) => &written.entries,
        })
        .collect();
    let (before, after) = rayon::join(|| flatten(source), || flatten(&written));
    let refused = |Fault { path, fault, .. }| difference(&path, fault);
    let subject = Subject {
        before: &before.map_err(refused)?,
        after: &after.map_err(refused)?,
        origins: result.iter().map(Source::of).collect(),
        latest,
    };
    let removed = subject.removed(removed)?;
    let edits = subject.edits(edited, &removed)?;
    let equated = subject.compare(&removed, &edits)?;
    check_markers(result, subject.after)?;
    Ok(equated)
}

/// What is compared.
struct Subject<'a> {
    before: &'a Flat<'a>,
    after: &'a Flat<'a>,
    /// By layer of the result.
    origins: Vec<Source<'a>>,
    /// Later times may be this.
    latest: Option<i64>,
}

/// Where the bytes of a result layer come from.
enum Source<'a> {
    Whole(usize),
    Runs(Origin<'a>),
}

impl<'a> Source<'a> {
    fn of(layer: &ResultLayer<'a>) -> Self {
        match layer {
            ResultLayer::Reused(number) => Self::Whole(*number),
            ResultLayer::Written(written) => Self::Runs(Origin::new(&written.runs)),
        }
    }
}

/// What files are to hold, by the inode in the source.
type Edits<'a> = HashMap<u32, &'a Edit>;

impl Subject<'_> {
    /// Marks the paths that are to go, by number.
    fn removed<P: AsRef<[u8]>>(&self, paths: impl IntoIterator<Item = P>) -> Result<Vec<bool>> {
        let mut removed = vec![false; self.before.bound()];
        for path in paths {
            let path = path.as_ref();
            let number = self.before.find(path);
            let number = number.ok_or_else(|| {
                difference(
                    path,
                    "it is listed as removed, and the source does not show it",
                )
            })?;
            removed[number as usize] = true;
        }
        Ok(removed)
    }

    fn edits<'e>(&self, edited: &'e [(Vec<u8>, &'e Edit)], removed: &[bool]) -> Result<Edits<'e>> {
        let mut edits = Edits::new();
        for (path, edit) in edited {
            let number = self.before.find(path);
            let inode = number.and_then(|number| self.before.inode(number));
            let (number, inode) = number.zip(inode).ok_or_else(|| {
                difference(
                    path,
                    "it is listed as changed, and the source does not show it",
                )
            })?;
            if removed[number as usize] {
                return Err(difference(path, "it is listed as changed and as removed"));
            }
            if edits
                .insert(inode.id, edit)
                .is_some_and(|other| other != *edit)
            {
                return Err(difference(
                    path,
                    "two names of one file are to hold different things",
                ));
            }
        }
        Ok(edits)
    }

    fn compare(&self, removed: &[bool], edits: &Edits<'_>) -> Result<Equated> {
        let mut equated = Equated {
            paths: self.after.len(),
            ..Equated::default()
        };
        let mut links = Links::new(self.before, self.after);
        let mut found = vec![false; self.after.bound()];
        for number in self.before.numbers() {
            let path = self.before.path(number);
            let before = self.before.inode(number);
            match (removed[number as usize], self.after.find(path)) {
                (true, None) => equated.removed += 1,
                (true, Some(_)) => {
                    return Err(difference(path, "it was to be removed and is there"));
                }
                (false, None) if before.is_none() => equated.vanished.push(path.to_vec()),
                (false, None) => return Err(difference(path, "it is missing")),
                (false, Some(now)) => {
                    found[now as usize] = true;
                    let fault = match (before, self.after.inode(now)) {
                        (Some(before), Some(after)) => {
                            let agree = links.agree(&before, &after);
                            self.fault(&before, &after, edits)
                                .or((!agree).then_some(Field::Links))
                        }
                        (None, None) => None,
                        (None, Some(after)) => differs_from_implied(&after),
                        (Some(_), None) => Some(Field::Described),
                    };
                    if let Some(field) = fault {
                        let name = field.name();
                        return Err(difference(path, &format!("its {name} is not the source's")));
                    }
                }
            }
        }
        match self.after.numbers().find(|&now| !found[now as usize]) {
            Some(now) => Err(difference(
                self.after.path(now),
                "the source does not show it",
            )),
            None => Ok(equated),
        }
    }

    /// The first field in which a file is not what it must be.
    fn fault(&self, before: &Inode<'_>, after: &Inode<'_>, edits: &Edits<'_>) -> Option<Field> {
        let edit = edits.get(&before.id).copied();
        let meant = |field: &Field| match edit {
            None => false,
            Some(Edit::Content(_)) => matches!(field, Field::Size | Field::Sparse),
            Some(Edit::Target(_)) => *field == Field::Target,
        };
        let (was, is) = (before.entry, after.entry);
        let is_clamped = self.latest.is_some_and(|latest| {
            let latest = (latest, 0);
            (was.mtime, was.mtime_nanos) > latest && (is.mtime, is.mtime_nanos) == latest
        });
        differing(before, after)
            .find(|field| !(meant(field) || is_clamped && *field == Field::Mtime))
            .or_else(|| match edit {
                None => self.misplaced(before, after),
                Some(Edit::Content(bytes)) => self.not_made(after, bytes),
                Some(Edit::Target(target)) => {
                    let is_there = after.entry.kind == Kind::Symlink
                        && after.entries.target(after.entry) == &target[..];
                    (!is_there).then_some(Field::Target)
                }
            })
    }

    /// Whether the stored bytes come from another place than the source's.
    fn misplaced(&self, before: &Inode<'_>, after: &Inode<'_>) -> Option<Field> {
        let (was, is) = (before.entry, after.entry);
        let (from, to) = (
            was.data..was.data + was.stored,
            is.data..is.data + is.stored,
        );
        if was.kind != Kind::File || (from.is_empty() && to.is_empty()) {
            return None;
        }
        let holds = was.stored == is.stored
            && match &self.origins[after.layer] {
                Source::Whole(layer) => *layer == before.layer && from == to,
                Source::Runs(origin) => origin.is_copy(to, before.layer, from.start),
            };
        (!holds).then_some(Field::Content)
    }

    /// Whether the stored bytes are others than these, or the file is no plain one.
    fn not_made(&self, after: &Inode<'_>, bytes: &[u8]) -> Option<Field> {
        let is = after.entry;
        let len = bytes.len() as u64;
        if (is.kind, is.sparse, is.size, is.stored) != (Kind::File, false, len, len) {
            return Some(Field::Size);
        }
        let holds = match &self.origins[after.layer] {
            Source::Whole(_) => false,
            Source::Runs(origin) => origin.is_made(is.data, bytes),
        };
        (!holds).then_some(Field::Content)
    }
}

/// Checks that new layers have whiteouts alone, none that deletes nothing, and none of what another one deletes.
fn check_markers(result: &[ResultLayer<'_>], after: &Flat<'_>) -> Result<()> {
    let written = |layer: usize| match result[layer] {
        ResultLayer::Reused(_) => None,
        ResultLayer::Written(written) => Some(&written.entries),
    };
    for &(layer, place) in &after.idle_whiteouts {
        if let Some(entries) = written(layer) {
            let path = entries.path(&entries.list()[place]);
            return Err(difference(
                path,
                "a new layer has a whiteout of it that deletes nothing",
            ));
        }
    }
    for entries in (0..result.len()).filter_map(written) {
        let of = |kind| {
            entries
                .list()
                .iter()
                .filter(move |entry| entry.kind == kind)
        };
        if let Some(entry) = of(Kind::Opaque).next() {
            return Err(difference(
                entries.path(entry),
                "a new layer has an opaque marker in it",
            ));
        }
        let whiteouts: BTreeSet<&[u8]> = of(Kind::Whiteout)
            .map(|entry| entries.path(entry))
            .collect();
        for path in &whiteouts {
            let mut above = path::parent(path);
            while !above.is_empty() {
                if whiteouts.contains(above) {
                    return Err(difference(
                        path,
                        "a new layer has a whiteout of it and of a directory above",
                    ));
                }
                above = path::parent(above);
            }
        }
    }
    Ok(())
}

fn difference(path: &[u8], fault: &str) -> Error {
    Error::Proof {
        path: path::display(path),
        fault: fault.into(),
    }
}
