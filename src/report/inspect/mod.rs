//! Where an image's bytes are: layers, waste, what each rule would save, and what only the user can judge.

mod assets;
mod layout;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde::Serialize;

use crate::error::Warning;
use crate::layer::{Kind, Layer};
use crate::packages::{Database, Manager};
use crate::rules::Decisions;
use crate::tree::Tree;

use super::build::sizes;
use super::count;
use super::rows;
use super::value::{Descriptor, HiddenBytes, PathBytes, Tool, Totals};
use super::{Facts, Report};

pub use assets::Suggestion;

/// What is in the images of a source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspection {
    /// The version of this document's meaning.
    pub schema: u32,
    /// The program that made it.
    pub tool: Tool,
    /// One for each image, in the order of the source.
    pub images: Vec<InspectedImage>,
    /// What concerns the source as a whole.
    pub warnings: Vec<Warning>,
}

impl Inspection {
    /// Puts the images of a source together.
    pub fn new(images: Vec<InspectedImage>, warnings: Vec<Warning>) -> Self {
        Self {
            schema: Report::SCHEMA,
            tool: Tool::this(),
            images,
            warnings,
        }
    }
}

/// What is in an image.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InspectedImage {
    /// `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// Tag or full name, where the source gives one.
    pub name: Option<String>,
    /// The manifest.
    pub source: Descriptor,
    /// All layers together.
    pub totals: Totals,
    /// Base layer first.
    pub layers: Vec<InspectedLayer>,
    /// What upper layers hide; `freed` is what `shrink` would free.
    pub hidden: HiddenBytes,
    /// What package managers installed.
    pub packages: Vec<Installed>,
    /// What each built-in rule would save if it were alone, the most first; those that would save nothing are left out.
    pub rules: Vec<RuleSaving>,
    /// Large static files that only the user can judge.
    pub suggestions: Vec<Suggestion>,
    /// What a user should know.
    pub warnings: Vec<Warning>,
}

/// What a package manager installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Installed {
    /// Which one.
    pub manager: Manager,
    /// Its packages.
    pub packages: u64,
    /// Regular files that they own, each once however many names it has.
    pub files: u64,
    /// The bytes of those files.
    pub bytes: u64,
}

impl Installed {
    fn of(tree: &Tree, database: &Database) -> Self {
        let mut seen = HashSet::new();
        let (mut files, mut bytes) = (0, 0);
        let owned = database.packages().iter();
        for &node in owned.flat_map(|package| database.files(package)) {
            let is_file = tree.kind(node) == Kind::File;
            if is_file && tree.data(node).is_some_and(|data| seen.insert(data)) {
                files += 1;
                bytes += count::stored(tree, node);
            }
        }
        Self {
            manager: database.manager,
            packages: database.packages().len() as u64,
            files,
            bytes,
        }
    }
}

/// A layer as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InspectedLayer {
    /// Its place.
    pub index: usize,
    /// The instruction that made it (`created_by` of its history entry).
    pub instruction: Option<String>,
    /// The blob's digest.
    pub digest: String,
    /// `plain`, `gzip` or `zstd`.
    pub codec: String,
    /// The blob's size.
    pub compressed: u64,
    /// The inflated size.
    pub uncompressed: u64,
    /// Its regular files.
    pub files: u64,
    /// Bytes of its files that no container sees.
    pub wasted: u64,
}

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
    /// What it would free.
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
        let row = rows::rules(tree, decisions, &[]).into_iter().next()?;
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

impl InspectedImage {
    /// Looks at an image; `rules` in the order of the registry.
    pub fn new(
        facts: Facts,
        layers: &[Layer],
        tree: &Tree,
        databases: &[Database],
        mut rules: Vec<RuleSaving>,
    ) -> Self {
        let hidden = count::hidden(tree);
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.bytes));
        let mut instructions = facts.instructions.into_iter();
        let rows = layers
            .iter()
            .enumerate()
            .map(|(index, layer)| InspectedLayer {
                index,
                instruction: instructions.next().flatten(),
                digest: layer.claim.digest.to_string(),
                codec: layer.codec.name().into(),
                compressed: layer.claim.size,
                uncompressed: layer.inflated.len(),
                files: files(layer),
                wasted: hidden
                    .iter()
                    .filter(|hidden| usize::from(hidden.at.layer) == index)
                    .map(|hidden| hidden.bytes)
                    .sum(),
            });
        Self {
            platform: facts.platform,
            name: facts.name,
            source: facts.source,
            totals: Totals::of(tree, layers.iter().map(sizes)),
            layers: rows.collect(),
            hidden: rows::hidden(tree, &hidden, |_| false),
            packages: databases
                .iter()
                .map(|one| Installed::of(tree, one))
                .collect(),
            rules,
            suggestions: assets::suggest(tree),
            warnings: facts.warnings,
        }
    }
}

fn files(layer: &Layer) -> u64 {
    let entries = layer.entries.list().iter();
    entries.filter(|entry| entry.kind == Kind::File).count() as u64
}
