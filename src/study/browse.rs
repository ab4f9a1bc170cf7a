//! What a browser of an image needs: the merged tree and the layers' names and sizes.

use crate::error::{Error, Result};
use crate::image::Offer;
use crate::report::Totals;
use crate::report::inspect::{DiveNumbers, dive};
use crate::source::Source;
use crate::tree::Tree;

use super::View;
use super::scanned::Outline;

/// An image to browse.
#[derive(Debug)]
pub struct Browsed {
    /// Tag or full name, where the source gives one.
    pub name: Option<String>,
    /// `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// Base layer first.
    pub layers: Vec<BrowsedLayer>,
    /// Every path that ever was.
    pub tree: Tree,
    /// All layers together.
    pub totals: Totals,
    /// The same as dive counts it.
    pub dive: DiveNumbers,
}

/// A layer to browse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowsedLayer {
    /// The blob's digest.
    pub digest: String,
    /// The blob's size.
    pub compressed: u64,
    /// The inflated size.
    pub uncompressed: u64,
    /// The instruction that made it.
    pub instruction: Option<String>,
}

/// Reads the first image of a source; every layer is verified.
///
/// # Errors
/// When the source is damaged or has no image.
pub fn browse(source: &dyn Source, view: &View) -> Result<Browsed> {
    let offer = Offer::load(source, view.platform.as_slice())?;
    let Some(image) = offer.images.first() else {
        return Err(Error::NoImage {
            place: offer.place.clone(),
            fault: "no image".into(),
            offered: Vec::new(),
        });
    };
    let listed = Outline::new(source, image, false)?;
    let layers = image.layers.iter().zip(&listed.sizes);
    let layers = layers.map(|(layer, &(compressed, uncompressed))| BrowsedLayer {
        digest: layer.digest.to_string(),
        compressed,
        uncompressed,
        instruction: layer.instruction.clone(),
    });
    Ok(Browsed {
        name: offer.name(0).map(str::to_owned),
        platform: image.platform.to_string(),
        layers: layers.collect(),
        totals: Totals::of(&listed.tree, listed.sizes.iter().copied()),
        dive: dive(listed.tree.layers().iter().map(|entries| &**entries)),
        tree: listed.tree,
    })
}
