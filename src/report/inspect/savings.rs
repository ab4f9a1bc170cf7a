//! What rules, profiles and layer modes would save.
//!
//! The numbers are those of `shrink`, which asks the same questions; they hold to the byte unless a layer would grow when it
//! is written anew: `shrink` leaves such a layer as it is, and tells what it took back.

use serde::Serialize;

use crate::rules::Decisions;
use crate::tree::Tree;

use super::super::count;
use super::super::rows;
use super::super::value::PathBytes;

/// What a rule would save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleSaving {
    /// Its name.
    pub name: String,
    /// The first profile that has it, or `none`: it acts only when enabled by name.
    pub profile: String,
    /// What it takes.
    pub summary: String,
    /// Paths that it would remove or edit.
    pub paths: u64,
    /// Those that are regular files.
    pub files: u64,
    /// Visible bytes that it would free: of files that go, and of what becomes shorter.
    pub bytes: u64,
    /// The paths that would free most, each with all under it.
    pub largest: Vec<PathBytes>,
}

impl RuleSaving {
    /// Counts what a rule decided when it was alone; `None` when it found nothing.
    pub fn new(
        name: &str,
        profile: &str,
        summary: &str,
        tree: &Tree,
        decisions: &Decisions,
    ) -> Option<Self> {
        let rows = rows::rules(tree, decisions, &[]);
        let mut all = rows.into_iter();
        let mut row = all.next()?;
        // A rule that takes packages may enter reasons of its own for what goes with them.
        for other in all {
            row.paths += other.paths;
            row.files += other.files;
            row.bytes += other.bytes;
            row.largest.extend(other.largest);
        }
        row.largest
            .sort_by(|a, b| (b.bytes, &a.path).cmp(&(a.bytes, &b.path)));
        row.largest.truncate(10);
        Some(Self {
            name: name.into(),
            profile: profile.into(),
            summary: summary.into(),
            paths: row.paths,
            files: row.files,
            bytes: row.bytes,
            largest: row.largest,
        })
    }
}

/// What a run of `shrink` would make of the image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunSaving {
    /// The flags that ask for it.
    pub flags: String,
    /// What a container would see of it.
    pub visible: u64,
    /// The layers, inflated.
    pub uncompressed: u64,
    /// Visible bytes that would go.
    pub freed: u64,
    /// Visible paths that would go.
    pub removed: u64,
}

impl RunSaving {
    /// Counts what was decided; `uncompressed` are the bytes of the planned layers.
    pub fn new(flags: &str, tree: &Tree, decisions: &Decisions, uncompressed: u64) -> Self {
        let before = count::count(tree, &Decisions::default(), |_| false).visible;
        let after = count::count(tree, decisions, |_| false).visible;
        Self {
            flags: flags.into(),
            visible: after,
            uncompressed,
            freed: before.saturating_sub(after),
            removed: decisions.removals().count() as u64,
        }
    }
}
