//! The layers of the images in a layout, with every digest, size, diff_id and count checked.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::support::codec::decompress;
use crate::support::layout::{blob_path, digest, document, index};

/// The layers of one image, base layer first.
pub(crate) struct Layers {
    pub(crate) digests: Vec<String>,
    pub(crate) tars: Vec<Vec<u8>>,
}

/// Every image of a layout by platform (`os/architecture`); what is no image is passed over.
pub(crate) fn images(layout: &Path) -> BTreeMap<String, Layers> {
    let mut found = BTreeMap::new();
    collect(layout, &index(layout), &mut found);
    found
}

fn collect(layout: &Path, index: &Value, found: &mut BTreeMap<String, Layers>) {
    for descriptor in index["manifests"].as_array().unwrap() {
        blob(layout, descriptor);
        let document = document(layout, descriptor);
        if document.get("manifests").is_some() {
            collect(layout, &document, found);
        } else if descriptor["platform"]["os"] != "unknown" {
            let (platform, layers) = image(layout, &document);
            assert!(
                found.insert(platform, layers).is_none(),
                "each platform is there once"
            );
        }
    }
}

fn image(layout: &Path, manifest: &Value) -> (String, Layers) {
    blob(layout, &manifest["config"]);
    let config = document(layout, &manifest["config"]);
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let diff_ids = config["rootfs"]["diff_ids"].as_array().unwrap();
    let descriptors = manifest["layers"].as_array().unwrap();
    assert_eq!(
        diff_ids.len(),
        descriptors.len(),
        "a diff_id for each layer"
    );
    if let Some(history) = config["history"].as_array() {
        let steps = history.iter().filter(|step| step["empty_layer"] != true);
        assert_eq!(steps.count(), descriptors.len(), "a step for each layer");
    }
    let mut layers = Layers {
        digests: Vec::new(),
        tars: Vec::new(),
    };
    for (descriptor, diff_id) in descriptors.iter().zip(diff_ids) {
        let tar = decompress(&blob(layout, descriptor));
        assert_eq!(digest(&tar), text(diff_id), "the diff_id fits its layer");
        layers.digests.push(text(&descriptor["digest"]));
        layers.tars.push(tar);
    }
    let platform = format!("{}/{}", text(&config["os"]), text(&config["architecture"]));
    (platform, layers)
}

/// The bytes that a descriptor names, size and digest checked.
fn blob(layout: &Path, descriptor: &Value) -> Vec<u8> {
    let name = descriptor["digest"].as_str().unwrap();
    let bytes = std::fs::read(blob_path(layout, name)).unwrap();
    assert_eq!(descriptor["size"], bytes.len(), "the size of {name}");
    assert_eq!(digest(&bytes), name, "the digest of {name}");
    bytes
}
