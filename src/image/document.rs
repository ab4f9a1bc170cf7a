//! Documents: index, manifest and config as stored and as parsed, checked by image-spec's rules.
//!
//! Nothing here decides what is an image.

use serde_json::{Map, Value};

use super::Platform;
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::source::{CONFIG_LIMIT, Descriptor, MANIFEST_LIMIT, Source, diff_ids, json, media};

/// A JSON document: the bytes that its digest names, and their meaning.
#[derive(Clone, Debug)]
pub struct Document {
    /// As stored.
    pub raw: Vec<u8>,
    /// As parsed, with all keys in their order.
    pub value: Value,
    /// The digest of `raw`.
    pub digest: Digest,
}

impl Document {
    /// Parses `raw`; `kind` and `name` are for messages.
    ///
    /// # Errors
    /// [`Error::Document`] when it is no JSON that all tools read alike.
    pub fn parse(raw: Vec<u8>, kind: &'static str, name: &str) -> Result<Self> {
        let value = json::parse(&raw).map_err(|fault| Error::Document {
            kind,
            digest: name.to_owned(),
            fault,
        })?;
        Ok(Self {
            digest: Digest::of(&raw),
            raw,
            value,
        })
    }

    /// Reads the document that `descriptor` names, if it is there, and verifies its size and digest before parsing.
    pub(super) fn read(
        source: &dyn Source,
        descriptor: &Descriptor,
        kind: &'static str,
    ) -> Result<Option<Self>> {
        let name = descriptor.digest.to_string();
        let limit = if kind == "config" {
            CONFIG_LIMIT
        } else {
            MANIFEST_LIMIT
        };
        if descriptor.size > limit {
            let fault = format!("{} bytes; no more than {limit} are read", descriptor.size);
            return Err(Error::Document {
                kind,
                digest: name,
                fault,
            });
        }
        let raw = match (
            source.made(&descriptor.digest),
            source.find(&descriptor.digest, descriptor.size),
        ) {
            (Some(made), _) => made.to_vec(),
            (None, found) => match (found?, &descriptor.embedded) {
                (Some(blob), _) => blob.read_all()?,
                (None, Some(embedded)) => embedded.clone(),
                (None, None) => return Ok(None),
            },
        };
        let digest = Digest::of(&raw);
        if raw.len() as u64 != descriptor.size || digest != descriptor.digest {
            let fault = format!("its content has digest `{digest}` and {} bytes", raw.len());
            return Err(Error::Blob {
                digest: name,
                fault,
            });
        }
        Self::parse(raw, kind, &name).map(Some)
    }
}

/// What a manifest lists.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
    pub(super) artifact_type: Option<String>,
    pub(super) subject: Option<Digest>,
}

const DOCUMENT_KEYS: &[&str] = &[
    "schemaVersion",
    "mediaType",
    "config",
    "layers",
    "fsLayers",
    "manifests",
    "artifactType",
    "subject",
    "annotations",
];

/// Reads a manifest; `media_type` is what its descriptor says it is.
pub(super) fn manifest(value: &Value, media_type: &str) -> Result<Manifest, String> {
    let object = typed(value, media_type, &["manifests", "fsLayers"])?;
    let config = json::member(object, "config").ok_or("no `config`")?;
    let config = Descriptor::parse(config).map_err(|fault| format!("config: {fault}"))?;
    let subject = json::member(object, "subject")
        .map(Descriptor::parse)
        .transpose();
    Ok(Manifest {
        config,
        layers: descriptors(object, "layers")?,
        artifact_type: json::text(object, "artifactType")?
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        subject: subject
            .map_err(|fault| format!("subject: {fault}"))?
            .map(|subject| subject.digest),
    })
}

/// Reads what an index lists; `media_type` is what its descriptor says it is.
pub(super) fn index(value: &Value, media_type: &str) -> Result<Vec<Descriptor>, String> {
    let object = typed(value, media_type, &["config", "layers", "fsLayers"])?;
    descriptors(object, "manifests")
}

