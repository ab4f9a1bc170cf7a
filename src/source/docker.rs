//! The tar of `docker save` in its three shapes: `ID/layer.tar` (classic; equal layers are symbolic links), `DIGEST.tar`
//! (skopeo and podman), and `blobs/` (Docker 25 and later) with `index.json` beside `manifest.json`.
//!
//! Where both are there, `index.json` is read: it keeps the manifest as a registry has it, annotations, all platforms and
//! attestations, and `manifest.json` has nothing more but names that the index has as well. Unless the two contradict
//! each other: Docker 25.0 wrote indexes with layers in a wrong order (moby #47150), without layers (#47065), without
//! manifests (#47210), and later ones leave images out (#51389). Then `manifest.json` is right, as `docker load` goes by it.
//!
//! Nothing is unpacked; only a compressed layer without its digest in its path is read here, to have its digest.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::archive::Archive;
use super::{
    Blob, CONFIG_LIMIT, Codec, Files as _, IMAGE_NAME, Layout, MANIFEST_LIMIT, REF_NAME, Source,
    agreement, diff_ids, json, media, name, read_file, spool,
};
use crate::digest::Digest;
use crate::error::{Error, Result, Warning};

/// One image of `manifest.json`.
#[derive(Debug)]
pub(super) struct Item {
    /// The config's path.
    pub(super) config: String,
    /// The layers' paths, base layer first.
    pub(super) layers: Vec<String>,
    names: Vec<String>,
    /// By diff_id, the descriptors of layers that are kept elsewhere.
    sources: Map<String, Value>,
}

/// An archive that goes by its `manifest.json`.
#[derive(Debug)]
struct DockerArchive {
    place: String,
    index: Vec<u8>,
    manifest: (Digest, Vec<u8>),
    blobs: BTreeMap<Digest, Blob>,
    warnings: Vec<Warning>,
}

/// Opens an archive that has a `manifest.json`; `wanted` is the name of one image in it.
pub(super) fn open(archive: Archive, place: &str, wanted: Option<&str>) -> Result<Box<dyn Source>> {
    let fault = |fault| Error::Layout {
        place: place.to_owned(),
        file: "manifest.json".into(),
        fault,
    };
    let items = items(&read_file(
        &archive,
        place,
        "manifest.json",
        MANIFEST_LIMIT,
    )?)
    .map_err(fault)?;
    let mut warnings = Vec::new();
    if archive.contains("index.json") && archive.contains("oci-layout") {
        if agreement::holds(&archive, &items) {
            return Ok(Box::new(Layout::in_archive(archive, place, wanted, true)?));
        }
        let text = format!("`index.json` in `{place}` contradicts `manifest.json`, which is taken");
        warnings.push(Warning {
            code: "docker-index",
            text,
        });
    }
    let item = choose(items, wanted, place)?;
    Ok(Box::new(DockerArchive::new(
        &archive, place, &item, warnings,
    )?))
}

fn items(bytes: &[u8]) -> Result<Vec<Item>, String> {
    let value = json::parse(bytes)?;
    let items = value
        .as_array()
        .filter(|items| !items.is_empty())
        .ok_or("it lists no image")?;
    items.iter().map(item).collect()
}

fn item(value: &Value) -> Result<Item, String> {
    let object = json::object(value, &["Config", "RepoTags", "Layers", "LayerSources"])?;
    let texts = |key: &str| -> Result<Vec<String>, String> {
        let text = |value: &Value| {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or(format!("`{key}` is not a list of strings"))
        };
        json::list(object, key)?.iter().map(text).collect()
    };
    Ok(Item {
        config: json::text(object, "Config")?
            .ok_or("no `Config`")?
            .to_owned(),
        layers: texts("Layers")?,
        names: texts("RepoTags")?,
        sources: json::map(object, "LayerSources")?
            .cloned()
            .unwrap_or_default(),
    })
}

