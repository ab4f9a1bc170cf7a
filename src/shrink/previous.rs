//! The last release of an image: its layers, to be taken again where they hold the same.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::image::{Image, LayerSource, Offer};
use crate::largest::largest_first;
use crate::layer::{Claim, Entries, Indexer, Layer, index};
use crate::plan::{Follower, Taken};
use crate::report::Update;
use crate::source::Source;
use crate::write::{GROUP, Known, Output, Run, diff_id, runs};

/// The layers of the last release, all verified.
#[derive(Debug, Default)]
pub(super) struct Previous {
    /// Where it was found, as the user named it.
    pub(super) place: String,
    /// Base layer first.
    pub(super) known: Vec<Known>,
    entries: Vec<Entries>,
    titles: Vec<String>,
}

impl Previous {
    /// Reads the image for the platform of `image`, or the only one; nothing where there is none.
    ///
    /// # Errors
    /// When it cannot be read or is damaged.
    pub(super) fn read(source: Option<&Arc<dyn Source>>, image: &Image) -> Result<Self> {
        let Some(source) = source else {
            return Ok(Self::default());
        };
        let offer = Offer::load(&**source, &[])?;
        let mut images = offer.images.iter();
        let found = images.find(|one| one.platform == image.platform);
        let Some(found) = found.or(offer.images.first().filter(|_| offer.images.len() == 1)) else {
            return Err(Error::Setting {
                name: "--previous",
                fault: format!("it holds no image for {}", image.platform),
            });
        };
        let read = |layer: &LayerSource| {
            let claim = Claim::of(layer);
            let blob = source.blob(&layer.digest, layer.size)?;
            let indexed = index(&blob, &claim, Indexer::new(claim.digest.clone()))?;
            let known = Known {
                claim,
                codec: indexed.codec,
                inflated: indexed.inflated,
                blob,
            };
            Ok((known, indexed.entries))
        };
        let layers = largest_first(found.layers.iter().collect(), |layer| layer.size, read)?;
        let (known, entries) = layers.into_iter().unzip();
        let title = |layer: &LayerSource| {
            let title = layer.descriptor["annotations"][GROUP].as_str();
            title.unwrap_or("a layer of the last release").to_owned()
        };
        Ok(Self {
            place: source.place().to_owned(),
            known,
            entries,
            titles: found.layers.iter().map(title).collect(),
        })
    }

    /// What a node that has this release pulls for these layers.
    pub(super) fn update(&self, outputs: &[Output], image: &Image) -> Update {
        let layers = outputs
            .iter()
            .map(|output| (output.digest.as_str(), output.size));
        let there = self.known.iter().map(|known| known.claim.digest.as_str());
        Update::new(&self.place, &image.platform.to_string(), layers, there)
    }

    /// The layers whose content the result has too, byte for byte, as many as there is room for.
    ///
    /// # Errors
    /// When a source layer cannot be read back.
    pub(super) fn follow(
        &self,
        layers: &[Layer],
        mut follower: Follower<'_>,
    ) -> Result<Vec<Taken>> {
        let mut taken = Vec::new();
        for ((known, entries), title) in self.known.iter().zip(&self.entries).zip(&self.titles) {
            let Some(like) = follower.lay(entries, title.clone()) else {
                continue;
            };
            let runs = runs(layers, &like.pieces)?;
            let length = Run::total(&runs);
            let is_room = follower.room() > 0;
            if is_room && length == known.inflated && diff_id(layers, &runs)? == known.claim.diff_id
            {
                follower.take(&like);
                taken.push(like);
            }
        }
        Ok(taken)
    }
}
