//! The value that all renderings show. The order of the fields is the order of the keys in JSON.

use serde::Serialize;

use crate::distroless::Depth;
use crate::error::Warning;
use crate::packages::PackageReport;
use crate::running::Finding;

use super::budget::{Budget, Missed};
use super::fleet::{Fleet, FleetSaving};
use super::html::MapFile;
use super::totals::Totals;
use super::{ForecastRow, Update};

/// A run over one source: an image, or the images of an index.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The version of this document's meaning: 1. Additions keep it.
    pub schema: u32,
    /// The program that made it.
    pub tool: Tool,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// One for each image, in the order of the source.
    pub images: Vec<Image>,
    /// All images together.
    pub total: Total,
    /// What concerns the source as a whole.
    pub warnings: Vec<Warning>,
    /// The limits of the budget that are not met.
    pub missed_limits: Vec<Missed>,
    /// What each image saves a fleet, where somebody asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fleet: Vec<FleetSaving>,
}

impl Report {
    /// The version of the JSON document.
    pub const SCHEMA: u32 = 1;

    /// Puts the images of a run together.
    pub fn new(images: Vec<Image>, warnings: Vec<Warning>, dry_run: bool) -> Self {
        let sum = |totals: fn(&Image) -> &Totals| {
            images
                .iter()
                .map(totals)
                .fold(Totals::default(), Totals::plus)
        };
        let total = Total {
            before: sum(|image| &image.before),
            after: sum(|image| &image.after),
        };
        Self {
            schema: Self::SCHEMA,
            tool: Tool::this(),
            dry_run,
            images,
            total,
            warnings,
            missed_limits: Vec::new(),
            fleet: Vec::new(),
        }
    }

    /// Notes what the results save a fleet.
    pub fn multiply(&mut self, fleet: Fleet) {
        let saving = |image: &Image| {
            let name = super::layout::title(image.name.as_deref(), &image.platform);
            fleet.saving(&name, &image.before, &image.after)
        };
        self.fleet = self.images.iter().map(saving).collect();
    }

    /// Notes the limits that the images do not meet, each for itself; `budget` is that of a platform.
    pub fn hold_against(&mut self, budget: impl Fn(&str) -> Budget) {
        let images = self.images.iter();
        self.missed_limits = images
            .flat_map(|image| budget(&image.platform).missed(image))
            .collect();
    }
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }
}

/// Before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Total {
    /// The source.
    pub before: Totals,
    /// The result.
    pub after: Totals,
}

/// What became of one image.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Image {
    /// `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// Tag or full name, where the source gives one.
    pub name: Option<String>,
    /// The source's manifest.
    pub source: Descriptor,
    /// The result's manifest; the source's when nothing changed.
    pub result: Descriptor,
    /// The source.
    pub before: Totals,
    /// The result.
    pub after: Totals,
    /// One for each layer of the source, base layer first.
    pub layers: Vec<LayerRow>,
    /// One for each layer of the result where they are made by what they hold, base layer first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupRow>,
    /// One for each rule that acted, the one that freed most first.
    pub rules: Vec<RuleRow>,
    /// What upper layers hid.
    pub hidden: HiddenBytes,
    /// Each path that went, by path.
    pub removed: Vec<RemovedRow>,
    /// Each path with other content, by path.
    pub edited: Vec<EditedRow>,
    /// What a rule asked for and did not get, by path.
    pub kept: Vec<KeptRow>,
    /// Packages that left whole, that stay although they were asked for, and that stay in part.
    pub packages: PackageReport,
    /// How deep the profile `distroless` went; with no other profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distroless: Option<DistrolessRow>,
    /// What a node pulls that has the last release, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<Update>,
    /// How many paths got an earlier time.
    pub clamped: u64,
    /// What was foreseen of each mode of layers, where one was to be chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<ForecastRow>,
    /// Bills of materials, where they were asked for.
    #[serde(skip)]
    pub bills: Option<Bills>,
    /// What was decided and could not be done, because its layer stays as it is.
    pub withdrawn: Vec<WithdrawnRow>,
    /// What ran before and may not run after.
    pub findings: Vec<Finding>,
    /// What a user should know.
    pub warnings: Vec<Warning>,
    /// Every file that a container saw, for pictures; not in JSON. Class 0 stays, 1 goes.
    #[serde(skip)]
    pub files: Vec<MapFile>,
}

/// What the profile `distroless` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DistrolessRow {
    /// How much of needed packages stays.
    pub depth: Depth,
    /// What speaks for it.
    pub why: String,
    /// Paths that something asks for, directly or over others.
    pub needed: u64,
    /// The system's packages that stay.
    pub packages: u64,
}

