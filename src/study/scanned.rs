//! An image of which every layer was read and verified.

use rayon::prelude::*;

use crate::digest::Digest;
use crate::error::{Result, Warning};
use crate::image::{Image, Offer};
use crate::largest::largest_first;
use crate::layer::{Claim, Entries, Indexed, Indexer, Layer, Spool, index};
use crate::progress::Silent;
use crate::report;
use crate::shrink::{Inflated, outline, scan};
use crate::source::Source;
use crate::tree::Tree;

use super::View;

/// An image whose files can be read.
#[derive(Debug)]
pub(super) struct Scanned {
    pub(super) layers: Vec<Layer>,
    pub(super) tree: Tree,
}

impl Scanned {
    pub(super) fn new(source: &dyn Source, image: &Image, view: &View) -> Result<Self> {
        let layers = scan(source, image, &Spool::new(view.temp_dir.clone()), &Silent)?;
        let tree = merge(&layers, image)?;
        Ok(Self { layers, tree })
    }

    /// As [`Scanned::new`], but nothing may be told of the image until [`Scanned::verify`] has been asked.
    pub(super) fn outline(source: &dyn Source, image: &Image, view: &View) -> Result<Self> {
        let layers = outline(source, image, &Spool::new(view.temp_dir.clone()))?;
        // That a layer is damaged is the fault to tell, where it is.
        let tree = merge(&layers, image).or_else(|fault| verify(&layers).and(Err(fault)))?;
        Ok(Self { layers, tree })
    }

    /// Verifies the layers that [`Scanned::outline`] left unverified.
    pub(super) fn verify(&self) -> Result<()> {
        verify(&self.layers)
    }

    /// The image's files, for rules that look into them.
    pub(super) fn contents(&self) -> Inflated<'_> {
        Inflated {
            tree: &self.tree,
            layers: &self.layers,
        }
    }

    /// What the report says of the image besides what is in it.
    pub(super) fn facts(&self, offer: &Offer, place: usize) -> report::Facts {
        let of_layers = self.layers.iter().flat_map(|layer| {
            let digest = &layer.claim.digest;
            let warning = move |text: &String| Warning {
                code: "layer",
                text: format!("layer `{digest}`: {text}"),
            };
            layer.warnings.iter().map(warning)
        });
        let name = offer.name(place);
        report::Facts::of(&offer.images[place], name, None, of_layers.collect())
    }
}

fn merge(layers: &[Layer], image: &Image) -> Result<Tree> {
    let entries = layers.iter().map(|layer| layer.entries.clone());
    Tree::merge(entries.collect(), &digests(image))
}

fn verify(layers: &[Layer]) -> Result<()> {
    let all = layers.iter().collect();
    largest_first(all, |layer: &&Layer| layer.claim.size, Layer::verify).map(drop)
}

/// An image of which only the index is kept.
#[derive(Debug)]
pub(super) struct Outline {
    /// The layers' sizes, compressed and inflated.
    pub(super) sizes: Vec<(u64, u64)>,
    pub(super) tree: Tree,
}

impl Outline {
    /// Reads an image; with `contents`, what its files hold is digested too.
    pub(super) fn new(source: &dyn Source, image: &Image, contents: bool) -> Result<Self> {
        let read = |layer: &crate::image::LayerSource| {
            let claim = Claim::of(layer);
            let indexer = if contents {
                Indexer::with_contents(layer.digest.clone())
            } else {
                Indexer::new(layer.digest.clone())
            };
            index(&source.blob(&layer.digest, layer.size)?, &claim, indexer)
        };
        let layers = image.layers.par_iter().with_max_len(1).map(read);
        let layers: Vec<Indexed> = layers.collect::<Result<_>>()?;
        let sizes = image.layers.iter().zip(&layers);
        let sizes = sizes
            .map(|(layer, indexed)| (layer.size, indexed.inflated))
            .collect();
        let entries = layers.into_iter().map(|layer| layer.entries.into());
        let entries: Vec<std::sync::Arc<Entries>> = entries.collect();
        let tree = Tree::merge(entries, &digests(image))?;
        Ok(Self { sizes, tree })
    }
}

fn digests(image: &Image) -> Vec<Digest> {
    image
        .layers
        .iter()
        .map(|layer| layer.digest.clone())
        .collect()
}
