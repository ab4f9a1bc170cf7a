//! How images differ: in size, and of two in what a container sees.

mod changes;
mod layout;
#[cfg(test)]
mod tests;

pub use changes::{Changes, DirectoryChange, PathChange, Sum};

use serde::Serialize;

use crate::error::Warning;

use super::totals::Totals;
use super::value::Tool;
use super::{Fleet, FleetSaving, Report, Update};

/// How images differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The version of this document's meaning.
    pub schema: u32,
    /// The program that made it.
    pub tool: Tool,
    /// The images, in the order in which they were named.
    pub images: Vec<SizedImage>,
    /// Of two sources: how the images of each platform differ.
    pub changes: Vec<Changes>,
    /// What the images share with the image that they were held against.
    pub shares: Vec<Share>,
    /// Of two sources: what a node that has the first pulls for the second.
    pub updates: Vec<Update>,
    /// What each image saves a fleet, compared with the first of its platform.
    pub fleet: Vec<FleetSaving>,
    /// What concerns a source as a whole.
    pub warnings: Vec<Warning>,
}

impl Difference {
    /// Puts the images of several sources together.
    pub fn new(images: Vec<SizedImage>, changes: Vec<Changes>, warnings: Vec<Warning>) -> Self {
        Self {
            schema: Report::SCHEMA,
            tool: Tool::this(),
            images,
            changes,
            shares: Vec::new(),
            updates: Vec::new(),
            fleet: Vec::new(),
            warnings,
        }
    }

    /// Notes what the images share with those of a base.
    pub fn hold_against(&mut self, base: &[SizedImage]) {
        for image in &self.images {
            let mut bases = base.iter();
            match bases.find(|base| base.platform == image.platform) {
                Some(base) => self.shares.push(Share::between(image, base)),
                None => self.warnings.push(Warning {
                    code: "one-side",
                    text: format!("the base has no image for {}", image.platform),
                }),
            }
        }
    }

    /// Notes what the images save a fleet, compared with the first of their platform.
    pub fn multiply(&mut self, fleet: Fleet) {
        for (place, image) in self.images.iter().enumerate() {
            let mut before = self.images[..place].iter();
            if let Some(first) = before.find(|first| first.platform == image.platform) {
                let saving = fleet.saving(&image.reference, &first.totals, &image.totals);
                self.fleet.push(saving);
            }
        }
    }
}

/// What a node that has one of the `before` pulls for each of the `after`.
pub(crate) fn updates(before: &[SizedImage], after: &[SizedImage]) -> Vec<Update> {
    let pair = |image: &SizedImage| {
        let layers = image.layers.iter();
        let layers = layers.map(|layer| (&layer.digest[..], layer.compressed));
        update(before, &image.platform, after.len() == 1, layers)
    };
    after.iter().filter_map(pair).collect()
}

/// What a node pulls for `layers`, by digest and stored size, that has the image of `before` for their platform; where
/// both sides have one image, that one.
pub(crate) fn update<'a>(
    before: &'a [SizedImage],
    platform: &str,
    is_only: bool,
    layers: impl Iterator<Item = (&'a str, u64)>,
) -> Option<Update> {
    let is_only = is_only && before.len() == 1;
    let mut all = before.iter();
    let same = all.find(|image| is_only || image.platform == platform)?;
    let there = same.layers.iter().map(|layer| &layer.digest[..]);
    Some(Update::new(&same.reference, platform, layers, there))
}

/// An image and its size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SizedImage {
    /// The source, as the user named it.
    pub reference: String,
    /// `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// The digest of the manifest.
    pub digest: String,
    /// Its size.
    pub totals: Totals,
    /// Base layer first.
    pub layers: Vec<SizedLayer>,
}

/// A layer and its size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SizedLayer {
    /// The blob's digest.
    pub digest: String,
    /// The digest of the inflated layer.
    pub diff_id: String,
    /// The blob's size.
    pub compressed: u64,
    /// The inflated size.
    pub uncompressed: u64,
    /// The instruction that made it.
    pub instruction: Option<String>,
}

/// What an image shares with another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The image, as the user named it.
    pub reference: String,
    /// `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// Layers that a node that has the other holds already: those at the bottom that are the same in both.
    pub layers: usize,
    /// Their bytes, inflated.
    pub shared: u64,
    /// The bytes of the other layers, inflated.
    pub own: u64,
    /// Bytes of blobs that both have, as stored: what a pull after the other need not fetch.
    pub shared_blobs: u64,
    /// Bytes of the other blobs.
    pub own_blobs: u64,
}

impl Share {
    fn between(image: &SizedImage, base: &SizedImage) -> Self {
        let pairs = image.layers.iter().zip(&base.layers);
        let layers = pairs.take_while(|(own, base)| own.diff_id == base.diff_id);
        let layers = layers.count();
        let is_there = |layer: &&SizedLayer| {
            let mut others = base.layers.iter();
            others.any(|other| other.digest == layer.digest)
        };
        let (shared, own) = image.layers.split_at(layers);
        let inflated = |layers: &[SizedLayer]| layers.iter().map(|layer| layer.uncompressed).sum();
        let blobs = image.layers.iter().filter(is_there);
        let shared_blobs: u64 = blobs.map(|layer| layer.compressed).sum();
        let all: u64 = image.layers.iter().map(|layer| layer.compressed).sum();
        Self {
            reference: image.reference.clone(),
            platform: image.platform.clone(),
            layers,
            shared: inflated(shared),
            own: inflated(own),
            shared_blobs,
            own_blobs: all - shared_blobs,
        }
    }
}