/// Bills of materials: CycloneDX 1.6 as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bills {
    /// Of the packages that left.
    pub left: String,
    /// Of the packages that stay.
    pub stays: String,
}

/// How a manifest is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Descriptor {
    /// Its digest.
    pub digest: String,
    /// Its media type.
    #[serde(rename = "mediaType")]
    pub media_type: String,
    /// Its own size, not the image's.
    pub size: u64,
}

/// What became of a layer of the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerRow {
    /// Its place.
    pub index: usize,
    /// The instruction that made it (`created_by` of its history entry).
    pub instruction: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// The place of the result's layer that holds what is left of it.
    pub into: Option<usize>,
    /// In the source.
    pub before: LayerBytes,
    /// In the result; of layers that were merged the lowest has it.
    pub after: Option<LayerBytes>,
    /// Where the bytes of `after` come from.
    pub bytes: Option<Bytes>,
}

/// What became of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It keeps its blob.
    Unchanged,
    /// It keeps its content, compressed anew.
    Recompressed,
    /// Something went from it, or changed in it.
    Rewritten,
    /// It was joined with others.
    Merged,
    /// Nothing was left of it.
    Dropped,
}

/// A layer's blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerBytes {
    /// The blob's digest.
    pub digest: String,
    /// `plain`, `gzip` or `zstd`.
    pub codec: String,
    /// The blob's size.
    pub compressed: u64,
    /// The inflated size.
    pub uncompressed: u64,
}

/// Where the bytes of a blob come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "how", rename_all = "lowercase")]
pub enum Bytes {
    /// The source's blob.
    Reused,
    /// Compressed blocks of the source, joined.
    Spliced {
        /// Compressed bytes copied as they were.
        copied: u64,
        /// Compressed bytes made anew.
        compressed: u64,
    },
    /// Compressed anew.
    Compressed,
    /// The blob of an earlier release.
    Previous,
}

/// A layer of the result that is made by what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupRow {
    /// What it holds.
    pub title: String,
    /// The layer.
    pub layer: LayerBytes,
    /// Where its bytes come from.
    pub bytes: Bytes,
}

/// What a rule did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleRow {
    /// Its name.
    pub name: String,
    /// `built-in`, a flag, or file and line.
    pub origin: String,
    /// Paths that it removed or edited.
    pub paths: u64,
    /// Those that were regular files.
    pub files: u64,
    /// What it freed; a file with several names is freed when the last goes.
    pub bytes: u64,
    /// Versions of the same paths in lower layers, hidden before.
    pub hidden_files: u64,
    /// Their bytes.
    pub hidden_bytes: u64,
    /// The paths that freed most, each with all under it.
    pub largest: Vec<PathBytes>,
}

/// A path and what it frees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathBytes {
    /// The path.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
}

/// The regular files of lower layers that no container sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HiddenBytes {
    /// How many.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Those of `bytes` that the result no longer has.
    pub freed: u64,
    /// Each, the largest first.
    pub paths: Vec<HiddenRow>,
}

/// A file that no container sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HiddenRow {
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// The layer that holds it.
    pub layer: usize,
    /// The layer that hid it.
    pub by: usize,
    /// `overwritten` or `deleted`.
    pub how: &'static str,
    /// Whether the result no longer has it.
    pub freed: bool,
}

/// A path that went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RemovedRow {
    /// The path.
    pub path: String,
    /// `file`, `directory`, `symlink`, `char-device`, `block-device` or `fifo`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What went with it: of a file with several names the bytes stand at one of them, when all went.
    pub bytes: u64,
    /// The rule that said so.
    pub rule: String,
    /// Where the rule comes from.
    pub origin: String,
}

/// A path with other content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditedRow {
    /// The path.
    pub path: String,
    /// The rule that said so.
    pub rule: String,
    /// Where the rule comes from.
    pub origin: String,
    /// The file's size before, or the length of a link's target.
    pub before: u64,
    /// And after.
    pub after: u64,
}

/// A path that a rule asked for and did not get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptRow {
    /// The path.
    pub path: String,
    /// The rule that asked.
    pub rule: String,
    /// Where the rule comes from.
    pub origin: String,
    /// What kept it.
    pub because: String,
}

/// What a rule decided and could not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WithdrawnRow {
    /// The rule.
    pub rule: String,
    /// Where the rule comes from.
    pub origin: String,
    /// Paths.
    pub paths: u64,
    /// Bytes of regular files.
    pub bytes: u64,
}
