//! The walk from `index.json` through nested indexes to manifests and configs.
//!
//! Nothing here chooses among several images; a platform only saves reading what cannot be meant.

use std::collections::BTreeMap;

use super::document::{self, Config, Manifest};
use super::{Document, Image, LayerSource, Node, Offer, Other, Platform, select};
use crate::digest::Digest;
use crate::error::{Error, Result, Warning};
use crate::source::media::{self, Target};
use crate::source::{Descriptor, Source};

/// Indexes nest; nobody has been seen to go deeper than two.
const MAX_DEPTH: usize = 8;
/// Bounds the documents of one source, so that small files cannot lead to endless work.
const MAX_NODES: usize = 4096;
/// Bounds their bytes, as each stays in memory.
const MAX_BYTES: u64 = 32 << 20;

impl Offer {
    /// Reads the documents that `source` offers, verified. With one of `platforms`, only the image that is for it; with
    /// several, those in their index.
    ///
    /// # Errors
    /// When a document is missing, damaged or contradicts itself, when there is no image, and when there are several
    /// but one is to be named.
    pub fn load(source: &dyn Source, platforms: &[Platform]) -> Result<Self> {
        let index = Document::parse(source.index()?, "index", "index.json")?;
        let mut roots = document::index(&index.value, media::INDEX)
            .map_err(|fault| index_fault("index.json", fault))?;
        if let Some(wanted) = source.wanted() {
            roots = select::named(roots, wanted, source.place())?;
        }
        let mut walk = Walk::new(source, platforms);
        let nodes = walk.children(roots, 0)?;
        let Walk {
            images,
            offered,
            mut warnings,
            ..
        } = walk;
        warnings.extend(source.warnings());
        let (place, is_docker_save) = (source.place().to_owned(), source.is_docker_save());
        let offer = Self {
            place,
            index,
            roots: nodes,
            images,
            is_docker_save,
            warnings,
        };
        match platforms {
            [] => select::unambiguous(offer),
            [platform] => select::platform(offer, platform, &offered),
            several => select::platforms(offer, several, &offered),
        }
    }
}

struct Walk<'a> {
    source: &'a dyn Source,
    platforms: &'a [Platform],
    images: Vec<Image>,
    known: BTreeMap<Digest, usize>,
    offered: Vec<Platform>,
    warnings: Vec<Warning>,
    nodes: usize,
    bytes: u64,
}

