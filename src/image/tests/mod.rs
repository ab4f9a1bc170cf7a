//! Documents good and bad, from memory.

mod chosen;
mod refused;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::error::{Error, Result};
use crate::source::media::{CONFIG, INDEX, LAYER, MANIFEST};
use crate::source::{Blob, Source};

/// A source whose documents are made, not stored; its layers need not be there.
#[derive(Debug, Default)]
struct Memory {
    index: Value,
    documents: BTreeMap<Digest, Vec<u8>>,
    wanted: Option<String>,
    docker_save: bool,
}

impl Source for Memory {
    fn place(&self) -> &str {
        "memory"
    }

    fn index(&self) -> Result<Vec<u8>> {
        Ok(self.index.to_string().into_bytes())
    }

    fn wanted(&self) -> Option<&str> {
        self.wanted.as_deref()
    }

    fn find(&self, _: &Digest, _: u64) -> Result<Option<Blob>> {
        Ok(None)
    }

    fn made(&self, digest: &Digest) -> Option<&[u8]> {
        self.documents.get(digest).map(Vec::as_slice)
    }

    fn is_docker_save(&self) -> bool {
        self.docker_save
    }
}

impl Memory {
    /// Stores a document and returns its descriptor.
    fn put(&mut self, media_type: &str, document: &Value) -> Value {
        let bytes = document.to_string().into_bytes();
        let digest = Digest::of(&bytes);
        let descriptor =
            json!({ "mediaType": media_type, "digest": digest.as_str(), "size": bytes.len() });
        self.documents.insert(digest, bytes);
        descriptor
    }

    fn image(&mut self, manifest: &Value, config: &Value) -> Value {
        let mut manifest = manifest.clone();
        if manifest["config"].is_null() {
            manifest["config"] = self.put(CONFIG, config);
        }
        self.put(MANIFEST, &manifest)
    }

    fn load(&self) -> Result<Offer> {
        Offer::load(self, &[])
    }
}

fn digest(of: &str) -> String {
    Digest::of(of.as_bytes()).to_string()
}

fn layer(name: &str) -> Value {
    json!({ "mediaType": format!("{LAYER}+gzip"), "digest": digest(name), "size": 10 })
}

fn manifest() -> Value {
    json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": null, "layers": [layer("a"), layer("b")] })
}

fn config() -> Value {
    json!({
        "os": "linux", "architecture": "amd64",
        "rootfs": { "type": "layers", "diff_ids": [digest("A"), digest("B")] },
        "history": [{ "created_by": "ADD a" }, { "created_by": "ENV x", "empty_layer": true }, { "created_by": "RUN b" }],
    })
}

fn index(manifests: &[Value]) -> Value {
    json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests })
}

fn with(value: &Value, pointer: &str, new: Value) -> Value {
    let mut value = value.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    value.pointer_mut(parent).unwrap()[key] = new;
    value
}

/// Loads one image made of `manifest` and `config`.
fn load(manifest: &Value, config: &Value) -> Result<Offer> {
    let mut source = Memory::default();
    let root = source.image(manifest, config);
    source.index = index(&[root]);
    source.load()
}

#[test]
fn layers_are_paired_with_diff_ids_and_instructions() {
    let offer = load(&manifest(), &config()).unwrap();
    let image = &offer.images[0];
    let rows: Vec<_> = image
        .layers
        .iter()
        .map(|layer| {
            (
                layer.diff_id.to_string(),
                layer.instruction.as_deref(),
                layer.history,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (digest("A"), Some("ADD a"), Some(0)),
            (digest("B"), Some("RUN b"), Some(2))
        ]
    );
    assert_eq!(image.platform.to_string(), "linux/amd64");
    assert!(offer.warnings.is_empty());
}

#[test]
fn what_may_be_missing_may() {
    let cases: [(Value, Value, usize); 6] = [
        (with(&manifest(), "/mediaType", Value::Null), config(), 0),
        (manifest(), with(&config(), "/history", Value::Null), 0),
        (manifest(), with(&config(), "/history", json!([{}])), 1),
        (
            manifest(),
            with(&config(), "/history", json!([null, null])),
            0,
        ),
        (manifest(), with(&config(), "/architecture", Value::Null), 0),
        (
            manifest(),
            with(
                &config(),
                "/config",
                json!({ "Volumes": { "/d": null }, "Entrypoint": "x" }),
            ),
            0,
        ),
    ];
    for (manifest, config, warnings) in cases {
        let offer = load(&manifest, &config).unwrap();
        assert_eq!(
            (offer.images.len(), offer.warnings.len()),
            (1, warnings),
            "{manifest} {config}"
        );
    }
    let scratch = with(&manifest(), "/layers", Value::Null);
    for rootfs in [json!({ "type": "layers", "diff_ids": null }), Value::Null] {
        let config = with(&with(&config(), "/rootfs", rootfs), "/history", json!([]));
        assert!(load(&scratch, &config).unwrap().images[0].layers.is_empty());
    }
}
