//! Distributions of Python: what pip and its like installed, and the removal of those that are asked for.
//!
//! `RECORD` in a `NAME-VERSION.dist-info` tells which files are a distribution's (PyPA, "Recording installed projects").
//! Nothing is left over: pip does not write down what was installed for what.

mod held;
mod imports;
mod metadata;
mod record;
mod taking;
#[cfg(test)]
mod tests;

pub(crate) use record::files;

use std::collections::BTreeMap;

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::{Contents, Decisions};
use crate::tree::{NodeId, Tree};

use super::inventory::Inventory;
use super::options::{Limits, Pattern};
use super::package::Manager;
use super::report::{KeptPackage, PackageReport};

/// The most that is read of one of a distribution's own files.
const RECORD_MAX: usize = 64 << 20;

/// An installed distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Distribution {
    /// Its `.dist-info` directory, or its `.egg-info`.
    node: NodeId,
    /// The directory that Python searches: `site-packages`.
    site: NodeId,
    /// Its name as indexes write it.
    pub(crate) name: String,
    pub(crate) version: String,
    /// The names of what it needs without extras.
    needs: Vec<String>,
    /// The file that says what it is.
    pub(crate) file: NodeId,
}

/// A name as indexes compare them (PEP 503): `Foo_Bar.baz` is `foo-bar-baz`.
pub(crate) fn normalised(name: &str) -> String {
    let mut parts = Vec::new();
    parts.extend(name.split(['-', '_', '.']).filter(|part| !part.is_empty()));
    parts.join("-").to_ascii_lowercase()
}

/// Finds all distributions, by path.
///
/// # Errors
/// When one's files cannot be read.
pub(crate) fn distributions(tree: &Tree, contents: &dyn Contents) -> Result<Vec<Distribution>> {
    let mut found = Vec::new();
    for node in tree.walk() {
        let name = tree.name(node);
        if !name.ends_with(b".dist-info") && !name.ends_with(b".egg-info") {
            continue;
        }
        let file = match tree.kind(node) {
            Kind::Dir => [&b"METADATA"[..], b"PKG-INFO"]
                .into_iter()
                .find_map(|name| tree.child(node, name)),
            _ => Some(node),
        };
        let Some(file) = file.filter(|&file| tree.kind(file) == Kind::File) else {
            continue;
        };
        let read = metadata::read(&contents.read(file, RECORD_MAX)?);
        let mut needs = read.needs;
        if let Some(list) = tree.child(node, b"requires.txt") {
            needs.extend(metadata::listed(&contents.read(list, RECORD_MAX)?));
        }
        if !read.name.is_empty() {
            found.push(Distribution {
                node,
                site: tree.parent(node),
                name: normalised(&read.name),
                version: read.version,
                needs,
                file,
            });
        }
    }
    found.sort_by_key(|one| tree.path(one.node));
    Ok(found)
}

/// Takes out the distributions that the user's patterns mean.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn remove(
    inventory: &Inventory<'_>,
    patterns: &[Pattern],
    limits: Limits<'_>,
    decisions: &mut Decisions,
) -> Result<PackageReport> {
    let mut report = PackageReport::default();
    if !patterns.iter().any(|pattern| pattern.is_python) {
        return Ok(report);
    }
    let all = inventory.distributions()?;
    let asker = |one: &Distribution| {
        let mut patterns = patterns.iter().filter(|pattern| pattern.is_python);
        patterns.find(|pattern| pattern.fits(&one.name, ""))
    };
    let asked: BTreeMap<usize, &Pattern> = (0..all.len())
        .filter_map(|number| Some((number, asker(&all[number])?)))
        .collect();
    if asked.is_empty() {
        return Ok(report);
    }
    let files: Vec<Option<Vec<NodeId>>> = all
        .iter()
        .map(|one| record::files(inventory.tree, inventory.contents, one))
        .collect::<Result<_>>()?;
    let held = held::held(inventory, &asked, &files, limits, decisions)?;
    let mut taking = taking::Taking::new(inventory, &files, |number| {
        !asked.contains_key(&number) || held.contains_key(&number)
    });
    for (&number, pattern) in &asked {
        let one = &all[number];
        match held.get(&number) {
            Some(because) => report.kept.push(KeptPackage {
                manager: Manager::Python,
                name: one.name.clone(),
                rule: pattern.reason.rule.clone(),
                because: because.clone(),
            }),
            None => report
                .removed
                .push(taking.take(number, &pattern.reason, decisions)?),
        }
    }
    Ok(report)
}

/// A path of the image for messages.
fn show(tree: &Tree, node: NodeId) -> String {
    format!("/{}", path::display(&tree.path(node)))
}
