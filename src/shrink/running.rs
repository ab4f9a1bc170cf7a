//! Whether the result of a run will still run: the checks on what is decided, before anything is published.

use crate::error::{Error, Result};
use crate::rules::{Contents, Decisions, Edit, Facts};
use crate::running::{self, Finding, Severity, View};
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
}

/// Compares what the image is with what it will be.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn findings(
    tree: &Tree,
    contents: &dyn Contents,
    facts: &Facts,
    decisions: &Decisions,
) -> Result<Vec<Finding>> {
    if decisions.is_empty() {
        return Ok(Vec::new());
    }
    let after = crate::distroless::pruned(tree, decisions);
    let edited = Edited {
        contents,
        decisions,
    };
    let view = |tree, contents| View {
        tree,
        contents,
        facts,
    };
    running::compare(view(tree, contents), view(&after, &edited))
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
