//! Whether what ran before still runs: what the image starts by, loads and opens is looked for in the result.
//!
//! All checks compare. What was wrong before is not told, so an untouched image has no findings. Nothing is started here.

mod commands;
mod files;
mod finding;
mod libraries;
mod links;
mod modules;
mod node;
mod opened;
mod python;
#[cfg(test)]
mod tests;

use crate::distroless;
pub(crate) use crate::distroless::Found;
use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::{Contents, Facts};
use crate::tree::{NodeId, Tree};

pub use finding::{Finding, Severity};

/// An image to look at.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// What a container sees.
    pub(crate) tree: &'a Tree,
    pub(crate) contents: &'a dyn Contents,
    /// Its config.
    pub(crate) facts: &'a Facts,
}

/// Both images, and what the first starts.
pub(crate) struct Pair<'a> {
    pub(crate) before: View<'a>,
    pub(crate) after: View<'a>,
    /// What is started, loaded and opened in `before`.
    found: &'a Found,
}

/// What an image starts, loads and opens.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn reach(view: View<'_>) -> Result<Found> {
    distroless::reach(view.tree, view.contents, view.facts)
}

/// Looks for what `before` has and needs, by what it was `found` to reach, and `after` has no longer; errors first, each once.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn compare(before: View<'_>, found: &Found, after: View<'_>) -> Result<Vec<Finding>> {
    let pair = Pair {
        before,
        after,
        found,
    };
    let mut findings = commands::check(&pair);
    findings.extend(libraries::check(&pair));
    findings.extend(files::check(&pair));
    findings.extend(opened::check(&pair));
    findings.extend(links::check(&pair)?);
    findings.extend(modules::check(&pair)?);
    findings.sort();
    findings.dedup();
    Ok(findings)
}

impl Pair<'_> {
    /// Whether a path leads somewhere before and nowhere after, or to a directory that holds nothing any more.
    fn lost(&self, at: &[u8]) -> bool {
        let (before, after) = (self.before.tree, self.after.tree);
        match (before.resolve(at), after.resolve(at)) {
            (Some(was), Some(is)) => {
                before.kind(was) == Kind::Dir && holds(before, was) && !holds(after, is)
            }
            (was, is) => was.is_some() && is.is_none(),
        }
    }

    /// The path of a node of the first image.
    fn show(&self, node: NodeId) -> String {
        path::display(&self.before.tree.path(node))
    }

    /// Whether a path of the first image is in the second, links not followed.
    fn stays(&self, node: NodeId) -> bool {
        self.has(&self.before.tree.path(node))
    }

    /// Whether this path is in the second image, links not followed.
    fn has(&self, at: &[u8]) -> bool {
        self.after.tree.find(at).is_some()
    }
}

/// Whether there is anything besides directories in a directory.
fn holds(tree: &Tree, dir: NodeId) -> bool {
    tree.children(dir)
        .any(|(_, child)| tree.kind(child) != Kind::Dir || holds(tree, child))
}