impl<'a> Walk<'a> {
    fn new(source: &'a dyn Source, platforms: &'a [Platform]) -> Self {
        let (images, offered, warnings) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            source,
            platforms,
            images,
            known: BTreeMap::new(),
            offered,
            warnings,
            nodes: 0,
            bytes: 0,
        }
    }

    fn children(&mut self, descriptors: Vec<Descriptor>, depth: usize) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        for descriptor in descriptors {
            if self.is_meant(&descriptor)? {
                nodes.push(self.node(descriptor, depth)?);
            }
        }
        Ok(nodes)
    }

    /// Whether the descriptor can lead to a platform asked for.
    fn is_meant(&mut self, descriptor: &Descriptor) -> Result<bool> {
        let own = platform_of(descriptor)
            .map_err(|fault| index_fault(descriptor.digest.as_str(), fault))?;
        let Some(own) = own.filter(|own| !own.is_unknown()) else {
            return Ok(true);
        };
        let meant =
            self.platforms.is_empty() || self.platforms.iter().any(|asked| asked.covers(&own));
        if !self.offered.contains(&own) {
            self.offered.push(own);
        }
        Ok(meant)
    }

    fn node(&mut self, descriptor: Descriptor, depth: usize) -> Result<Node> {
        self.nodes += 1;
        if self.nodes > MAX_NODES || depth > MAX_DEPTH {
            let fault =
                format!("more than {MAX_NODES} documents, or nested deeper than {MAX_DEPTH}");
            return Err(index_fault(descriptor.digest.as_str(), fault));
        }
        match media::target(&descriptor.media_type) {
            Target::Index => self.index(descriptor, depth),
            Target::Manifest => self.manifest(descriptor),
            Target::Unknown => {
                let why = format!("of unknown type `{}`", descriptor.media_type);
                let blobs =
                    self.present(vec![(descriptor.digest.clone(), descriptor.size)], &[])?;
                Ok(Node::Other(Other {
                    descriptor,
                    why,
                    subject: None,
                    blobs,
                }))
            }
        }
    }

    fn index(&mut self, descriptor: Descriptor, depth: usize) -> Result<Node> {
        let Some(document) = self.read(&descriptor, "index")? else {
            return self.absent(descriptor, "index");
        };
        let listed = document::index(&document.value, &descriptor.media_type);
        let listed = listed.map_err(|fault| index_fault(descriptor.digest.as_str(), fault))?;
        let children = self.children(listed, depth + 1)?;
        Ok(Node::Index {
            descriptor,
            document,
            children,
        })
    }

    fn manifest(&mut self, descriptor: Descriptor) -> Result<Node> {
        if let Some(&image) = self.known.get(&descriptor.digest) {
            return Ok(Node::Image { descriptor, image });
        }
        let Some(document) = self.read(&descriptor, "manifest")? else {
            return self.absent(descriptor, "manifest");
        };
        let fault = |fault| Error::Document {
            kind: "manifest",
            digest: descriptor.digest.to_string(),
            fault,
        };
        let manifest =
            document::manifest(&document.value, &descriptor.media_type).map_err(fault)?;
        if let Some(why) = document::foreign(&descriptor, &manifest) {
            return self.other(descriptor, &manifest, why);
        }
        let digest = manifest.config.digest.to_string();
        let missing = || Error::Blob {
            digest: digest.clone(),
            fault: format!("missing in `{}`", self.source.place()),
        };
        let config_document = self.read(&manifest.config, "config")?.ok_or_else(missing)?;
        let fault = |fault| Error::Document {
            kind: "config",
            digest: digest.clone(),
            fault,
        };
        let config = document::config(&config_document.value).map_err(fault)?;
        let platform = platform_of(&descriptor)
            .map_err(|fault| index_fault(descriptor.digest.as_str(), fault))?;
        let is_unknown =
            |platform: &Option<Platform>| platform.as_ref().is_some_and(Platform::is_unknown);
        if is_unknown(&platform) || is_unknown(&config.platform) {
            return self.other(
                descriptor,
                &manifest,
                "for platform unknown/unknown: an attestation".into(),
            );
        }
        let layers = self
            .layers(&descriptor, manifest.layers, &config)
            .map_err(fault)?;
        let unknown = || Platform {
            os: "unknown".into(),
            architecture: "unknown".into(),
            variant: None,
            os_version: None,
        };
        let platform = config.platform.or(platform).unwrap_or_else(unknown);
        let image = self.images.len();
        self.known.insert(descriptor.digest.clone(), image);
        self.images.push(Image {
            descriptor: descriptor.clone(),
            manifest: document,
            config: config_document,
            layers,
            platform,
        });
        Ok(Node::Image { descriptor, image })
    }

    /// Pairs layers, diff_ids and history. A history of another length pairs with nothing: runtimes do not read it.
    fn layers(
        &mut self,
        image: &Descriptor,
        layers: Vec<Descriptor>,
        config: &Config,
    ) -> Result<Vec<LayerSource>, String> {
        if layers.len() != config.diff_ids.len() {
            let (diff_ids, layers, manifest) = (config.diff_ids.len(), layers.len(), &image.digest);
            return Err(format!(
                "{diff_ids} diff_ids for {layers} layers of manifest `{manifest}`"
            ));
        }
        let pairs = config.rows.len() == layers.len();
        if !pairs && config.has_history {
            let text = format!(
                "image `{}`: {} history entries for {} layers; the history is left as it is",
                image.digest,
                config.rows.len(),
                layers.len()
            );
            self.warnings.push(Warning {
                code: "history",
                text,
            });
        }
        let paired = layers.into_iter().zip(&config.diff_ids).enumerate();
        Ok(paired
            .map(|(at, (layer, diff_id))| {
                layer_source(layer, diff_id, pairs.then(|| &config.rows[at]))
            })
            .collect())
    }

    fn other(&self, descriptor: Descriptor, manifest: &Manifest, why: String) -> Result<Node> {
        let described = descriptor
            .annotation("vnd.docker.reference.digest")
            .and_then(|digest| digest.parse().ok());
        let subject = described.or_else(|| manifest.subject.clone());
        let named = |descriptor: &Descriptor| (descriptor.digest.clone(), descriptor.size);
        let (elsewhere, here): (Vec<_>, Vec<_>) = manifest
            .layers
            .iter()
            .partition(|layer| layer.has_urls() || media::is_foreign(&layer.media_type));
        let blobs = [&descriptor, &manifest.config]
            .into_iter()
            .chain(here)
            .map(named)
            .collect();
        let elsewhere: Vec<_> = elsewhere.into_iter().map(named).collect();
        let blobs = self.present(blobs, &elsewhere)?;
        Ok(Node::Other(Other {
            descriptor,
            why,
            subject,
            blobs,
        }))
    }

    /// Returns `needed` with those of `optional` that are there, or `None` when one needed is missing.
    fn present(
        &self,
        needed: Vec<(Digest, u64)>,
        optional: &[(Digest, u64)],
    ) -> Result<Option<Vec<(Digest, u64)>>> {
        let mut blobs = Vec::new();
        for (digest, size) in needed {
            if self.source.find(&digest, size)?.is_none() {
                return Ok(None);
            }
            blobs.push((digest, size));
        }
        for (digest, size) in optional {
            if self.source.find(digest, *size)?.is_some() {
                blobs.push((digest.clone(), *size));
            }
        }
        Ok(Some(blobs))
    }

    fn read(&mut self, descriptor: &Descriptor, kind: &'static str) -> Result<Option<Document>> {
        self.bytes += descriptor.size;
        if self.bytes > MAX_BYTES {
            let fault = format!("more than {MAX_BYTES} bytes of documents in one place");
            return Err(Error::Document {
                kind,
                digest: descriptor.digest.to_string(),
                fault,
            });
        }
        Document::read(self.source, descriptor, kind)
    }

    /// `docker save` lists all platforms of an image and stores those that were pulled; elsewhere it is damage.
    fn absent(&self, descriptor: Descriptor, kind: &str) -> Result<Node> {
        if !self.source.is_docker_save() {
            let fault = format!("this {kind} is missing in `{}`", self.source.place());
            return Err(Error::Blob {
                digest: descriptor.digest.to_string(),
                fault,
            });
        }
        let why = format!("its {kind} is not in the archive: `docker save` keeps what was pulled");
        Ok(Node::Other(Other {
            descriptor,
            why,
            subject: None,
            blobs: None,
        }))
    }
}

fn layer_source(
    layer: Descriptor,
    diff_id: &Digest,
    row: Option<&(usize, Option<String>)>,
) -> LayerSource {
    LayerSource {
        descriptor: layer.value,
        media_type: layer.media_type,
        digest: layer.digest,
        size: layer.size,
        diff_id: diff_id.clone(),
        instruction: row.and_then(|(_, instruction)| instruction.clone()),
        history: row.map(|(at, _)| *at),
    }
}

/// The platform that a parent gives what it lists.
pub(super) fn platform_of(descriptor: &Descriptor) -> Result<Option<Platform>, String> {
    descriptor
        .value
        .get("platform")
        .and_then(|value| value.as_object())
        .map_or(Ok(None), Platform::of)
}

fn index_fault(name: &str, fault: String) -> Error {
    Error::Document {
        kind: "index",
        digest: name.to_owned(),
        fault,
    }
}