fn choose(mut items: Vec<Item>, wanted: Option<&str>, place: &str) -> Result<Item> {
    let is = |item: &Item, wanted: &str| {
        item.names
            .iter()
            .any(|known| name::familiar(known) == name::familiar(wanted))
    };
    let found = match wanted {
        Some(wanted) => items.iter().position(|item| is(item, wanted)),
        None => (items.len() == 1).then_some(0),
    };
    if let Some(found) = found {
        return Ok(items.swap_remove(found));
    }
    let offered = items.into_iter().flat_map(|item| item.names).collect();
    let fault = wanted.map_or("no name to choose among several images".into(), |wanted| {
        format!("no image `{wanted}`")
    });
    Err(Error::NoImage {
        place: place.to_owned(),
        fault,
        offered,
    })
}

impl DockerArchive {
    fn new(archive: &Archive, place: &str, item: &Item, warnings: Vec<Warning>) -> Result<Self> {
        let fault = |file: &str, fault| Error::Layout {
            place: place.to_owned(),
            file: file.to_owned(),
            fault,
        };
        let bytes = read_file(archive, place, &item.config, CONFIG_LIMIT)?;
        let config = Digest::of(&bytes);
        if digest_in(&item.config).is_some_and(|named| named != config) {
            return Err(fault(
                &item.config,
                format!("its content has digest `{config}`"),
            ));
        }
        let value = json::parse(&bytes).map_err(|text| fault(&item.config, text))?;
        let object = json::object(&value, &["rootfs"]).map_err(|text| fault(&item.config, text))?;
        let diff_ids = diff_ids(object).map_err(|text| fault(&item.config, text))?;
        if diff_ids.len() != item.layers.len() {
            let text = format!(
                "{} layers for {} diff_ids",
                item.layers.len(),
                diff_ids.len()
            );
            return Err(fault("manifest.json", text));
        }
        let file = |name: &str| {
            let found = archive.find(name).map_err(|text| fault(name, text))?;
            found.ok_or_else(|| fault(name, "missing".into()))
        };
        let mut blobs = BTreeMap::from([(config.clone(), file(&item.config)?)]);
        let mut layers = Vec::new();
        for (path, diff_id) in item.layers.iter().zip(&diff_ids) {
            if let Some(elsewhere) = elsewhere(item, diff_id) {
                layers.push(elsewhere.clone());
                continue;
            }
            let blob = file(path)?;
            let (codec, digest) = layer(&blob, path, diff_id)?.map_err(|text| fault(path, text))?;
            layers.push(descriptor(
                codec.media_type(media::LAYER),
                &digest,
                blob.len(),
            ));
            let known = blobs.entry(digest).or_insert_with(|| blob.clone());
            if known.len() != blob.len() {
                return Err(fault(
                    path,
                    format!("another member of `{diff_id}` has another size"),
                ));
            }
        }
        let config = descriptor(media::CONFIG, &config, bytes.len() as u64);
        let manifest = json!({ "schemaVersion": 2, "mediaType": media::MANIFEST, "config": config, "layers": layers });
        let manifest = manifest.to_string().into_bytes();
        let manifest = (Digest::of(&manifest), manifest);
        let root = descriptor(media::MANIFEST, &manifest.0, manifest.1.len() as u64);
        Ok(Self {
            place: place.to_owned(),
            index: index(&root, &item.names),
            manifest,
            blobs,
            warnings,
        })
    }
}

impl Source for DockerArchive {
    fn place(&self) -> &str {
        &self.place
    }

    fn index(&self) -> Result<Vec<u8>> {
        Ok(self.index.clone())
    }

    fn find(&self, digest: &Digest, size: u64) -> Result<Option<Blob>> {
        super::sized(self.blobs.get(digest).cloned(), digest, size)
    }

    fn made(&self, digest: &Digest) -> Option<&[u8]> {
        (*digest == self.manifest.0).then_some(&self.manifest.1)
    }

    fn is_docker_save(&self) -> bool {
        true
    }

    fn warnings(&self) -> Vec<Warning> {
        self.warnings.clone()
    }
}

