//! How images differ.

use crate::error::{Result, Warning};
use crate::image::{Image, Offer};
use crate::report::Totals;
use crate::report::diff::{Changes, Difference, SizedImage, SizedLayer, updates};
use crate::source::Source;

use super::View;
use super::scanned::Outline;

/// Compares the images of several sources; of two, what a container sees in the images of the same platform.
///
/// # Errors
/// When a source is damaged.
pub fn diff(sources: &[Box<dyn Source>], view: &View) -> Result<Difference> {
    let mut images = Vec::new();
    let mut warnings = Vec::new();
    let mut trees: Vec<Vec<(String, Outline)>> = Vec::new();
    for source in sources {
        let offer = Offer::load(&**source, view.platform.as_slice())?;
        warnings.extend(offer.warnings.iter().cloned());
        let mut own = Vec::new();
        for image in &offer.images {
            let listed = Outline::new(&**source, image, sources.len() == 2)?;
            let platform = image.platform.to_string();
            images.push(SizedImage {
                reference: source.place().to_owned(),
                platform: platform.clone(),
                digest: image.manifest.digest.to_string(),
                totals: Totals::of(&listed.tree, listed.sizes.iter().copied()),
                layers: sized(image, &listed),
            });
            own.push((platform, listed));
        }
        trees.push(own);
    }
    let changes = match &trees[..] {
        [before, after] => pairs(before, after, &mut warnings),
        _ => Vec::new(),
    };
    let first = trees.first().map_or(0, Vec::len);
    let two = trees.len() == 2;
    let mut difference = Difference::new(images, changes, warnings);
    if two {
        let (before, after) = difference.images.split_at(first);
        difference.updates = updates(before, after);
    }
    Ok(difference)
}

/// Sizes the images of a source, to hold others against.
///
/// # Errors
/// When the source is damaged.
pub fn sizes(source: &dyn Source, view: &View) -> Result<Vec<SizedImage>> {
    let offer = Offer::load(source, view.platform.as_slice())?;
    let size = |image: &Image| {
        let listed = Outline::new(source, image, false)?;
        Ok(SizedImage {
            reference: source.place().to_owned(),
            platform: image.platform.to_string(),
            digest: image.manifest.digest.to_string(),
            totals: Totals::of(&listed.tree, listed.sizes.iter().copied()),
            layers: sized(image, &listed),
        })
    };
    offer.images.iter().map(size).collect()
}

fn sized(image: &Image, listed: &Outline) -> Vec<SizedLayer> {
    let layers = image.layers.iter().zip(&listed.sizes);
    layers
        .map(|(layer, &(compressed, uncompressed))| SizedLayer {
            digest: layer.digest.to_string(),
            diff_id: layer.diff_id.to_string(),
            compressed,
            uncompressed,
            instruction: layer.instruction.clone(),
        })
        .collect()
}

/// Compares the images of each platform. Where both sources have one image, their platforms need not agree.
fn pairs(
    before: &[(String, Outline)],
    after: &[(String, Outline)],
    warnings: &mut Vec<Warning>,
) -> Vec<Changes> {
    if let ([(platform, before)], [(_, after)]) = (before, after) {
        return vec![Changes::between(
            platform.clone(),
            &before.tree,
            &after.tree,
        )];
    }
    let mut changes = Vec::new();
    for (platform, listed) in before {
        match after.iter().find(|(other, _)| other == platform) {
            Some((_, after)) => {
                changes.push(Changes::between(
                    platform.clone(),
                    &listed.tree,
                    &after.tree,
                ));
            }
            None => warnings.push(alone(platform, "first")),
        }
    }
    let only_after =
        |(platform, _): &&(String, Outline)| before.iter().all(|(other, _)| other != platform);
    warnings.extend(
        after
            .iter()
            .filter(only_after)
            .map(|(platform, _)| alone(platform, "second")),
    );
    changes
}

fn alone(platform: &str, place: &str) -> Warning {
    Warning {
        code: "one-side",
        text: format!("only the {place} source has an image for {platform}"),
    }
}
