//! The documents of the result: edited copies of the source's, in which only what must change does.
//!
//! Typed images would lose what they do not know (`Healthcheck`, `os.version`, vendors' keys), so the raw JSON is
//! edited; a document in which nothing changes is passed on byte for byte.

use serde_json::{Map, Value, json};

use crate::digest::Digest;
use crate::image::{Document, Image, has_annotations};
use crate::plan::MADE;
use crate::source::Descriptor;

use super::{How, Output};

/// What the manifest of a changed image says of its making.
#[derive(Clone, Debug)]
pub struct Record {
    /// The digest of the settings that were used.
    pub settings: Digest,
    /// The user that the result runs as, where it is another than the source's.
    pub user: Option<String>,
}

/// The documents of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageDocuments {
    /// The config.
    pub config: Vec<u8>,
    /// The manifest.
    pub manifest: Vec<u8>,
}

/// Annotations of a layer that tell of its old bytes: tables of contents, checksums of parts, sizes and diff_ids (eStargz,
/// nydus, overlaybd, zstd:chunked, SOCI, BuildKit).
const OF_THE_BYTES: [&str; 5] = [
    "containerd.io/snapshot/",
    "containerd.io/uncompressed",
    "io.containers.estargz.",
    "io.github.containers.zstd-chunked.",
    "com.amazon.soci.",
];

/// The annotation of a layer that is made by what it holds: its name for people.
pub const GROUP: &str = "dev.oci-slim.layer.group";