/// Checks what both have. A document that is a manifest to one tool and an index to another is neither
/// (CVE-2021-41190), so its type must be the descriptor's and `others`, keys of the other kind, must be absent.
fn typed<'a>(
    value: &'a Value,
    media_type: &str,
    others: &[&str],
) -> Result<&'a Map<String, Value>, String> {
    let object = json::object(value, DOCUMENT_KEYS)?;
    if json::member(object, "schemaVersion").and_then(Value::as_u64) != Some(2) {
        return Err("`schemaVersion` is not 2".into());
    }
    match json::text(object, "mediaType")? {
        Some(own) if !own.is_empty() && own != media_type => {
            return Err(format!(
                "its media type is `{}`, its descriptor says `{media_type}`",
                own.escape_debug()
            ));
        }
        _ => {}
    }
    if let Some(key) = others
        .iter()
        .find(|key| json::member(object, key).is_some())
    {
        return Err(format!(
            "`{key}` does not belong into a document of type `{media_type}`"
        ));
    }
    json::map(object, "annotations")?;
    Ok(object)
}

fn descriptors(object: &Map<String, Value>, key: &str) -> Result<Vec<Descriptor>, String> {
    let parse =
        |(at, value)| Descriptor::parse(value).map_err(|fault| format!("{key}[{at}]: {fault}"));
    json::list(object, key)?
        .iter()
        .enumerate()
        .map(parse)
        .collect()
}

/// What a config says of the layers.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) platform: Option<Platform>,
    pub(super) diff_ids: Vec<Digest>,
    /// Places and instructions of the history rows that made a layer.
    pub(super) rows: Vec<(usize, Option<String>)>,
    /// Whether there is any history.
    pub(super) has_history: bool,
}

/// Reads a config.
pub(super) fn config(value: &Value) -> Result<Config, String> {
    let keys = [
        "config",
        "rootfs",
        "history",
        "os",
        "os.version",
        "architecture",
        "variant",
    ];
    let object = json::object(value, &keys)?;
    let history = json::list(object, "history")?;
    let mut rows = Vec::new();
    for (at, row) in history.iter().enumerate() {
        rows.extend(
            history_row(row)
                .map_err(|fault| format!("history[{at}]: {fault}"))?
                .map(|by| (at, by)),
        );
    }
    let platform = Platform::of(object)?;
    Ok(Config {
        platform,
        diff_ids: diff_ids(object)?,
        rows,
        has_history: !history.is_empty(),
    })
}

/// Returns the instruction of a row that made a layer, `None` for a row that made none.
fn history_row(row: &Value) -> Result<Option<Option<String>>, String> {
    if row.is_null() {
        return Ok(Some(None));
    }
    let row = json::object(row, &["created_by", "empty_layer"])?;
    let empty = match json::member(row, "empty_layer") {
        Some(empty) => empty
            .as_bool()
            .ok_or("`empty_layer` is not true or false")?,
        None => false,
    };
    let created_by = json::text(row, "created_by")?.filter(|text| !text.is_empty());
    Ok((!empty).then(|| created_by.map(str::to_owned)))
}

/// Why a manifest is not one of an image that runs, if it is not.
pub(super) fn foreign(descriptor: &Descriptor, manifest: &Manifest) -> Option<String> {
    if let Some(kind) = descriptor.annotation("vnd.docker.reference.type") {
        return Some(format!("`{kind}` of another image"));
    }
    if let Some(artifact) = descriptor
        .text("artifactType")
        .or(manifest.artifact_type.as_deref())
    {
        return Some(format!("an artefact of type `{artifact}`"));
    }
    if !media::is_config(&manifest.config.media_type) {
        return Some(format!(
            "an artefact: its config is `{}`",
            manifest.config.media_type
        ));
    }
    manifest.layers.iter().find_map(|layer| {
        let (digest, media_type) = (&layer.digest, &layer.media_type);
        if layer.has_urls() || media::is_foreign(media_type) {
            return Some(format!(
                "its layer `{digest}` is foreign: it is kept elsewhere"
            ));
        }
        let unknown = || format!("its layer `{digest}` is of unknown type `{media_type}`");
        (!media::is_layer(media_type)).then(unknown)
    })
}
