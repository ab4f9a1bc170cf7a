//! What `verify` found: whether images are whole, and how the second differs from the first.

mod layout;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::error::Warning;
use crate::path;
use crate::running::{Finding, Severity};
use crate::verify::{Changed, Comparison, Field, Row};

use super::Report;
use super::count::kind_name;
use super::value::Tool;

/// What `verify` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// The version of this document's meaning.
    pub schema: u32,
    /// The program that made it.
    pub tool: Tool,
    /// Whether nothing says no: all is whole, and the second image is the first less what is listed as removed or edited.
    pub holds: bool,
    /// The images; of each, every digest, size and diff ID was found true.
    pub images: Vec<CheckedImage>,
    /// How the images of the second source differ from those of the first.
    pub compared: Vec<ComparedImage>,
    /// What a user should know.
    pub warnings: Vec<Warning>,
}

/// An image that is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckedImage {
    /// The source, as the user named it.
    pub reference: String,
    /// `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// The manifest's digest.
    pub digest: String,
    /// Layers.
    pub layers: usize,
    /// The layers' blobs.
    pub compressed: u64,
    /// The inflated layers.
    pub uncompressed: u64,
    /// Tar entries.
    pub entries: usize,
    /// Paths that a container sees, the root among them.
    pub paths: usize,
}

/// How the second image differs from the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComparedImage {
    /// `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// Bytes of files that are gone, each once.
    pub removed_bytes: u64,
    /// Paths that are gone.
    pub removed: Vec<PathSize>,
    /// Paths that stay with other content, as an edit leaves them.
    pub edited: Vec<ChangedPath>,
    /// Findings: paths that only the second image has.
    pub added: Vec<PathSize>,
    /// Findings: paths that differ in what no edit changes.
    pub changed: Vec<ChangedPath>,
    /// Findings: what the first image starts and may not find what it needs in the second.
    pub running: Vec<Finding>,
}

/// A path, its type and its size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathSize {
    /// The path.
    pub path: String,
    /// `file`, `directory`, `symlink`, `char-device`, `block-device` or `fifo`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// A regular file's size.
    pub bytes: u64,
}

/// A path that both images have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedPath {
    /// The path.
    pub path: String,
    /// What differs.
    pub what: Vec<&'static str>,
    /// A regular file's size before.
    pub before: u64,
    /// And after.
    pub after: u64,
}

impl Verification {
    /// Puts the findings together; `is_complete` tells that no image is missing.
    pub fn new(
        images: Vec<CheckedImage>,
        compared: Vec<ComparedImage>,
        is_complete: bool,
        warnings: Vec<Warning>,
    ) -> Self {
        let agrees = |image: &ComparedImage| {
            let is_error = |finding: &Finding| finding.severity == Severity::Error;
            image.added.is_empty()
                && image.changed.is_empty()
                && !image.running.iter().any(is_error)
        };
        Self {
            schema: Report::SCHEMA,
            tool: Tool::this(),
            holds: is_complete && compared.iter().all(agrees),
            images,
            compared,
            warnings,
        }
    }
}

impl ComparedImage {
    /// Parts what slimming does from what it never does.
    pub fn new(platform: String, comparison: Comparison, running: Vec<Finding>) -> Self {
        let changed = comparison.changed.iter();
        let (edited, changed): (Vec<&Changed>, Vec<&Changed>) =
            changed.partition(|row| is_edit(row));
        Self {
            platform,
            removed_bytes: comparison.removed_bytes,
            removed: comparison.removed.iter().map(row).collect(),
            edited: edited.into_iter().map(changed_row).collect(),
            added: comparison.added.iter().map(row).collect(),
            changed: changed.into_iter().map(changed_row).collect(),
            running,
        }
    }
}

/// Whether the path has other bytes or another link target and is otherwise the same.
fn is_edit(changed: &Changed) -> bool {
    let of_edits = [Field::Content, Field::Size, Field::Sparse, Field::Target];
    changed.fields.iter().all(|field| of_edits.contains(field))
}

fn row(row: &Row) -> PathSize {
    PathSize {
        path: path::display(&row.path),
        kind: kind_name(row.kind),
        bytes: row.size,
    }
}

fn changed_row(changed: &Changed) -> ChangedPath {
    ChangedPath {
        path: path::display(&changed.before.path),
        what: changed.fields.iter().map(|field| field.name()).collect(),
        before: changed.before.size,
        after: changed.after.size,
    }
}
