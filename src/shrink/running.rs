//! Whether the result of a run will still run: the checks on what is decided, before anything is published.

use crate::error::{Error, Result};
use crate::rules::{Contents, Decisions, Edit, Facts};
use crate::running::{self, Finding, Found, Severity, View};
use crate::tree::{NodeId, Tree};

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

/// An image whose result is looked at.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) tree: &'a Tree,
    pub(super) contents: &'a dyn Contents,
    pub(super) facts: &'a Facts,
}

impl<'a> Look<'a> {
    fn view(self) -> View<'a> {
        View {
            tree: self.tree,
            contents: self.contents,
            facts: self.facts,
        }
    }

    /// What the image starts, loads and opens.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn reach(self) -> Result<Found> {
        running::reach(self.view())
    }

    /// Compares what the image is, by what it was `found` to reach, with what it will be.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn findings(self, found: &Found, decisions: &Decisions) -> Result<Vec<Finding>> {
        let after = crate::distroless::pruned(self.tree, decisions);
        let edited = Edited {
            contents: self.contents,
            decisions,
        };
        let after = View {
            tree: &after,
            contents: &edited,
            facts: self.facts,
        };
        running::compare(self.view(), found, after)
    }
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
