//! Manifests, configs, indexes and the layout's own files that do not say what they must.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{Arena, assert_refused};
use crate::support::image::image;
use crate::support::layout::{
    amend_config, amend_index, amend_manifest, index, layer_digests, manifest,
};

fn good() -> Arena {
    let arena = Arena::new();
    image()
        .layer(|l| l.file("a", b"1"))
        .layer(|l| l.file("b", b"2"))
        .write(&arena.image());
    arena
}

/// What is wrong, and how a document is bent to be so.
type Case = (&'static str, fn(&mut Value));

type Amend = fn(&Path, &mut dyn FnMut(&mut Value));

/// Bends one document of a good image in each of these ways; each is refused, and `named` tells what the line holds.
#[track_caller]
fn refuse(amend: Amend, named: fn(&Path) -> String, cases: &[Case]) {
    for (what, bend) in cases {
        let arena = good();
        amend(&arena.image(), &mut |document| bend(document));
        assert_refused(what, &arena, &[&named(&arena.image())]);
    }
}

fn manifest_digest(layout: &Path) -> String {
    index(layout)["manifests"][0]["digest"]
        .as_str()
        .unwrap()
        .into()
}

fn config_digest(layout: &Path) -> String {
    manifest(layout)["config"]["digest"]
        .as_str()
        .unwrap()
        .into()
}

#[test]
fn manifests() {
    refuse(
        |layout, edit| amend_manifest(layout, edit),
        manifest_digest,
        &[
            ("layers that are no list", |m| m["layers"] = "two".into()),
            ("layers and manifests (CVE-2021-41190)", |m| {
                m["manifests"] = json!([]);
            }),
            (
                "another media type than its descriptor (CVE-2021-41190)",
                |m| {
                    m["mediaType"] = "application/vnd.oci.image.index.v1+json".into();
                },
            ),
            ("schema version 1", |m| m["schemaVersion"] = 1.into()),
            ("no config", |m| {
                drop(m.as_object_mut().unwrap().remove("config"));
            }),
            ("a config that is no descriptor", |m| {
                m["config"] = "sha256:00".into();
            }),
            ("a digest that is a path (CVE-2024-3727)", |m| {
                m["layers"][0]["digest"] = "sha256:../../../victim/hello".into();
            }),
            ("a digest in capitals", |m| {
                let digest = m["layers"][0]["digest"]
                    .as_str()
                    .unwrap()
                    .replace("sha256:", "");
                m["layers"][0]["digest"] = format!("sha256:{}", digest.to_uppercase()).into();
            }),
            ("a digest that is too short", |m| {
                m["layers"][0]["digest"] = "sha256:00ff".into();
            }),
            ("a digest of nothing", |m| {
                m["layers"][0]["digest"] = "".into();
            }),
            ("a config digest that is a path", |m| {
                m["config"]["digest"] = "../victim/hello".into();
            }),
            ("a negative size", |m| m["layers"][0]["size"] = (-1).into()),
            ("a size in quotes", |m| m["layers"][0]["size"] = "12".into()),
            ("a size with a fraction", |m| {
                m["layers"][0]["size"] = 12.5.into();
            }),
            ("no size", |m| {
                drop(m["layers"][0].as_object_mut().unwrap().remove("size"));
            }),
            ("a layer of nothing", |m| m["layers"][1] = Value::Null),
        ],
    );
}

#[test]
fn a_manifest_without_layers() {
    let bends: [fn(&mut Value); 3] = [
        |m| drop(m.as_object_mut().unwrap().remove("layers")),
        |m| m["layers"] = Value::Null,
        |m| m["layers"] = json!([]),
    ];
    for bend in bends {
        let arena = good();
        amend_manifest(&arena.image(), bend);
        assert_refused("no layers", &arena, &["layers"]);
    }
}

#[test]
fn sizes_that_blobs_do_not_have() {
    for size in [0_u64, 1, 1 << 40, u64::MAX] {
        let arena = good();
        amend_manifest(&arena.image(), |manifest| {
            manifest["layers"][0]["size"] = size.into();
        });
        // A number that no file has is a fault of the manifest, one that this file has not is one of the blob.
        let named = if size == u64::MAX {
            String::new()
        } else {
            layer_digests(&arena.image()).remove(0)
        };
        assert_refused("a layer's size", &arena, &[&named]);
    }
    let arena = good();
    amend_manifest(&arena.image(), |manifest| {
        manifest["config"]["size"] = 3.into();
    });
    assert_refused(
        "the config's size",
        &arena,
        &[&config_digest(&arena.image())],
    );
}

#[test]
fn a_layer_of_an_unknown_kind() {
    let arena = good();
    amend_manifest(&arena.image(), |manifest| {
        manifest["layers"][1]["mediaType"] = "application/vnd.example.layer.tar+lzma".into();
    });
    assert_refused("lzma", &arena, &["application/vnd.example.layer.tar+lzma"]);
}

#[test]
fn configs() {
    refuse(
        |layout, edit| amend_config(layout, edit),
        config_digest,
        &[
            ("no object", |c| *c = json!([])),
            ("no rootfs", |c| {
                drop(c.as_object_mut().unwrap().remove("rootfs"));
            }),
            ("a rootfs of another type", |c| {
                c["rootfs"]["type"] = "base-layer".into();
            }),
            ("a diff_id too few (ggcr #2192)", |c| {
                drop(c["rootfs"]["diff_ids"].as_array_mut().unwrap().pop());
            }),
            ("a diff_id too many (ggcr #2304)", |c| {
                c["rootfs"]["diff_ids"]
                    .as_array_mut()
                    .unwrap()
                    .push("sha256:00".into());
            }),
            ("no diff_ids", |c| c["rootfs"]["diff_ids"] = Value::Null),
            ("a diff_id that is a path", |c| {
                c["rootfs"]["diff_ids"][0] = "sha256:../../victim".into();
            }),
            ("a diff_id that is a number", |c| {
                c["rootfs"]["diff_ids"][0] = 7.into();
            }),
            ("a history that is no list", |c| {
                c["history"] = "long".into();
            }),
        ],
    );
}

#[test]
fn indexes() {
    let cases: [Case; 9] = [
        ("no manifests", |i| i["manifests"] = json!([])),
        ("manifests that are no list", |i| {
            i["manifests"] = "one".into();
        }),
        ("no list at all", |i| {
            drop(i.as_object_mut().unwrap().remove("manifests"));
        }),
        ("layers beside manifests", |i| i["layers"] = json!([])),
        ("a digest that is a path", |i| {
            i["manifests"][0]["digest"] = "sha256:../../../victim/hello".into();
        }),
        ("a digest of another algorithm", |i| {
            i["manifests"][0]["digest"] = format!("sha512:{}", "0".repeat(128)).into();
        }),
        ("a negative size", |i| {
            i["manifests"][0]["size"] = (-1).into();
        }),
        ("schema version 1", |i| i["schemaVersion"] = 1.into()),
        ("a manifest said to be an index", |i| {
            i["manifests"][0]["mediaType"] = "application/vnd.oci.image.index.v1+json".into();
        }),
    ];
    for (what, bend) in cases {
        let arena = good();
        amend_index(&arena.image(), bend);
        assert_refused(what, &arena, &[]);
    }
}

#[test]
fn embedded_data_that_is_not_the_blob() {
    for (what, data) in [
        ("another content", "e30="),
        ("no base64", "!!!"),
        ("nothing", ""),
    ] {
        let arena = good();
        amend_index(&arena.image(), |index| {
            index["manifests"][0]["data"] = data.into();
        });
        assert_refused(what, &arena, &[&manifest_digest(&arena.image())]);
    }
}

#[test]
fn documents_that_are_no_json() {
    let deep = "[".repeat(100_000);
    for text in [
        "",
        "{",
        "null",
        "[]",
        "\"text\"",
        "{\"manifests\": nul}",
        "\u{feff}{}",
        &deep,
    ] {
        let arena = good();
        fs::write(arena.image().join("index.json"), text).unwrap();
        assert_refused("index.json", &arena, &["index.json"]);
    }
}

#[test]
fn an_index_larger_than_any_document() {
    let arena = good();
    let padding = " ".repeat(64 << 20);
    let text = index(&arena.image()).to_string() + &padding;
    fs::write(arena.image().join("index.json"), text).unwrap();
    assert_refused("64 MiB", &arena, &["index.json"]);
}

#[test]
fn the_layouts_own_files() {
    let replace = |name: &'static str, harm: fn(&Path, &Path)| {
        let arena = good();
        let file = arena.image().join(name);
        fs::remove_file(&file).unwrap();
        harm(&file, &arena.victim());
        assert_refused(name, &arena, &[]);
    };
    for name in ["index.json", "oci-layout"] {
        replace(name, |file, _| fs::create_dir(file).unwrap());
        replace(name, |file, victim| {
            std::os::unix::fs::symlink(victim, file).unwrap();
        });
        replace(name, |file, _| {
            std::os::unix::fs::symlink("/dev/zero", file).unwrap();
        });
        replace(name, |file, _| {
            let status = std::process::Command::new("mkfifo").arg(file).status();
            assert!(status.unwrap().success());
        });
    }
    replace("index.json", |_, _| {});
    replace("oci-layout", |file, _| {
        fs::write(file, br#"{"imageLayoutVersion":"9.0.0"}"#).unwrap();
    });
}
