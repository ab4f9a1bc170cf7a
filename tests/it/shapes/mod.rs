//! Places that hold images, in the shapes that real tools give them, made in code.

mod destinations;
mod docker;
mod hostile;
mod layouts;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use oci_slim::digest::Digest;
use oci_slim::error::Result;
use oci_slim::image::Offer;
use oci_slim::source::{self, Location, Source};
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

/// A config with two layers and their uncompressed bytes.
struct Sample {
    config: Vec<u8>,
    layers: Vec<Vec<u8>>,
}

impl Sample {
    fn new(salt: &str) -> Self {
        let layers = vec![
            layer(&[("etc/os", "one"), ("salt", salt)]),
            layer(&[("app", "two")]),
        ];
        Self {
            config: config(&layers),
            layers,
        }
    }

    /// An image that has its first layer twice.
    fn doubled() -> Self {
        let mut layers = Self::new("").layers;
        layers.push(layers[0].clone());
        Self {
            config: config(&layers),
            layers,
        }
    }

    fn config_name(&self) -> String {
        format!("{}.json", Digest::of(&self.config).hex())
    }
}

fn config(layers: &[Vec<u8>]) -> Vec<u8> {
    let diff_ids: Vec<String> = layers
        .iter()
        .map(|layer| Digest::of(layer).to_string())
        .collect();
    let history: Vec<Value> = (0..layers.len())
        .map(|at| json!({ "created_by": format!("RUN {at}") }))
        .collect();
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": { "Healthcheck": { "Test": ["NONE"] }, "Cmd": ["/app"] },
        "rootfs": { "type": "layers", "diff_ids": diff_ids }, "history": history,
    });
    config.to_string().into_bytes()
}

