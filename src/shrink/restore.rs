//! Puts a restore pack back on top of an image.

use std::fs::File;
use std::path::Path;

use serde_json::{Value, json};

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::image::{Image, Offer, Platform};
use crate::layer::{Claim, measure};
use crate::source::{Blob, Source};
use crate::write::{Destination, ImageDocuments, Staging};

use super::publish;

/// Makes the image of `source` with the layer in the file `pack` on top at `destination`; `platform` chooses one image
/// of several.
///
/// # Errors
/// When the source is damaged or offers several images, the pack is no layer, or the destination cannot be written.
pub fn restore(
    source: &dyn Source,
    pack: &Path,
    destination: &Destination,
    platform: Option<&Platform>,
    temp_dir: Option<&Path>,
    force: bool,
) -> Result<()> {
    let staging = Staging::new(destination, temp_dir, force)?;
    let offer = Offer::load(
        source,
        platform.map(std::slice::from_ref).unwrap_or_default(),
    )?;
    destination.accept(&offer)?;
    let [image] = &offer.images[..] else {
        let fault = "it holds several images, and a pack is of one: choose it with `--platform`";
        return Err(Error::Setting {
            name: "restore",
            fault: fault.into(),
        });
    };
    let file = File::open(pack).map_err(|source| Error::Read {
        path: pack.to_owned(),
        source,
    })?;
    let blob = Blob::whole(file, pack.to_owned())?;
    let (claim, codec) = measure(&blob)?;
    for layer in &image.layers {
        staging.copy(&source.blob(&layer.digest, layer.size)?, &layer.digest)?;
    }
    staging.copy(&blob, &claim.digest)?;
    let like = image.layers.last().map_or("", |layer| &layer.media_type);
    let documents = documents(image, &claim, codec.media_type(like));
    let published = vec![publish::documents(&documents, &staging)?];
    let index = publish::indexes(source, &offer, &published, &staging, &mut Vec::new())?;
    staging.commit(&index)
}

/// Config and manifest with one layer more.
fn documents(image: &Image, claim: &Claim, media_type: &str) -> ImageDocuments {
    let mut config = image.config.value.clone();
    push(
        &mut config["rootfs"]["diff_ids"],
        json!(claim.diff_id.as_str()),
    );
    if config["history"].is_array() {
        let mut row = json!({"created_by": "oci-slim restore"});
        if config["created"].is_string() {
            row["created"] = config["created"].clone();
        }
        push(&mut config["history"], row);
    }
    let config = config.to_string().into_bytes();
    let mut manifest = image.manifest.value.clone();
    let layer = json!({
        "mediaType": media_type, "digest": claim.digest.as_str(), "size": claim.size,
    });
    push(&mut manifest["layers"], layer);
    let descriptor = &mut manifest["config"];
    descriptor["digest"] = json!(Digest::of(&config).as_str());
    descriptor["size"] = json!(config.len());
    if let Some(descriptor) = descriptor.as_object_mut() {
        descriptor.remove("data");
    }
    ImageDocuments {
        config,
        manifest: manifest.to_string().into_bytes(),
    }
}

fn push(list: &mut Value, value: Value) {
    if let Some(list) = list.as_array_mut() {
        list.push(value);
    }
}
