//! Documents good and bad, from memory.

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
        Offer::load(self, None)
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

#[test]
fn bad_documents_are_refused() {
    let (good, plain) = (manifest(), config());
    let bad_manifests = [
        ("/schemaVersion", json!(1), "`schemaVersion` is not 2"),
        ("/schemaVersion", Value::Null, "`schemaVersion` is not 2"),
        ("/schemaVersion", json!("2"), "`schemaVersion` is not 2"),
        ("/mediaType", json!(INDEX), "its descriptor says"),
        ("/manifests", json!([]), "`manifests` does not belong"),
        ("/fsLayers", json!([]), "`fsLayers` does not belong"),
        ("/Manifests", json!([]), "only in case"),
        ("/layers", json!({}), "`layers` is not a list"),
        ("/layers", json!([layer("a")]), "2 diff_ids for 1 layers"),
        (
            "/layers/0/digest",
            json!("sha256:../../etc/passwd"),
            "layers[0]: digest `sha256:../../etc/passwd`",
        ),
        ("/layers/1/size", json!(-1), "layers[1]: the size"),
        ("/layers/1/size", json!("10"), "layers[1]: the size"),
        (
            "/layers/0/data",
            json!("AAAA"),
            "layers[0]: the embedded data",
        ),
        ("/config", json!({}), "config: no `mediaType`"),
        ("/config", json!([]), "config: not a JSON object"),
        ("/subject", json!("x"), "subject: not a JSON object"),
        ("/annotations", json!([]), "`annotations` is not an object"),
    ];
    for (at, value, fault) in bad_manifests {
        let said = load(&with(&good, at, value), &plain).unwrap_err();
        assert!(
            matches!(&said, Error::Document { kind: "manifest" | "config", fault: found, .. } if found.contains(fault)),
            "{at}: {said}"
        );
    }
    let bad_configs = [
        ("/rootfs", Value::Null, "0 diff_ids for 2 layers"),
        ("/rootfs/type", json!("layers+base"), "`rootfs.type` is not"),
        ("/rootfs/type", Value::Null, "`rootfs.type` is not"),
        (
            "/rootfs/diff_ids/0",
            json!("sha256:xyz"),
            "diff_ids[0] `sha256:xyz`",
        ),
        (
            "/rootfs/diff_ids/1",
            json!(1),
            "diff_ids[1] is not a string",
        ),
        ("/rootfs/Diff_IDs", json!([]), "only in case"),
        ("/RootFS", json!({}), "only in case"),
        ("/history", json!({}), "`history` is not a list"),
        (
            "/history/0/empty_layer",
            json!("no"),
            "history[0]: `empty_layer`",
        ),
        ("/os", json!(7), "`os` is not a string"),
    ];
    for (at, value, fault) in bad_configs {
        let bad = if at.contains("diff_ids/") {
            let mut bad = plain.clone();
            *bad.pointer_mut(at).unwrap() = value;
            bad
        } else {
            with(&plain, at, value)
        };
        let said = load(&good, &bad).unwrap_err();
        assert!(
            matches!(&said, Error::Document { kind: "config", fault: found, .. } if found.contains(fault)),
            "{at}: {said}"
        );
    }
}