fn layer(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = Tar::new();
    files
        .iter()
        .for_each(|(name, content)| tar.file(name, content.as_bytes()));
    tar.finish()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// A tar in memory.
struct Tar(Builder<Vec<u8>>);

impl Tar {
    fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    fn file(&mut self, name: &str, content: &[u8]) {
        self.0
            .append_data(
                &mut header(EntryType::Regular, content.len() as u64),
                name,
                content,
            )
            .unwrap();
    }

    fn json(&mut self, name: &str, content: &Value) {
        self.file(name, content.to_string().as_bytes());
    }

    fn symlink(&mut self, name: &str, target: &str) {
        self.0
            .append_link(&mut header(EntryType::Symlink, 0), name, target)
            .unwrap();
    }

    fn finish(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

fn header(kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(size);
    header.set_cksum();
    header
}

/// What Docker before 25 saved.
fn classic(images: &[(&str, &Sample)]) -> Vec<u8> {
    let mut tar = Tar::new();
    let (mut items, mut written) = (Vec::new(), Vec::<(String, String)>::new());
    for (name, image) in images {
        let mut paths = Vec::new();
        for (at, bytes) in image.layers.iter().enumerate() {
            let id = Digest::of(format!("{name}{at}").as_bytes())
                .hex()
                .to_owned();
            tar.file(&format!("{id}/VERSION"), b"1.0");
            tar.json(&format!("{id}/json"), &json!({ "id": id }));
            let path = format!("{id}/layer.tar");
            let digest = Digest::of(bytes).to_string();
            match written.iter().find(|(known, _)| *known == digest) {
                Some((_, first)) => tar.symlink(&path, &format!("../{first}")),
                None => {
                    tar.file(&path, bytes);
                    written.push((digest, path.clone()));
                }
            }
            paths.push(path);
        }
        tar.file(&image.config_name(), &image.config);
        let names: Vec<&str> = name.split(' ').filter(|name| !name.is_empty()).collect();
        items.push(json!({ "Config": image.config_name(), "RepoTags": names, "Layers": paths }));
    }
    tar.json("manifest.json", &items.into());
    tar.json("repositories", &json!({}));
    tar.finish()
}

/// What skopeo and podman write.
fn skopeo(name: &str, image: &Sample) -> Vec<u8> {
    let mut tar = Tar::new();
    let path = |bytes: &[u8]| format!("{}.tar", Digest::of(bytes).hex());
    for bytes in &image.layers {
        tar.file(&path(bytes), bytes);
        let id = Digest::of(path(bytes).as_bytes());
        tar.symlink(
            &format!("{}/layer.tar", id.hex()),
            &format!("../{}", path(bytes)),
        );
    }
    tar.file(&image.config_name(), &image.config);
    let paths: Vec<String> = image.layers.iter().map(|bytes| path(bytes)).collect();
    tar.json(
        "manifest.json",
        &json!([{ "Config": image.config_name(), "RepoTags": [name], "Layers": paths }]),
    );
    tar.finish()
}

/// A directory's worth of blobs with the documents that lead to them.
#[derive(Default)]
struct Files(Vec<(String, Vec<u8>)>);

impl Files {
    fn blob(&mut self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = Digest::of(bytes);
        let path = format!("blobs/sha256/{}", digest.hex());
        if !self.0.iter().any(|(known, _)| *known == path) {
            self.0.push((path, bytes.to_vec()));
        }
        json!({ "mediaType": media_type, "digest": digest.as_str(), "size": bytes.len() })
    }

    fn image(&mut self, image: &Sample, packed: bool) -> Value {
        let config = self.blob("application/vnd.oci.image.config.v1+json", &image.config);
        let layers: Vec<Value> = image
            .layers
            .iter()
            .map(|bytes| match packed {
                true => self.blob("application/vnd.oci.image.layer.v1.tar+gzip", &gzip(bytes)),
                false => self.blob("application/vnd.oci.image.layer.v1.tar", bytes),
            })
            .collect();
        self.manifest(&config, &layers)
    }

    fn manifest(&mut self, config: &Value, layers: &[Value]) -> Value {
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        let manifest = json!({ "schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers, "annotations": { "x": "y" } });
        self.blob(media_type, manifest.to_string().as_bytes())
    }

    fn index(&mut self, roots: &[Value]) {
        let index = json!({ "schemaVersion": 2, "manifests": roots });
        self.0
            .push(("index.json".into(), index.to_string().into_bytes()));
        self.0.push((
            "oci-layout".into(),
            br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec(),
        ));
    }

    fn tar(&self) -> Vec<u8> {
        let mut tar = Tar::new();
        self.0
            .iter()
            .for_each(|(name, content)| tar.file(name, content));
        tar.finish()
    }

    fn dir(&self, dir: &Path) {
        for (name, content) in &self.0 {
            fs::create_dir_all(dir.join(name).parent().unwrap()).unwrap();
            fs::write(dir.join(name), content).unwrap();
        }
    }
}

fn tagged(root: &Value, tag: &str) -> Value {
    let mut root = root.clone();
    root["annotations"] = json!({ "org.opencontainers.image.ref.name": tag });
    root
}

/// A directory with one file in it.
struct Scratch {
    dir: tempfile::TempDir,
    path: PathBuf,
}

impl Scratch {
    fn new(name: &str, content: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        Self { dir, path }
    }

    /// Opens the file by a reference in which `{}` stands for its path.
    fn open(&self, reference: &str) -> Result<Box<dyn Source>> {
        open(
            &reference.replace("{}", self.path.to_str().unwrap()),
            self.dir.path(),
        )
    }

    fn load(&self, reference: &str) -> Result<Offer> {
        Offer::load(&*self.open(reference)?, None)
    }
}

fn open(reference: &str, temp_dir: &Path) -> Result<Box<dyn Source>> {
    source::open(&Location::parse(OsStr::new(reference)).unwrap(), temp_dir)
}

/// The names under which an offer's roots stand.
fn names(offer: &Offer) -> Vec<&str> {
    offer.roots.iter().filter_map(|root| root.name()).collect()
}

/// Asserts that the layers of the only image are those of `sample`, compressed or not.
fn assert_layers(source: &dyn Source, offer: &Offer, sample: &Sample) {
    let [image] = &offer.images[..] else {
        panic!("{} images", offer.images.len())
    };
    assert_eq!(image.config.raw, sample.config);
    assert_eq!(image.layers.len(), sample.layers.len());
    for (layer, bytes) in image.layers.iter().zip(&sample.layers) {
        let blob = source
            .blob(&layer.digest, layer.size)
            .unwrap()
            .read_all()
            .unwrap();
        assert_eq!(Digest::of(&blob), layer.digest);
        assert_eq!(layer.diff_id, Digest::of(bytes));
        assert_eq!(
            blob,
            if layer.media_type.ends_with("gzip") {
                gzip(bytes)
            } else {
                bytes.clone()
            }
        );
    }
}
