//! Whether images are whole, and whether one is another less what was removed.

use std::collections::BTreeMap;

use crate::error::{Result, Warning};
use crate::image::{Image, Offer};
use crate::layer::Claim;
use crate::report::verify::{CheckedImage, ComparedImage, Verification};
use crate::rules::Facts;
use crate::running::{self, Finding};
use crate::source::{Blob, Source};
use crate::verify::{Depth, Sight, compare, look};

use super::View;
use super::scanned::Scanned;

/// Reads every blob of the images of a source to its last byte; with `after`, compares what containers see.
///
/// # Errors
/// When a source is damaged.
pub fn verify(
    source: &dyn Source,
    after: Option<&dyn Source>,
    view: &View,
) -> Result<Verification> {
    let mut warnings = Vec::new();
    let mut images = Vec::new();
    let mut seen: Vec<Vec<(String, Sight)>> = Vec::new();
    let depth = if after.is_some() {
        Depth::Contents
    } else {
        Depth::Entries
    };
    for source in [Some(source), after].into_iter().flatten() {
        let offer = Offer::load(source, view.platform.as_slice())?;
        warnings.extend(offer.warnings.iter().cloned());
        let layers = offer.images.iter().map(|image| layers(source, image));
        let sights = look(&layers.collect::<Result<Vec<_>>>()?, depth)?;
        let mut own = Vec::new();
        for (image, sight) in offer.images.iter().zip(sights) {
            let checked = sight.checked()?;
            warnings.extend(checked.warnings.iter().map(|text| warning("layer", text)));
            let platform = image.platform.to_string();
            images.push(CheckedImage {
                reference: source.place().to_owned(),
                platform: platform.clone(),
                digest: image.manifest.digest.to_string(),
                layers: checked.layers,
                compressed: checked.stored,
                uncompressed: checked.inflated,
                entries: checked.entries,
                paths: checked.paths,
            });
            own.push((platform, sight));
        }
        seen.push(own);
    }
    let (mut compared, mut is_complete) = (Vec::new(), true);
    let mut findings = match after {
        Some(after) => findings(source, after, view)?,
        None => BTreeMap::new(),
    };
    if let [before, after] = &seen[..] {
        for (platform, before) in before {
            let alone = before_is_alone(&seen);
            let pair = after.iter().find(|(other, _)| alone || other == platform);
            if let Some((_, after)) = pair {
                let findings = findings.remove(platform).unwrap_or_default();
                let comparison = compare(before, after)?;
                compared.push(ComparedImage::new(platform.clone(), comparison, findings));
            } else {
                is_complete = false;
                let text = format!("the result has no image for {platform}");
                warnings.push(warning("one-side", &text));
            }
        }
    }
    Ok(Verification::new(images, compared, is_complete, warnings))
}

/// What may not run in the images of `after` as it does in those of `source`, by platform.
fn findings(
    source: &dyn Source,
    after: &dyn Source,
    view: &View,
) -> Result<BTreeMap<String, Vec<Finding>>> {
    let (before, after) = (
        (source, Offer::load(source, view.platform.as_slice())?),
        (after, Offer::load(after, view.platform.as_slice())?),
    );
    let alone = before.1.images.len() == 1 && after.1.images.len() == 1;
    let mut all = BTreeMap::new();
    for image in &before.1.images {
        let mut others = after.1.images.iter();
        if let Some(other) = others.find(|other| alone || other.platform == image.platform) {
            let one = Scanned::new(before.0, image, view)?;
            let two = Scanned::new(after.0, other, view)?;
            let (first, second) = (one.contents(), two.contents());
            let facts = Facts::gather(&image.config.value, &one.tree, &first)?;
            let own = Facts::gather(&other.config.value, &two.tree, &second)?;
            let before = running::View {
                tree: &one.tree,
                contents: &first,
                facts: &facts,
            };
            let after = running::View {
                tree: &two.tree,
                contents: &second,
                facts: &own,
            };
            let found = running::reach(before)?;
            let findings = running::compare(before, &found, after)?;
            all.insert(image.platform.to_string(), findings);
        }
    }
    Ok(all)
}

/// Whether both sources have one image: their platforms need not agree to be compared.
fn before_is_alone(seen: &[Vec<(String, Sight)>]) -> bool {
    seen.iter().all(|images| images.len() == 1)
}

fn layers(source: &dyn Source, image: &Image) -> Result<Vec<(Blob, Claim)>> {
    image
        .layers
        .iter()
        .map(|layer| {
            let claim = Claim::of(layer);
            Ok((source.blob(&layer.digest, layer.size)?, claim))
        })
        .collect()
}

fn warning(code: &'static str, text: &str) -> Warning {
    Warning {
        code,
        text: text.to_owned(),
    }
}
