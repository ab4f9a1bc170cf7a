//! A result that waits to be published is read back, and each falsification of it is told.

use serde_json::{Value, json};

use super::stack::{self, Tar};
use crate::digest::Digest;
use crate::error::Error;
use crate::image::{Image, Offer};
use crate::layer::{Claim, Codec};
use crate::source::Location;
use crate::verify::{Promise, ReadBack};
use crate::write::{Destination, Listed, Staging};

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A result in the making: a layer of the source and a new one.
struct Case {
    dir: tempfile::TempDir,
    blobs: Vec<(Digest, Vec<u8>)>,
    promised: Vec<Promise>,
    manifest: Value,
    config: Value,
}

fn documents(blobs: &[(Vec<u8>, Vec<u8>)]) -> (Value, Value) {
    let layers: Vec<Value> = blobs
        .iter()
        .map(|(stored, _)| json!({"mediaType": GZIP, "digest": Digest::of(stored).as_str(), "size": stored.len()}))
        .collect();
    let diff_ids: Vec<String> = blobs
        .iter()
        .map(|(_, inflated)| Digest::of(inflated).to_string())
        .collect();
    let mut history = vec![json!({"created_by": "an ENV", "empty_layer": true})];
    history.extend(blobs.iter().map(|_| json!({"created_by": "a layer"})));
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": diff_ids}, "history": history,
    });
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json"}, "layers": layers,
    });
    (manifest, config)
}

