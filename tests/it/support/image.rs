//! An image in the making: layers, config and media types, written as an OCI layout.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::codec::Codec;
use super::layer::{End, Layer};
use super::layout::{Layout, digest};

/// When every step of a build was done: files of random stacks are older or younger.
const STEP: &str = "2022-04-15T05:20:00Z";

/// Starts an image of one platform.
pub(crate) fn image() -> Image {
    Image {
        layers: Vec::new(),
        codec: None,
        config: json!({}),
        docker: false,
        platform: ("linux", "amd64"),
        has_history: true,
    }
}

/// Starts an image of several platforms.
pub(crate) fn index() -> Index {
    Index {
        images: Vec::new(),
        attested: false,
        nested: false,
    }
}

/// An image of one platform.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    layers: Vec<Layer>,
    codec: Option<Codec>,
    config: Value,
    docker: bool,
    platform: (&'static str, &'static str),
    has_history: bool,
}

/// An image of several platforms.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    images: Vec<Image>,
    attested: bool,
    nested: bool,
}

impl Image {
    /// An image of uncompressed layers as they are, base layer first.
    pub(crate) fn of_tars(tars: Vec<Vec<u8>>) -> Self {
        tars.into_iter().fold(image(), |image, tar| {
            image.layer(|layer| layer.raw(tar).end(End::Raw(Vec::new())))
        })
    }

    /// Adds a layer on top.
    pub(crate) fn layer(self, fill: impl FnOnce(Layer) -> Layer) -> Self {
        self.add(fill(Layer::new()))
    }

    pub(crate) fn add(mut self, layer: Layer) -> Self {
        self.layers.push(layer);
        self
    }

    /// Stores every layer so, whatever the layers say themselves.
    pub(crate) fn codec(self, codec: Codec) -> Self {
        Self {
            codec: Some(codec),
            ..self
        }
    }

    /// Sets the config's `config` object: Env, Cmd, ….
    pub(crate) fn config(self, config: Value) -> Self {
        Self { config, ..self }
    }

    pub(crate) fn docker_media_types(self) -> Self {
        Self {
            docker: true,
            ..self
        }
    }

    /// Leaves the layers without the steps that made them.
    pub(crate) fn without_history(self) -> Self {
        Self {
            has_history: false,
            ..self
        }
    }

    pub(crate) fn platform(self, os: &'static str, architecture: &'static str) -> Self {
        Self {
            platform: (os, architecture),
            ..self
        }
    }

    /// Writes a layout with the tag `latest`.
    pub(crate) fn write(&self, root: &Path) -> PathBuf {
        let layout = Layout::create(root);
        layout.index(&[tagged(self.store(&layout))]);
        root.to_path_buf()
    }

    /// The uncompressed layers, base layer first.
    pub(crate) fn tars(&self) -> Vec<Vec<u8>> {
        self.layers.iter().map(Layer::tar).collect()
    }

    /// The config document.
    pub(crate) fn document(&self) -> Value {
        let diff_ids: Vec<String> = self.tars().iter().map(|tar| digest(tar)).collect();
        let mut document = json!({
            "created": "2024-01-02T03:04:05Z",
            "architecture": self.platform.1,
            "os": self.platform.0,
            "config": self.config,
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": self.history(),
        });
        if !self.has_history {
            document.as_object_mut().unwrap().remove("history");
        }
        document
    }

    fn history(&self) -> Vec<Value> {
        let step = |text: &str| json!({"created": STEP, "created_by": text});
        let without_layer = |text: &str| {
            let mut row = step(text);
            row["empty_layer"] = true.into();
            row
        };
        let layers = self.layers.iter().enumerate();
        let layers = layers.map(|(at, layer)| match &layer.instruction {
            Some(text) => step(text),
            None => step(&format!("COPY layer {at}")),
        });
        std::iter::once(without_layer("ENV A=1"))
            .chain(layers)
            .chain([without_layer("CMD [\"true\"]")])
            .collect()
    }

    /// Stores all blobs and returns the manifest's descriptor.
    fn store(&self, layout: &Layout) -> Value {
        let layers: Vec<Value> = self
            .layers
            .iter()
            .map(|layer| {
                let codec = self.codec.as_ref().unwrap_or(&layer.codec);
                layout.put(&self.layer_type(codec), &codec.compress(&layer.tar()))
            })
            .collect();
        let (config_type, manifest_type) = self.document_types();
        let config = layout.put_json(config_type, &self.document());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": manifest_type,
            "config": config,
            "layers": layers,
        });
        layout.put_json(manifest_type, &manifest)
    }

    fn layer_type(&self, codec: &Codec) -> String {
        if self.docker {
            let suffix = codec.suffix().replace('+', ".");
            format!("application/vnd.docker.image.rootfs.diff.tar{suffix}")
        } else {
            format!("application/vnd.oci.image.layer.v1.tar{}", codec.suffix())
        }
    }

    fn document_types(&self) -> (&'static str, &'static str) {
        if self.docker {
            (
                "application/vnd.docker.container.image.v1+json",
                "application/vnd.docker.distribution.manifest.v2+json",
            )
        } else {
            (
                "application/vnd.oci.image.config.v1+json",
                "application/vnd.oci.image.manifest.v1+json",
            )
        }
    }
}

impl Index {
    pub(crate) fn image(mut self, image: Image) -> Self {
        self.images.push(image);
        self
    }

    /// Adds an attestation for each image, as buildkit does.
    pub(crate) fn attested(self) -> Self {
        Self {
            attested: true,
            ..self
        }
    }

    /// Puts the index into a blob that `index.json` names.
    pub(crate) fn nested(self) -> Self {
        Self {
            nested: true,
            ..self
        }
    }

    /// Writes a layout; a nested index has the tag `latest`, images that lie flat have none.
    pub(crate) fn write(&self, root: &Path) -> PathBuf {
        let layout = Layout::create(root);
        let mut manifests = Vec::new();
        for image in &self.images {
            let mut descriptor = image.store(&layout);
            let (os, architecture) = image.platform;
            descriptor["platform"] = json!({"os": os, "architecture": architecture});
            let subject = descriptor["digest"].clone();
            manifests.push(descriptor);
            if self.attested {
                manifests.push(attestation(&layout, &subject));
            }
        }
        if self.nested {
            let document = json!({
                "schemaVersion": 2,
                "mediaType": INDEX_TYPE,
                "manifests": manifests,
            });
            manifests = vec![tagged(layout.put_json(INDEX_TYPE, &document))];
        }
        layout.index(&manifests);
        root.to_path_buf()
    }
}

const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";

fn attestation(layout: &Layout, subject: &Value) -> Value {
    let statement = layout.put("application/vnd.in-toto+json", b"{\"_type\":\"statement\"}");
    let config = layout.put(
        "application/vnd.oci.image.config.v1+json",
        br#"{"architecture":"unknown","os":"unknown","rootfs":{"type":"layers","diff_ids":[]}}"#,
    );
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": config,
        "layers": [statement],
    });
    let mut descriptor = layout.put_json("application/vnd.oci.image.manifest.v1+json", &manifest);
    descriptor["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    descriptor["annotations"] = json!({
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": subject,
    });
    descriptor
}

fn tagged(mut descriptor: Value) -> Value {
    descriptor["annotations"]["org.opencontainers.image.ref.name"] = "latest".into();
    descriptor
}