#[test]
fn bad_indexes_are_refused() {
    let mut source = Memory::default();
    let root = source.image(&manifest(), &config());
    let good = index(std::slice::from_ref(&root));
    for (at, value, fault) in [
        ("/schemaVersion", json!(1), "`schemaVersion` is not 2"),
        ("/mediaType", json!(MANIFEST), "its descriptor says"),
        ("/layers", json!([]), "`layers` does not belong"),
        ("/config", json!({}), "`config` does not belong"),
        ("/manifests", json!([1]), "manifests[0]: not a JSON object"),
        (
            "/manifests",
            json!([with(&root, "/size", json!(5_000_000))]),
            "no more than 4194304 are read",
        ),
        (
            "/manifests",
            json!([with(&root, "/size", json!(5))]),
            "its content has digest",
        ),
        (
            "/manifests",
            json!([with(&root, "/mediaType", json!(INDEX))]),
            "its descriptor says",
        ),
        (
            "/manifests",
            json!([with(&root, "/digest", json!(digest("x")))]),
            "missing in `memory`",
        ),
        (
            "/manifests",
            json!([with(&root, "/platform", json!({ "os": 1 }))]),
            "`os` is not a string",
        ),
        ("/manifests", json!([]), "no image"),
        ("/manifests", Value::Null, "no image"),
    ] {
        source.index = with(&good, at, value);
        let said = source.load().unwrap_err().to_string();
        assert!(said.contains(fault), "{at}: {said}");
    }
}

#[test]
fn a_deep_nest_and_a_crowd_are_refused() {
    let mut source = Memory::default();
    let mut root = source.image(&manifest(), &config());
    for _ in 0..12 {
        root = source.put(INDEX, &index(&[root]));
    }
    source.index = index(&[root]);
    assert!(
        source
            .load()
            .unwrap_err()
            .to_string()
            .contains("nested deeper")
    );

    let mut root = source.image(&manifest(), &config());
    for _ in 0..6 {
        root = source.put(INDEX, &index(&vec![root; 20]));
    }
    source.index = index(&[root]);
    assert!(
        source
            .load()
            .unwrap_err()
            .to_string()
            .contains("more than 4096")
    );
}

#[test]
fn what_is_no_image_says_why() {
    let empty = json!({ "mediaType": "application/vnd.oci.empty.v1+json", "digest": digest("{}"), "size": 2, "data": "e30=" });
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    for (at, value, why) in [
        (
            "/artifactType",
            json!("application/x"),
            "an artefact of type `application/x`",
        ),
        (
            "/config",
            empty,
            "an artefact: its config is `application/vnd.oci.empty.v1+json`",
        ),
        (
            "/layers",
            json!([with(&layer("a"), "/urls", json!(["https://example.org"]))]),
            "is foreign",
        ),
        (
            "/layers",
            json!([with(&layer("a"), "/mediaType", json!(foreign))]),
            "is foreign",
        ),
        (
            "/layers",
            json!([with(
                &layer("a"),
                "/mediaType",
                json!("application/vnd.in-toto+json")
            )]),
            "of unknown type",
        ),
    ] {
        let mut source = Memory::default();
        let image = source.image(&manifest(), &config());
        let other = source.image(&with(&manifest(), at, value), &config());
        source.index = index(&[image, other]);
        let offer = source.load().unwrap();
        let Node::Other(other) = &offer.roots[1] else {
            panic!("{at}: an image")
        };
        assert!(other.why.contains(why), "{at}: {}", other.why);
        assert!(other.blobs.is_none(), "its layers are not there");
    }
}

