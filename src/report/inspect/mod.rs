//! Where an image's bytes are: layers, waste, what each rule would save, and what only the user can judge.

mod advice;
mod assets;
mod dive;
mod layout;
mod savings;
mod secrets;
#[cfg(test)]
mod tests;
mod twins;
mod waste;
mod weights;

use std::collections::HashSet;

use serde::Serialize;

use crate::error::Warning;
use crate::layer::{Kind, Layer};
use crate::packages::{Database, Manager};
use crate::tree::Tree;

use super::build::sizes;
use super::count;
use super::diff::{SizedImage, update};
use super::rows;
use super::totals::Totals;
use super::value::{Descriptor, HiddenBytes, Tool};
use super::{Facts, Report, Update};

pub use advice::Advice;
pub use assets::Suggestion;
pub use dive::{DiveNumbers, DiveReference, dive};
pub use savings::{RuleSaving, RunSaving};
pub use secrets::{LOOKED_AT, Secret, secret};
pub use twins::{EqualFiles, Equals, MetadataOnly, Twins};
pub use waste::WastedPath;
pub use weights::{LargeFile, PackageWeight, Weight, Weights};

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

    /// Notes what a node pulls that has one of `earlier`.
    pub fn since(&mut self, earlier: &[SizedImage]) {
        let is_only = self.images.len() == 1;
        for image in &mut self.images {
            let layers = image.layers.iter();
            let layers = layers.map(|layer| (&layer.digest[..], layer.compressed));
            image.update = update(earlier, &image.platform, is_only, layers);
            if image.update.is_none() {
                let text = format!("the earlier image has none for {}", image.platform);
                let code = "one-side";
                self.warnings.push(Warning { code, text });
            }
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
    /// What a node pulls that has an earlier image, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<Update>,
    /// The same as dive counts it.
    pub dive: DiveNumbers,
    /// Base layer first.
    pub layers: Vec<InspectedLayer>,
    /// What upper layers hide; `freed` is what `shrink` would free.
    pub hidden: HiddenBytes,
    /// The same by path, the most bytes first.
    pub wasted: Vec<WastedPath>,
    /// Layers that hold files again although their content did not change.
    pub metadata_only: Vec<MetadataOnly>,
    /// Equal files that a container sees.
    pub equal: Equals,
    /// Who has the visible bytes.
    pub weights: Weights,
    /// What package managers installed.
    pub packages: Vec<Installed>,
    /// What each built-in rule would save if it were alone, the most first; those that would save nothing are left out.
    pub rules: Vec<RuleSaving>,
    /// What runs of `shrink` with some profiles and layer modes would save.
    pub runs: Vec<RunSaving>,
    /// What lower layers hold and looks like a secret.
    pub secrets: Vec<Secret>,
    /// What could be done, the most bytes first.
    pub advice: Vec<Advice>,
    /// Large static files that only the user can judge.
    pub suggestions: Vec<Suggestion>,
    /// What a user should know.
    pub warnings: Vec<Warning>,
    /// Every visible file, for pictures; not in JSON.
    #[serde(skip)]
    pub files: Vec<VisibleFile>,
}

/// A file that a container sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisibleFile {
    /// The first of its names.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// The layer that holds it.
    pub layer: u16,
    /// Why it would go: the first run of [`InspectedImage::runs`] that takes it.
    pub goes: Option<u8>,
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
    /// The bytes of its regular files as a container would see them, without tar headers.
    pub content: u64,
    /// Paths besides directories that lower layers did not have.
    pub added: u64,
    /// Paths besides directories that they did.
    pub changed: u64,
    /// Paths besides directories that it deleted.
    pub removed: u64,
    /// Bytes of its files that no container sees.
    pub wasted: u64,
}

/// What was found in an image.
#[derive(Debug)]
pub struct Found<'a> {
    /// Base layer first.
    pub layers: &'a [Layer],
    /// What a container sees.
    pub tree: &'a Tree,
    /// What is installed.
    pub databases: &'a [Database],
    /// The digests of files that could have a twin.
    pub twins: &'a Twins,
    /// In the order of the registry.
    pub rules: Vec<RuleSaving>,
    /// In the order in which they are shown.
    pub runs: Vec<RunSaving>,
    /// By layer and path.
    pub secrets: Vec<Secret>,
    /// The visible files, by path.
    pub files: Vec<VisibleFile>,
}

impl InspectedImage {
    /// Looks at an image.
    pub fn new(facts: Facts, found: Found<'_>) -> Self {
        let Found { layers, tree, .. } = found;
        let hidden = count::hidden(tree);
        let instructions = &facts.instructions[..];
        let mut rules = found.rules;
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.bytes));
        let mut image = Self {
            platform: facts.platform,
            name: facts.name,
            source: facts.source,
            totals: Totals::of(tree, layers.iter().map(sizes)),
            update: None,
            dive: dive(layers.iter().map(|layer| &*layer.entries)),
            layers: layer_rows(layers, tree, instructions, &hidden),
            hidden: rows::hidden(tree, &hidden, |_| false),
            wasted: waste::wasted(tree, &hidden, instructions),
            metadata_only: twins::metadata_only(tree, &hidden, found.twins, instructions),
            equal: twins::equals(tree, found.twins),
            weights: weights::weigh(tree, found.databases),
            packages: found
                .databases
                .iter()
                .map(|one| Installed::of(tree, one))
                .collect(),
            rules,
            runs: found.runs,
            secrets: found.secrets,
            advice: Vec::new(),
            suggestions: assets::suggest(tree),
            warnings: facts.warnings,
            files: found.files,
        };
        image.advice = advice::advise(&image);
        image
    }
}

fn layer_rows(
    layers: &[Layer],
    tree: &Tree,
    instructions: &[Option<String>],
    hidden: &[count::Hidden],
) -> Vec<InspectedLayer> {
    let mut wasted = vec![0; layers.len()];
    for one in hidden {
        wasted[usize::from(one.at.layer)] += one.bytes;
    }
    let touched = waste::touched(tree);
    let row = |(index, layer): (usize, &Layer)| {
        let of_kind = |entry: &&crate::layer::Entry| entry.kind == Kind::File;
        let files = || layer.entries.list().iter().filter(of_kind);
        InspectedLayer {
            index,
            instruction: instructions.get(index).cloned().flatten(),
            digest: layer.claim.digest.to_string(),
            codec: layer.codec.name().into(),
            compressed: layer.claim.size,
            uncompressed: layer.inflated.len(),
            files: files().count() as u64,
            content: files().map(|entry| entry.size).sum(),
            added: touched[index].added,
            changed: touched[index].changed,
            removed: touched[index].removed,
            wasted: wasted[index],
        }
    };
    layers.iter().enumerate().map(row).collect()
}