/// Writes a layout of one image and loads it.
fn image(dir: &std::path::Path, blobs: &[(Vec<u8>, Vec<u8>)]) -> Image {
    let (mut manifest, config) = documents(blobs);
    let root = dir.join("source");
    std::fs::create_dir_all(root.join("blobs/sha256")).unwrap();
    let put = |bytes: &[u8]| {
        let digest = Digest::of(bytes);
        std::fs::write(root.join("blobs/sha256").join(digest.hex()), bytes).unwrap();
        json!({"digest": digest.as_str(), "size": bytes.len()})
    };
    for (stored, _) in blobs {
        put(stored);
    }
    let config = put(config.to_string().as_bytes());
    manifest["config"]["digest"] = config["digest"].clone();
    manifest["config"]["size"] = config["size"].clone();
    let mut listed = put(manifest.to_string().as_bytes());
    listed["mediaType"] = manifest["mediaType"].clone();
    let index = json!({"schemaVersion": 2, "manifests": [listed]});
    std::fs::write(root.join("index.json"), index.to_string()).unwrap();
    std::fs::write(root.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    let location = Location::parse(root.as_os_str()).unwrap();
    let source = crate::source::open(&location, dir).unwrap();
    Offer::load(&*source, &[]).unwrap().images.remove(0)
}

fn promise(stored: &[u8], inflated: &[u8], same_as: Option<usize>) -> Promise {
    Promise {
        claim: Claim {
            digest: Digest::of(stored),
            size: stored.len() as u64,
            diff_id: Digest::of(inflated),
        },
        codec: Codec::of(stored),
        inflated: inflated.len() as u64,
        same_as,
        is_new: same_as.is_none(),
    }
}

fn packed(tar: &Tar) -> (Vec<u8>, Vec<u8>) {
    (stack::gzip(&tar.bytes()), tar.bytes())
}

impl Case {
    fn good() -> (Self, Image) {
        let dir = tempfile::tempdir().unwrap();
        let source = [
            packed(&Tar::new().file("a", b"1")),
            packed(&Tar::new().file("b", b"2").file("c", b"3")),
        ];
        let image = image(dir.path(), &source);
        let after = [source[0].clone(), packed(&Tar::new().file("b", b"2"))];
        let (manifest, config) = documents(&after);
        let promised = after
            .iter()
            .enumerate()
            .map(|(at, (stored, inflated))| promise(stored, inflated, (at == 0).then_some(0)))
            .collect();
        let blobs = after
            .into_iter()
            .map(|(stored, _)| (Digest::of(&stored), stored))
            .collect();
        (
            Self {
                dir,
                blobs,
                promised,
                manifest,
                config,
            },
            image,
        )
    }

    fn check(mut self, image: &Image) -> Result<(), Error> {
        let destination = Destination::parse(self.dir.path().join("result").as_os_str()).unwrap();
        let staging = Staging::new(&destination, None, false).unwrap();
        for (digest, bytes) in &self.blobs {
            staging.put(digest, bytes).unwrap();
        }
        let config = self.config.to_string().into_bytes();
        staging.put(&Digest::of(&config), &config).unwrap();
        if self.manifest["config"]["digest"].is_null() {
            self.manifest["config"]["digest"] = json!(Digest::of(&config).as_str());
            self.manifest["config"]["size"] = json!(config.len());
        }
        let manifest = self.manifest.to_string().into_bytes();
        let digest = Digest::of(&manifest);
        staging.put(&digest, &manifest).unwrap();
        ReadBack::default().check(
            image,
            &self.promised,
            &staging,
            &Listed::Now(digest, manifest.len() as u64),
        )
    }
}

#[test]
fn a_good_result_is_read_back() {
    let (case, image) = Case::good();
    case.check(&image).unwrap();
}

#[test]
fn an_image_that_stays_is_read_back_by_its_own_manifest() {
    let dir = tempfile::tempdir().unwrap();
    let source = [packed(&Tar::new().file("a", b"1"))];
    let image = image(dir.path(), &source);
    let destination = Destination::parse(dir.path().join("result").as_os_str()).unwrap();
    let staging = Staging::new(&destination, None, false).unwrap();
    let promised = [promise(&source[0].0, &source[0].1, Some(0))];
    staging
        .put(&promised[0].claim.digest, &source[0].0)
        .unwrap();
    staging
        .put(&image.config.digest, &image.config.raw)
        .unwrap();
    let missing = ReadBack::default().check(&image, &promised, &staging, &Listed::Same);
    assert!(matches!(missing, Err(Error::Blob { .. })));
    staging
        .put(&image.manifest.digest, &image.manifest.raw)
        .unwrap();
    ReadBack::default()
        .check(&image, &promised, &staging, &Listed::Same)
        .unwrap();
}

/// Expects that a result, falsified, is refused for this reason.
fn check(why: &str, falsify: impl FnOnce(&mut Case)) {
    let (mut case, image) = Case::good();
    falsify(&mut case);
    match case.check(&image) {
        Err(Error::Proof { fault, .. } | Error::Blob { fault, .. }) => {
            assert!(fault.contains(why), "{fault}, not {why}");
        }
        other => panic!("{other:?}, not {why}"),
    }
}

#[test]
fn wrong_documents_are_told() {
    check(
        "1 layers and 2 diff IDs are listed, and there are 2",
        |case| {
            case.manifest["layers"].as_array_mut().unwrap().pop();
        },
    );
    check("2 layers and 3 diff IDs", |case| {
        case.config["rootfs"]["diff_ids"]
            .as_array_mut()
            .unwrap()
            .push(json!("sha256:00"));
    });
    check("is not listed in its place", |case| {
        case.manifest["layers"].as_array_mut().unwrap().swap(0, 1);
    });
    check("is not listed in its place", |case| {
        case.manifest["layers"][1]["size"] = json!(1);
    });
    check("the diff ID of layer", |case| {
        case.config["rootfs"]["diff_ids"]
            .as_array_mut()
            .unwrap()
            .swap(0, 1);
    });
    check("and is gzip", |case| {
        case.manifest["layers"][1]["mediaType"] =
            json!("application/vnd.oci.image.layer.v1.tar+zstd");
    });
    check("of another type", |case| {
        case.config["rootfs"]["type"] = json!("layer");
    });
    check("3 history rows have a layer, and there are 2", |case| {
        case.config["history"][0]["empty_layer"] = json!(false);
    });
    check("1 history rows", |case| {
        case.config["history"][1]["empty_layer"] = json!(true);
    });
    check("names no config", |case| {
        case.manifest["config"]["digest"] = json!("sha256:none");
    });
    check("not in the result", |case| {
        case.manifest["config"]["digest"] = json!(Digest::of(b"another").as_str());
        case.manifest["config"]["size"] = json!(1);
    });
    check("the config stored has digest", |case| {
        let digest = Digest::of(b"another");
        case.blobs.push((digest.clone(), b"{}".to_vec()));
        case.manifest["config"]["digest"] = json!(digest.as_str());
        case.manifest["config"]["size"] = json!(2);
    });
}

#[test]
fn wrong_blobs_are_told() {
    check("its content has digest", |case| {
        let last = case.blobs[1].1.len() - 9;
        case.blobs[1].1[last] ^= 1;
    });
    check("instead of", |case| case.blobs[1].1.push(0));
    check("not in the result", |case| {
        case.blobs.pop();
    });
    // The digests of the blob agree with each other, and not with what it inflates to.
    let replace = |case: &mut Case, stored: Vec<u8>| {
        let diff_id = case.promised[1].claim.diff_id.clone();
        let mut made = promise(&stored, b"", None);
        made.claim.diff_id = diff_id;
        made.codec = Codec::Gzip;
        made.inflated = case.promised[1].inflated;
        case.manifest["layers"][1]["digest"] = json!(made.claim.digest.as_str());
        case.manifest["layers"][1]["size"] = json!(made.claim.size);
        case.promised[1] = made;
        case.blobs[1] = (Digest::of(&stored), stored);
    };
    check("it inflates to", |case| {
        replace(case, stack::gzip(b"something else"));
    });
    check("it does not inflate", |case| {
        let half = case.blobs[1].1.len() / 2;
        let stored = case.blobs[1].1[..half].to_vec();
        replace(case, stored);
    });
    check("it was to be gzip and is plain", |case| {
        replace(case, b"no gzip".to_vec());
    });
    check("it inflates to", |case| case.promised[1].inflated += 1);
    check("its diff ID is not that of the layer", |case| {
        case.promised[1].same_as = Some(1);
    });
}
