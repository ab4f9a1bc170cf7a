//! An OCI image layout on disk: blobs by digest, and the documents that name them, right or bent on purpose.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A layout directory that is being written.
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn create(root: &Path) -> Self {
        fs::create_dir_all(root.join("blobs/sha256")).unwrap();
        fs::write(
            root.join("oci-layout"),
            br#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .unwrap();
        Self {
            root: root.to_path_buf(),
        }
    }

    /// Stores a blob and returns its descriptor.
    pub(crate) fn put(&self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = digest(bytes);
        fs::write(blob_path(&self.root, &digest), bytes).unwrap();
        json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
    }

    /// Stores a document as a blob and returns its descriptor.
    pub(crate) fn put_json(&self, media_type: &str, document: &Value) -> Value {
        self.put(media_type, document.to_string().as_bytes())
    }

    pub(crate) fn index(&self, manifests: &[Value]) {
        write_json(
            &self.root.join("index.json"),
            &json!({"schemaVersion": 2, "manifests": manifests}),
        );
    }
}

/// `sha256:` and the hexadecimal digest of `bytes`.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}

/// Where a layout keeps a blob.
pub(crate) fn blob_path(root: &Path, digest: &str) -> PathBuf {
    root.join("blobs").join(digest.replace(':', "/"))
}

pub(crate) fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn write_json(path: &Path, document: &Value) {
    fs::write(path, document.to_string()).unwrap();
}

/// The document that a descriptor names.
pub(crate) fn document(root: &Path, descriptor: &Value) -> Value {
    read_json(&blob_path(root, descriptor["digest"].as_str().unwrap()))
}

/// `index.json`.
pub(crate) fn index(root: &Path) -> Value {
    read_json(&root.join("index.json"))
}

/// The manifest of a layout that holds one image.
pub(crate) fn manifest(root: &Path) -> Value {
    document(root, &index(root)["manifests"][0])
}

/// The config of a layout that holds one image.
pub(crate) fn config(root: &Path) -> Value {
    document(root, &manifest(root)["config"])
}

/// The digests of its layers, base layer first.
pub(crate) fn layer_digests(root: &Path) -> Vec<String> {
    let manifest = manifest(root);
    let layers = manifest["layers"].as_array().unwrap();
    layers
        .iter()
        .map(|layer| layer["digest"].as_str().unwrap().into())
        .collect()
}

/// Changes `index.json`.
pub(crate) fn amend_index(root: &Path, edit: impl FnOnce(&mut Value)) {
    let path = root.join("index.json");
    let mut index = read_json(&path);
    edit(&mut index);
    write_json(&path, &index);
}

/// Changes the manifest and names it anew, so that only the change is wrong.
pub(crate) fn amend_manifest(root: &Path, edit: impl FnOnce(&mut Value)) {
    let mut manifest = manifest(root);
    edit(&mut manifest);
    let bytes = manifest.to_string();
    amend_index(root, |index| {
        rename(root, &mut index["manifests"][0], bytes.as_bytes());
    });
}

/// Changes the config and names it anew in the manifest.
pub(crate) fn amend_config(root: &Path, edit: impl FnOnce(&mut Value)) {
    let mut config = config(root);
    edit(&mut config);
    let bytes = config.to_string();
    amend_manifest(root, |manifest| {
        rename(root, &mut manifest["config"], bytes.as_bytes());
    });
}

/// Puts other bytes in place of a layer, with a digest and a size that fit, and leaves its diff_id as it is.
pub(crate) fn replace_layer(root: &Path, layer: usize, bytes: &[u8]) {
    amend_manifest(root, |manifest| {
        rename(root, &mut manifest["layers"][layer], bytes);
    });
}

fn rename(root: &Path, descriptor: &mut Value, bytes: &[u8]) {
    let digest = digest(bytes);
    fs::write(blob_path(root, &digest), bytes).unwrap();
    descriptor["digest"] = digest.into();
    descriptor["size"] = bytes.len().into();
}
