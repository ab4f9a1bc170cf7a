//! The documents of the result: edited copies of the source's, in which only what must change does.
//!
//! Typed images would lose what they do not know (`Healthcheck`, `os.version`, vendors' keys), so the raw JSON is
//! edited; a document in which nothing changes is passed on byte for byte.

use serde_json::{Map, Value, json};

use crate::digest::Digest;
use crate::image::{Document, Image, has_annotations};
use crate::layer::Layer;
use crate::source::Descriptor;

use super::{How, Output};

/// What the manifest of a changed image says of its making.
#[derive(Clone, Debug)]
pub struct Record {
    /// The digest of the settings that were used.
    pub settings: Digest,
}

/// The documents of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageDocuments {
    /// The config.
    pub config: Vec<u8>,
    /// The manifest.
    pub manifest: Vec<u8>,
}

/// Annotations of a layer that tell of its old bytes: tables of contents and checksums of parts (eStargz, zstd:chunked, SOCI).
const OF_THE_BYTES: [&str; 3] = [
    "containerd.io/snapshot/stargz/",
    "io.github.containers.zstd-chunked.",
    "com.amazon.soci.",
];

/// Makes config and manifest of an image whose layers became `outputs`; `None` when all layers are as they were.
pub fn image_documents(
    image: &Image,
    layers: &[Layer],
    outputs: &[Output],
    record: &Record,
) -> Option<ImageDocuments> {
    if outputs.len() == layers.len() && outputs.iter().all(|output| output.how == How::Reused) {
        return None;
    }
    let config = config(image, outputs);
    let mut manifest = image.manifest.value.clone();
    manifest["layers"] = outputs.iter().map(|output| layer(image, output)).collect();
    if config != image.config.raw {
        let descriptor = &mut manifest["config"];
        descriptor["digest"] = json!(Digest::of(&config).as_str());
        descriptor["size"] = json!(config.len());
        remove(descriptor, "data");
    }
    if has_annotations(&image.descriptor.media_type) {
        annotate(&mut manifest, image, record);
    }
    Some(ImageDocuments {
        config,
        manifest: bytes(&manifest),
    })
}

/// The config with the new diff IDs; history rows whose layer went or moved up become empty.
fn config(image: &Image, outputs: &[Output]) -> Vec<u8> {
    let mut value = image.config.value.clone();
    value["rootfs"]["diff_ids"] = outputs
        .iter()
        .map(|output| Value::from(output.diff_id.as_str()))
        .collect();
    let carrying: Vec<usize> = outputs
        .iter()
        .filter_map(|output| output.from.last().copied())
        .collect();
    for (number, source) in image.layers.iter().enumerate() {
        if let Some(row) = source.history.filter(|_| !carrying.contains(&number)) {
            value["history"][row]["empty_layer"] = Value::Bool(true);
        }
    }
    if value == image.config.value {
        image.config.raw.clone()
    } else {
        bytes(&value)
    }
}

/// The descriptor of an output layer: that of the topmost layer it came from, with what changed.
fn layer(image: &Image, output: &Output) -> Value {
    let top = output.from.last().copied().unwrap_or_default();
    let source = &image.layers[top];
    if output.how == How::Reused {
        return source.descriptor.clone();
    }
    let mut descriptor = source.descriptor.clone();
    if !output.codec.is_told_by(&source.media_type) {
        descriptor["mediaType"] = json!(output.codec.media_type(&source.media_type));
    }
    descriptor["digest"] = json!(output.digest.as_str());
    descriptor["size"] = json!(output.size);
    remove(&mut descriptor, "data");
    remove(&mut descriptor, "urls");
    if let Some(annotations) = descriptor
        .get_mut("annotations")
        .and_then(Value::as_object_mut)
    {
        annotations.retain(|key, _| !OF_THE_BYTES.iter().any(|prefix| key.starts_with(prefix)));
        if annotations.is_empty() {
            remove(&mut descriptor, "annotations");
        }
    }
    descriptor
}

fn annotate(manifest: &mut Value, image: &Image, record: &Record) {
    let annotations = &mut manifest["annotations"];
    if !annotations.is_object() {
        *annotations = Value::Object(Map::new());
    }
    annotations["dev.oci-slim.source.digest"] = json!(image.manifest.digest.as_str());
    annotations["dev.oci-slim.version"] = json!(env!("CARGO_PKG_VERSION"));
    annotations["dev.oci-slim.settings.digest"] = json!(record.settings.as_str());
}

/// What became of something that an index lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// It is as it was.
    Same,
    /// It has another digest and size in bytes.
    Now(Digest, u64),
    /// It is not in the result.
    Gone,
}

/// Makes an index that lists `children` with what became of each; `None` when all are as they were.
pub fn index_document(index: &Document, children: &[(&Descriptor, Listed)]) -> Option<Vec<u8>> {
    let listed = index
        .value
        .get("manifests")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let all_same =
        listed == children.len() && children.iter().all(|(_, fate)| *fate == Listed::Same);
    if all_same {
        return None;
    }
    let mut value = index.value.clone();
    value["manifests"] = children
        .iter()
        .filter_map(|(descriptor, fate)| entry(descriptor, fate))
        .collect();
    Some(bytes(&value))
}

fn entry(descriptor: &Descriptor, fate: &Listed) -> Option<Value> {
    let mut value = descriptor.value.clone();
    match fate {
        Listed::Same => {}
        Listed::Gone => return None,
        Listed::Now(digest, size) => {
            value["digest"] = json!(digest.as_str());
            value["size"] = json!(size);
            remove(&mut value, "data");
        }
    }
    Some(value)
}

fn remove(value: &mut Value, key: &str) {
    if let Some(object) = value.as_object_mut() {
        object.shift_remove(key);
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("a JSON value can be written")
}
