//! Whether the two documents of a `docker save` archive speak of the same images.
//!
//! Nothing is verified here: a document that is taken is verified when it is loaded.

use std::collections::BTreeSet;

use super::archive::Archive;
use super::docker::{Item, digest_in};
use super::{Descriptor, Files as _, MANIFEST_LIMIT, json, media};
use crate::digest::Digest;

/// Bounds the documents that are looked at.
const MAX_DOCUMENTS: usize = 4096;

/// A config and the layers over which it runs.
type Image = (Digest, Vec<Digest>);

/// Returns whether each image of `manifest.json` is in `index.json`, with the same config and the same layers in the same order.
pub(super) fn holds(archive: &Archive, items: &[Item]) -> bool {
    let listed = images(archive);
    items.iter().all(|item| {
        let layers: Option<Vec<Digest>> = item.layers.iter().map(|path| digest_in(path)).collect();
        digest_in(&item.config)
            .zip(layers)
            .is_some_and(|image| listed.contains(&image))
    })
}

fn images(archive: &Archive) -> BTreeSet<Image> {
    let mut images = BTreeSet::new();
    let mut left = vec![("index.json".to_owned(), media::Target::Index)];
    let mut seen = BTreeSet::new();
    while let Some((path, target)) = left.pop() {
        if !seen.insert(path.clone()) || seen.len() > MAX_DOCUMENTS {
            continue;
        }
        let Some(document) = document(archive, &path) else {
            continue;
        };
        match target {
            media::Target::Index => left.extend(
                descriptors(&document, "manifests")
                    .into_iter()
                    .flatten()
                    .map(|child| {
                        (
                            format!("blobs/sha256/{}", child.digest.hex()),
                            media::target(&child.media_type),
                        )
                    }),
            ),
            media::Target::Manifest => images.extend(image(&document)),
            media::Target::Unknown => {}
        }
    }
    images
}

fn document(archive: &Archive, path: &str) -> Option<serde_json::Value> {
    let file = archive.find(path).ok()??;
    (file.len() <= MANIFEST_LIMIT).then(|| json::parse(&file.read_all().ok()?).ok())?
}

fn image(manifest: &serde_json::Value) -> Option<Image> {
    let config = Descriptor::parse(manifest.get("config")?).ok()?;
    let layers = descriptors(manifest, "layers")?
        .into_iter()
        .map(|layer| layer.digest)
        .collect();
    Some((config.digest, layers))
}

fn descriptors(document: &serde_json::Value, key: &str) -> Option<Vec<Descriptor>> {
    json::list(document.as_object()?, key)
        .ok()?
        .iter()
        .map(|value| Descriptor::parse(value).ok())
        .collect()
}