#[test]
fn attestations_name_their_subject() {
    let mut source = Memory::default();
    let image = source.image(&manifest(), &config());
    let mut attestation = source.image(
        &manifest(),
        &with(
            &with(&config(), "/os", json!("unknown")),
            "/architecture",
            json!("unknown"),
        ),
    );
    let unmarked = attestation.clone();
    attestation["annotations"] = json!({ "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image["digest"] });
    let unknown = json!({ "mediaType": "application/x", "digest": digest("x"), "size": 1 });
    let nested = source.put(
        INDEX,
        &index(&[image.clone(), attestation, unmarked, unknown]),
    );
    source.index = index(&[nested]);
    let offer = source.load().unwrap();
    let Node::Index { children, .. } = &offer.roots[0] else {
        panic!("no index")
    };
    let others: Vec<_> = children
        .iter()
        .filter_map(|child| {
            if let Node::Other(other) = child {
                Some(other)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(others.len(), 3);
    assert_eq!(
        others[0].subject.as_ref().map(Digest::as_str),
        image["digest"].as_str()
    );
    assert!(others[1].why.contains("unknown/unknown") && others[2].why.contains("`application/x`"));
    assert_eq!(offer.images.len(), 1);
}

#[test]
fn docker_save_may_list_what_it_did_not_pull() {
    let mut source = Memory {
        docker_save: true,
        ..Memory::default()
    };
    let image = source.image(&manifest(), &config());
    let absent = with(&image, "/digest", json!(digest("absent")));
    source.index = index(&[image, absent]);
    let offer = source.load().unwrap();
    assert!(
        matches!(&offer.roots[1], Node::Other(other) if other.blobs.is_none() && other.why.contains("not in the archive"))
    );
    source.docker_save = false;
    assert!(source.load().is_err());
}

#[test]
fn a_name_or_a_platform_chooses() {
    let mut source = Memory::default();
    let image = |source: &mut Memory, os: &str, architecture: &str, variant: &str| {
        let config = with(
            &with(&config(), "/architecture", json!(architecture)),
            "/os",
            json!(os),
        );
        let root = source.image(&manifest(), &with(&config, "/variant", json!(variant)));
        with(
            &root,
            "/platform",
            json!({ "os": os, "architecture": architecture, "variant": variant }),
        )
    };
    let name = |root: &Value, tag: &str| {
        with(
            root,
            "/annotations",
            json!({ "org.opencontainers.image.ref.name": tag }),
        )
    };
    let (amd, v6, v7) = (
        image(&mut source, "linux", "amd64", ""),
        image(&mut source, "linux", "arm", "v6"),
        image(&mut source, "linux", "arm", "v7"),
    );
    let list = source.put(INDEX, &index(&[amd.clone(), v6.clone(), v7.clone()]));
    source.index = index(&[
        name(&list, "1"),
        name(&list, "latest"),
        name(&v6, "docker.io/lab/six:1"),
    ]);

    let said = source.load().unwrap_err();
    assert_eq!(
        said.hint().as_deref(),
        Some("it offers 1, latest, docker.io/lab/six:1")
    );
    for (wanted, images) in [
        ("1", 3),
        ("latest", 3),
        ("docker.io/lab/six:1", 1),
        ("lab/six:1", 1),
    ] {
        source.wanted = Some(wanted.into());
        let offer = source.load().unwrap();
        assert_eq!(
            (offer.roots.len(), offer.images.len()),
            (1, images),
            "{wanted}"
        );
    }
    source.wanted = Some("2".into());
    assert!(
        source
            .load()
            .unwrap_err()
            .to_string()
            .contains("no image `2` in `memory`")
    );

    source.wanted = Some("latest".into());
    for (asked, digest) in [
        ("linux/amd64", &amd),
        ("linux/arm", &v7),
        ("linux/arm/v6", &v6),
    ] {
        let offer = Offer::load(&source, Some(&asked.parse().unwrap())).unwrap();
        assert_eq!((offer.roots.len(), offer.images.len()), (1, 1), "{asked}");
        assert_eq!(
            Some(offer.images[0].descriptor.digest.as_str()),
            digest["digest"].as_str()
        );
        assert_eq!(
            offer.roots[0].name(),
            Some("latest"),
            "it keeps the tag that led to it"
        );
    }
    let said = Offer::load(&source, Some(&"linux/s390x".parse().unwrap())).unwrap_err();
    assert_eq!(said.to_string(), "no image for `linux/s390x` in `memory`");
    assert_eq!(
        said.hint().as_deref(),
        Some("it offers linux/amd64, linux/arm/v6, linux/arm/v7")
    );
    source.wanted = None;
    source.index = index(&[v6.clone(), list]);
    assert_eq!(
        source.load().unwrap().images.len(),
        3,
        "untagged: all of them, each once"
    );
    let both = Offer::load(&source, Some(&"linux/arm/v6".parse().unwrap())).unwrap();
    assert_eq!((both.roots.len(), both.images.len()), (2, 1));
}