/// Tells how a layer is compressed and what its digest is; the inner error is the archive's fault. A plain layer's digest is
/// its diff_id; that of a compressed one is in its path or has to be computed. Both are verified when the layer is read.
fn layer(blob: &Blob, path: &str, diff_id: &Digest) -> Result<Result<(Codec, Digest), String>> {
    let head = spool::head(blob)?;
    if let Some(codec) = Codec::unsupported(&head) {
        return Ok(Err(format!(
            "compressed with {codec}, which is not supported"
        )));
    }
    let codec = Codec::of(&head);
    let named = digest_in(path).filter(|_| path.starts_with("blobs/sha256/"));
    let digest = match (codec, named) {
        (Codec::Plain, _) => diff_id.clone(),
        (_, Some(named)) => named,
        (_, None) => blob.hash()?.0,
    };
    Ok(Ok((codec, digest)))
}

/// The digest that a path like `HEX.json` or `blobs/sha256/HEX` names.
pub(super) fn digest_in(path: &str) -> Option<Digest> {
    let leaf = path.rsplit('/').next()?;
    let hex = leaf.split_once('.').map_or(leaf, |(stem, _)| stem);
    format!("sha256:{hex}").parse().ok()
}

/// The descriptor of a foreign layer: Docker saves it empty, as it may not be passed on (Windows base layers).
fn elsewhere<'a>(item: &'a Item, diff_id: &Digest) -> Option<&'a Value> {
    let source = item.sources.get(diff_id.as_str())?;
    let foreign = source
        .get("mediaType")?
        .as_str()
        .is_some_and(media::is_foreign);
    let urls = source
        .get("urls")
        .and_then(Value::as_array)
        .is_some_and(|urls| !urls.is_empty());
    (foreign || urls).then_some(source)
}

fn descriptor(media_type: &str, digest: &Digest, size: u64) -> Value {
    json!({ "mediaType": media_type, "digest": digest.as_str(), "size": size })
}

/// An index as Docker 25 would have written it: the image once under each of its names.
fn index(root: &Value, names: &[String]) -> Vec<u8> {
    let named = |known: &String| {
        let mut root = root.clone();
        let full = name::full(known);
        root["annotations"] = json!({ IMAGE_NAME: full, REF_NAME: name::tag(&full) });
        root
    };
    let roots: Vec<Value> = if names.is_empty() {
        vec![root.clone()]
    } else {
        names.iter().map(named).collect()
    };
    json!({ "schemaVersion": 2, "mediaType": media::INDEX, "manifests": roots })
        .to_string()
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_name_a_digest() {
        let hex = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        for path in [
            format!("{hex}.json"),
            format!("blobs/sha256/{hex}"),
            format!("{hex}.tar.gz"),
        ] {
            assert_eq!(
                digest_in(&path)
                    .map(|digest| digest.hex().to_owned())
                    .as_deref(),
                Some(hex),
                "{path}"
            );
        }
        assert_eq!(digest_in("config.json"), None);
    }

    #[test]
    fn bad_manifests_are_refused() {
        for (text, fault) in [
            ("null", "lists no image"),
            ("[]", "lists no image"),
            ("[null]", "not a JSON object"),
            (r#"[{"Layers":[]}]"#, "no `Config`"),
            (r#"[{"Config":7}]"#, "`Config` is not a string"),
            (r#"[{"Config":"a","Layers":"b"}]"#, "`Layers` is not a list"),
            (
                r#"[{"Config":"a","Layers":[1]}]"#,
                "`Layers` is not a list of strings",
            ),
            (r#"[{"Config":"a","layers":[]}]"#, "only in case"),
            (r#"[{"Config":"a","Config":"b"}]"#, "stands twice"),
        ] {
            let said = items(text.as_bytes()).unwrap_err();
            assert!(said.contains(fault), "{text}: {said}");
        }
        assert_eq!(
            items(br#"[{"Config":"a","RepoTags":null,"Layers":null}]"#)
                .unwrap()
                .len(),
            1
        );
    }
}
