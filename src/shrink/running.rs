//! Whether the result of a run will still run: the checks on what is decided, before anything is published.

use crate::error::{Error, Result};
use crate::rules::{Contents, Decisions, Edit};
use crate::running::{self, Finding, Found, Severity, View};
use crate::tree::NodeId;

/// Files as they will be: edited ones with their new content.
struct Edited<'a> {
    contents: &'a dyn Contents,
    decisions: &'a Decisions,
}

impl Contents for Edited<'_> {
    fn read(&self, file: NodeId, limit: usize) -> Result<Vec<u8>> {
        match self.decisions.edited(file) {
            Some((_, Edit::Content(bytes))) => Ok(bytes[..bytes.len().min(limit)].to_vec()),
            _ => self.contents.read(file, limit),
        }
    }

    fn part(&self, file: NodeId, from: u64, length: usize) -> Result<Vec<u8>> {
        match self.decisions.edited(file) {
            Some((_, Edit::Content(bytes))) => {
                let from = usize::try_from(from).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes[from..from.saturating_add(length).min(bytes.len())].to_vec())
            }
            _ => self.contents.part(file, from, length),
        }
    }
}

/// Compares what the image is, by what it was `found` to reach, with what it will be.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn findings(
    before: View<'_>,
    found: &Found,
    decisions: &Decisions,
) -> Result<Vec<Finding>> {
    let tree = crate::distroless::pruned(before.tree, decisions);
    let contents = Edited {
        contents: before.contents,
        decisions,
    };
    let after = View {
        tree: &tree,
        contents: &contents,
        facts: before.facts,
    };
    running::compare(before, found, after)
}

/// Refuses what will not run.
///
/// # Errors
/// [`Error::Breaks`] with the first finding that is an error.
pub(super) fn refuse(findings: &[Finding]) -> Result<()> {
    let errors = findings
        .iter()
        .filter(|one| one.severity == Severity::Error);
    let errors: Vec<&Finding> = errors.collect();
    match &errors[..] {
        [] => Ok(()),
        [first, others @ ..] => Err(Error::Breaks {
            first: first.text.clone(),
            others: others.len(),
        }),
    }
}
