//! Archives of an image: an OCI layout in a tar, and the three shapes that `docker save` and its kin write.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::entry::Entry;
use super::image::Image;
use super::layer::Layer;
use super::layout::{blob_path, digest, index, manifest};

/// A layout directory as a tar.
pub(crate) fn oci(layout: &Path) -> Vec<u8> {
    blobs(layout)
        .file("oci-layout", fs::read(layout.join("oci-layout")).unwrap())
        .file("index.json", fs::read(layout.join("index.json")).unwrap())
        .tar()
}

/// Docker before 25: `ID/layer.tar`, `ID.json`, `manifest.json`, `repositories`.
pub(crate) fn classic(image: &Image) -> Vec<u8> {
    classic_of(&[(&["lab/x:latest"], image)])
}

/// The same for several images, each with its names; a layer that is there already is a link to it.
pub(crate) fn classic_of(images: &[(&[&str], &Image)]) -> Vec<u8> {
    let mut tar = Layer::new();
    let (mut rows, mut stored) = (Vec::new(), Vec::<(Vec<u8>, String)>::new());
    for (number, (names, image)) in images.iter().enumerate() {
        let mut paths = Vec::new();
        for (at, layer) in image.tars().into_iter().enumerate() {
            let id = format!("{number:032}{at:032}");
            let path = format!("{id}/layer.tar");
            tar = tar
                .dir(&id)
                .file(format!("{id}/VERSION"), b"1.0")
                .file(format!("{id}/json"), json!({"id": id}).to_string());
            let first = stored.iter().find(|(known, _)| *known == layer);
            tar = match first {
                Some((_, first)) => tar.symlink(&path, format!("../{first}")),
                None => tar.file(&path, &layer),
            };
            stored.push((layer, path.clone()));
            paths.push(path);
        }
        let config = image.document().to_string();
        let name = format!("{}.json", &digest(config.as_bytes())[7..]);
        tar = tar.file(&name, config);
        rows.push(json!({"Config": name, "RepoTags": names, "Layers": paths}));
    }
    tar.file("manifest.json", json!(rows).to_string())
        .file("repositories", br#"{"lab/x":{"latest":"0"}}"#)
        .tar()
}

/// skopeo and podman: `DIFF_ID.tar`, and a link to it from the classic place.
pub(crate) fn skopeo(image: &Image) -> Vec<u8> {
    let config = image.document().to_string();
    let mut names = Vec::new();
    let mut tar = Layer::new();
    for (at, layer) in image.tars().iter().enumerate() {
        let name = format!("{}.tar", &digest(layer)[7..]);
        tar = tar.file(&name, layer).add(Entry::symlink(
            format!("{at:064}/layer.tar"),
            format!("../{name}"),
        ));
        names.push(name);
    }
    let name = format!("{}.json", &digest(config.as_bytes())[7..]);
    tar.file(&name, config)
        .file("manifest.json", rows(&name, &names))
        .tar()
}

/// Docker 25 and later: an OCI layout with a `manifest.json` whose paths are blobs.
pub(crate) fn modern(layout: &Path) -> Vec<u8> {
    let path = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().unwrap();
        format!("blobs/{}", digest.replace(':', "/"))
    };
    let manifest = manifest(layout);
    let layers: Vec<String> = manifest["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(path)
        .collect();
    let rows = rows(&path(&manifest["config"]), &layers);
    blobs(layout)
        .file("index.json", index(layout).to_string())
        .file("manifest.json", rows)
        .file("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)
        .tar()
}

fn rows(config: &str, layers: &[String]) -> String {
    json!([{"Config": config, "RepoTags": ["lab/x:latest"], "Layers": layers}]).to_string()
}

fn blobs(layout: &Path) -> Layer {
    let mut names: Vec<String> = fs::read_dir(layout.join("blobs/sha256"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let tar = Layer::new().dir("blobs").dir("blobs/sha256");
    names.iter().fold(tar, |tar, name| {
        let blob = fs::read(blob_path(layout, &format!("sha256:{name}"))).unwrap();
        tar.file(format!("blobs/sha256/{name}"), blob)
    })
}