/// Makes config and manifest of an image whose layers became `outputs`; `None` when all layers are as they were.
pub fn image_documents(
    image: &Image,
    outputs: &[Output],
    record: &Record,
) -> Option<ImageDocuments> {
    let is_user = |user: &String| image.config.value["config"]["User"].as_str() == Some(user);
    let same_user = record.user.as_ref().is_none_or(is_user);
    if same_user
        && outputs.len() == image.layers.len()
        && outputs.iter().enumerate().all(is_in_place)
    {
        return None;
    }
    let config = config(image, outputs, record);
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

/// Whether a layer is the source's and in its place.
fn is_in_place((place, output): (usize, &Output)) -> bool {
    output.how == How::Reused && (output.title.is_none() || output.from == [place])
}

/// The config with the new diff IDs; history rows whose layer went or moved up become empty.
fn config(image: &Image, outputs: &[Output], record: &Record) -> Vec<u8> {
    let mut value = image.config.value.clone();
    value["rootfs"]["diff_ids"] = outputs
        .iter()
        .map(|output| Value::from(output.diff_id.as_str()))
        .collect();
    let carrying: Vec<usize> = outputs
        .iter()
        .filter(|output| output.title.is_none())
        .filter_map(|output| output.from.last().copied())
        .collect();
    for (number, source) in image.layers.iter().enumerate() {
        if let Some(row) = source.history.filter(|_| !carrying.contains(&number)) {
            value["history"][row]["empty_layer"] = Value::Bool(true);
        }
    }
    tell_groups(&mut value, outputs);
    if let Some(user) = &record.user {
        value["config"]["User"] = json!(user);
    }
    if value == image.config.value {
        image.config.raw.clone()
    } else {
        bytes(&value)
    }
}

/// Adds a history row for each layer that is made by what it holds, below those of layers that stay, and takes away those
/// of an earlier such run.
fn tell_groups(config: &mut Value, outputs: &[Output]) {
    let created = config["created"].clone();
    let Some(rows) = config["history"].as_array_mut() else {
        return;
    };
    if outputs.iter().all(|output| output.title.is_none()) {
        return;
    }
    rows.retain(|row| row["created_by"] != MADE);
    let is_of_a_layer = |row: &Value| row["empty_layer"] != true;
    let at = rows.iter().position(is_of_a_layer).unwrap_or(rows.len());
    let before = at
        .checked_sub(1)
        .map(|before| rows[before]["created"].clone());
    let created = before.filter(Value::is_string).unwrap_or(created);
    let row = |title: &String| {
        let mut row = json!({ "created_by": MADE, "comment": title });
        if created.is_string() {
            row["created"] = created.clone();
        }
        row
    };
    let titles = outputs.iter().filter_map(|output| output.title.as_ref());
    rows.splice(at..at, titles.map(row));
}

/// The descriptor of a layer that is made by what it holds: nothing that was said of a source layer holds for it.
fn group(image: &Image, output: &Output, title: &str) -> Value {
    let like = image.layers.last().map_or("", |layer| &layer.media_type);
    let mut descriptor = json!({
        "mediaType": output.codec.media_type(like),
        "digest": output.digest.as_str(),
        "size": output.size,
    });
    if has_annotations(&image.descriptor.media_type) {
        descriptor["annotations"] = json!({ GROUP: title });
    }
    descriptor
}

/// The descriptor of an output layer: that of the topmost layer it came from, with what changed.
fn layer(image: &Image, output: &Output) -> Value {
    if let Some(title) = &output.title {
        return group(image, output, title);
    }
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

/// Makes an index that lists `children` with what became of each; `None` when they are all that it lists, as they were.
pub fn index_document(index: &Document, children: &[(&Descriptor, Listed)]) -> Option<Vec<u8>> {
    let listed = index.value.get("manifests").and_then(Value::as_array);
    let after = children.iter().map(|(descriptor, fate)| match fate {
        Listed::Same => Some(&descriptor.value),
        Listed::Now(..) | Listed::Gone => None,
    });
    // A platform that was asked for may stand in an index below this one.
    if listed.is_some_and(|listed| listed.iter().map(Some).eq(after)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{LayerSource, Platform};
    use crate::layer::Codec;

    fn digest(of: &str) -> Digest {
        Digest::of(of.as_bytes())
    }

    fn descriptor(of: &str) -> Value {
        json!({ "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest(of).as_str(), "size": of.len() })
    }

    /// An image of three layers; the first row of its history and the last have none.
    fn image(manifest_type: &str) -> Image {
        let names = ["a", "b", "c"];
        let config = json!({
            "os": "linux", "x": { "kept": null }, "rootfs": { "type": "layers", "diff_ids": names.map(|name| digest(name).to_string()) },
            "history": [{ "created_by": "0", "empty_layer": true }, { "created_by": "1", "x": 1 }, { "created_by": "2", "empty_layer": false },
                { "created_by": "3" }, { "created_by": "4", "empty_layer": true }],
        });
        let mut layers = names.map(descriptor);
        layers[2]["annotations"] = json!({
            "containerd.io/snapshot/stargz/toc.digest": "x", "io.containers.estargz.uncompressed-size": "1",
            "io.github.containers.zstd-chunked.manifest-position": "1:2:3:1", "containerd.io/uncompressed": "x", "org.example": "kept",
        });
        layers[2]["data"] = json!("Yw==");
        layers[2]["x"] = json!([1]);
        let config = Document::parse(config.to_string().into_bytes(), "config", "config").unwrap();
        let manifest = json!({
            "schemaVersion": 2, "x": "kept", "mediaType": manifest_type,
            "config": { "mediaType": "c", "digest": config.digest.as_str(), "size": config.raw.len(), "data": "e30=", "y": 1 },
            "layers": layers,
        });
        let manifest =
            Document::parse(manifest.to_string().into_bytes(), "manifest", "manifest").unwrap();
        let own = json!({ "mediaType": manifest_type, "digest": manifest.digest.as_str(), "size": manifest.raw.len() });
        let source = |(number, name): (usize, &str)| LayerSource {
            descriptor: layers[number].clone(),
            media_type: "application/vnd.oci.image.layer.v1.tar+gzip".into(),
            digest: digest(name),
            size: 1,
            diff_id: digest(name),
            instruction: None,
            history: Some(number + 1),
        };
        Image {
            descriptor: Descriptor::parse(&own).unwrap(),
            layers: names.into_iter().enumerate().map(source).collect(),
            manifest,
            config,
            platform: "linux/amd64".parse::<Platform>().unwrap(),
        }
    }

    fn output(from: &[usize], name: &str, how: How) -> Output {
        Output {
            from: from.to_vec(),
            codec: Codec::Gzip,
            digest: digest(name),
            size: 7,
            diff_id: digest(name),
            inflated: 7,
            how,
            title: None,
            written: None,
            file: None,
        }
    }

    fn edited(manifest_type: &str, outputs: &[Output]) -> Option<(Value, Value)> {
        let record = Record {
            settings: digest("settings"),
            user: None,
        };
        let documents = image_documents(&image(manifest_type), outputs, &record)?;
        let value = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap();
        Some((value(&documents.config), value(&documents.manifest)))
    }

    const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

    #[test]
    fn what_does_not_change_is_not_written() {
        let outputs = [0, 1, 2].map(|at| output(&[at], ["a", "b", "c"][at], How::Reused));
        assert_eq!(edited(OCI, &outputs), None);
    }

    #[test]
    fn rows_whose_layer_went_or_moved_become_empty() {
        let cases: [(&[&[usize]], [bool; 5]); 4] = [
            (&[&[0], &[2]], [true, false, true, false, true]),
            (&[&[0, 1, 2]], [true, true, true, false, true]),
            (&[&[0], &[1, 2]], [true, false, true, false, true]),
            (&[], [true; 5]),
        ];
        for (from, empty) in cases {
            let outputs: Vec<_> = from
                .iter()
                .map(|from| output(from, "new", How::Compressed))
                .collect();
            let (config, manifest) = edited(OCI, &outputs).unwrap();
            let rows: Vec<bool> = config["history"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["empty_layer"] == true)
                .collect();
            assert_eq!(rows, empty, "{from:?}");
            assert_eq!(
                config["rootfs"]["diff_ids"].as_array().unwrap().len(),
                from.len()
            );
            assert_eq!(manifest["layers"].as_array().unwrap().len(), from.len());
            assert_eq!(
                (&config["x"], &config["history"][1]["x"]),
                (&json!({ "kept": null }), &json!(1))
            );
        }
    }

    #[test]
    fn a_changed_layer_says_nothing_of_its_old_bytes() {
        let outputs = [
            output(&[0], "a", How::Reused),
            output(&[1], "b", How::Reused),
            output(&[2], "new", How::Compressed),
        ];
        let (config, manifest) = edited(OCI, &outputs).unwrap();
        assert_eq!(manifest["layers"][0], descriptor("a"));
        let changed = json!({
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest("new").as_str(), "size": 7,
            "annotations": { "org.example": "kept" }, "x": [1],
        });
        assert_eq!(manifest["layers"][2], changed);
        let config = config.to_string();
        let named = json!({ "mediaType": "c", "digest": digest(&config).as_str(), "size": config.len(), "y": 1 });
        assert_eq!(
            (&manifest["config"], &manifest["x"]),
            (&named, &json!("kept"))
        );
        assert_eq!(
            manifest["annotations"]["dev.oci-slim.source.digest"],
            image(OCI).manifest.digest.as_str()
        );
    }

    #[test]
    fn a_layer_compressed_anew_leaves_the_config_as_it_is() {
        let mut anew = output(&[0], "a", How::Compressed);
        anew.digest = digest("packed");
        let outputs = [
            anew,
            output(&[1], "b", How::Reused),
            output(&[2], "c", How::Reused),
        ];
        let record = Record {
            settings: digest("settings"),
            user: None,
        };
        let before = image(OCI);
        let documents = image_documents(&before, &outputs, &record).unwrap();
        assert_eq!(documents.config, before.config.raw);
        let (_, manifest) = edited(OCI, &outputs).unwrap();
        assert_eq!(manifest["config"], before.manifest.value["config"]);
    }

    #[test]
    fn a_docker_manifest_gets_no_annotations() {
        let (_, manifest) =
            edited("application/vnd.docker.distribution.manifest.v2+json", &[]).unwrap();
        assert_eq!(manifest.get("annotations"), None);
    }

    #[test]
    fn an_index_lists_what_is_in_the_result() {
        let text = format!(
            r#"{{"schemaVersion": 2, "manifests": [{},{}], "x":1}}"#,
            descriptor("a"),
            descriptor("b")
        );
        let index = Document::parse(text.into_bytes(), "index", "index").unwrap();
        let parse = |value: &Value| Descriptor::parse(value).unwrap();
        let (a, b, below) = (
            parse(&descriptor("a")),
            parse(&descriptor("b")),
            parse(&descriptor("c")),
        );
        let now = Listed::Now(digest("new"), 9);
        let mut renamed = descriptor("a");
        renamed["digest"] = json!(digest("new").as_str());
        renamed["size"] = json!(9);
        let cases = [
            (vec![(&a, Listed::Same), (&b, Listed::Same)], None),
            (
                vec![(&a, now), (&b, Listed::Same)],
                Some(vec![renamed, descriptor("b")]),
            ),
            (
                vec![(&a, Listed::Gone), (&b, Listed::Same)],
                Some(vec![descriptor("b")]),
            ),
            (vec![(&a, Listed::Same)], Some(vec![descriptor("a")])),
            (
                vec![(&a, Listed::Same), (&below, Listed::Same)],
                Some(vec![descriptor("a"), descriptor("c")]),
            ),
        ];
        for (children, listed) in cases {
            let written = index_document(&index, &children)
                .map(|bytes| serde_json::from_slice::<Value>(&bytes).unwrap());
            assert_eq!(
                written,
                listed.map(|listed| json!({ "schemaVersion": 2, "manifests": listed, "x": 1 }))
            );
        }
    }
}
