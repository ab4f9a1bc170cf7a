//! Manifest, config and index: edited where they must be, and nowhere else.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::compare::{assert_same, without};
use crate::support::flatten::{flatten, flatten_all};
use crate::support::image::{Image, image, index};
use crate::support::layer::Layer;
use crate::support::layout::{
    amend_config, amend_index, amend_manifest, config, document, index as index_json, manifest,
};
use crate::support::program::{Slim, scratch, shrink};

fn stack() -> Image {
    let config = json!({
        "Env": ["PATH=/bin", "WITH=a\u{26}b"],
        "Cmd": ["main"],
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 30_000_000_000_u64},
        "OnBuild": null,
        "Labels": {"maintainer": "someone"},
        "Volumes": {"/d": null},
    });
    image()
        .config(config)
        .layer(|l| {
            l.instruction("COPY base /")
                .file("main", b"1")
                .file("cache/a", vec![b'a'; 4000])
        })
        .layer(|l| {
            l.instruction("RUN fill the cache")
                .file("cache/b", vec![b'b'; 4000])
        })
        .layer(|l| l.instruction("COPY app /").file("app", b"2"))
}

fn remove_cache(before: &Path, dir: &Path, layers: &str) -> Slim {
    let arguments = ["--disable", "*", "--remove", "cache", "--layers", layers];
    shrink(before, dir, layers, &arguments)
}

/// Each step of the history, and whether it has a layer.
fn steps(layout: &Path) -> Vec<(String, bool)> {
    let history = config(layout)["history"].take();
    let step = |step: &Value| {
        let text = step["created_by"].as_str().unwrap_or("").to_owned();
        (text, step["empty_layer"] != true)
    };
    history.as_array().unwrap().iter().map(step).collect()
}

#[test]
fn an_emptied_layer_leaves_and_its_step_stays() {
    let dir = scratch();
    let before = stack().write(&dir.path().join("before"));
    let slim = remove_cache(&before, dir.path(), "keep");
    let expected = [
        ("ENV A=1", false),
        ("COPY base /", true),
        ("RUN fill the cache", false),
        ("COPY app /", true),
        ("CMD [\"true\"]", false),
    ];
    let expected = expected.map(|(text, layer)| (text.to_owned(), layer));
    assert_eq!(steps(&slim.layout), expected);
    assert_eq!(
        manifest(&slim.layout)["layers"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn a_squashed_image_has_one_step_with_a_layer() {
    let dir = scratch();
    let before = stack().write(&dir.path().join("before"));
    let slim = remove_cache(&before, dir.path(), "squash");
    let with_layer = steps(&slim.layout)
        .iter()
        .filter(|(_, layer)| *layer)
        .count();
    assert_eq!(with_layer, 1);
    assert_eq!(
        manifest(&slim.layout)["layers"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn an_image_may_have_no_history() {
    for bend in [
        |config: &mut Value| drop(config.as_object_mut().unwrap().remove("history")),
        |config: &mut Value| config["history"] = Value::Null,
    ] {
        let dir = scratch();
        let before = stack().write(&dir.path().join("before"));
        amend_config(&before, bend);
        let slim = remove_cache(&before, dir.path(), "keep");
        let expected = without(&flatten(&before), &["cache", "cache/a", "cache/b"]);
        assert_same(&flatten(&slim.layout), &expected);
    }
}

#[test]
fn what_is_unknown_survives() {
    let dir = scratch();
    let before = stack().write(&dir.path().join("before"));
    amend_config(&before, |config| {
        config["moby.buildkit.buildinfo.v1"] = "eyJ9".into();
        config["os.version"] = "10.0".into();
        config["history"][0]["x-step"] = "kept".into();
    });
    amend_manifest(&before, |manifest| {
        manifest["annotations"] = json!({"org.example": "kept"});
        manifest["x-manifest"] = json!([1, 2, {"deep": null}]);
        manifest["layers"][2]["annotations"] = json!({"org.example.layer": "kept"});
    });
    amend_index(&before, |index| {
        index["x-index"] = "kept".into();
        index["annotations"] = json!({"org.example.index": "kept"});
        index["manifests"][0]["annotations"]["org.example.tag"] = "kept".into();
    });
    let slim = remove_cache(&before, dir.path(), "keep");
    let (old, new) = (config(&before), config(&slim.layout));
    for key in [
        "config",
        "created",
        "architecture",
        "os",
        "os.version",
        "moby.buildkit.buildinfo.v1",
    ] {
        assert_eq!(new[key], old[key], "{key}");
    }
    assert_eq!(new["history"][0]["x-step"], "kept");
    let manifest = manifest(&slim.layout);
    assert_eq!(manifest["annotations"]["org.example"], "kept");
    assert_eq!(manifest["x-manifest"], json!([1, 2, {"deep": null}]));
    assert_eq!(
        manifest["layers"][1]["annotations"]["org.example.layer"],
        "kept"
    );
    let index = index_json(&slim.layout);
    assert_eq!(index["x-index"], "kept");
    assert_eq!(index["annotations"]["org.example.index"], "kept");
    let tag = &index["manifests"][0]["annotations"];
    assert_eq!(tag["org.example.tag"], "kept");
    assert_eq!(tag["org.opencontainers.image.ref.name"], "latest");
}

#[test]
fn every_platform_of_an_index_is_processed() {
    let one = |architecture, content: &[u8]| {
        image()
            .platform("linux", architecture)
            .layer(|l: Layer| l.file("main", content).file("cache/a", vec![b'a'; 4000]))
    };
    for nested in [false, true] {
        for attested in [false, true] {
            let index = index().image(one("amd64", b"1")).image(one("arm64", b"2"));
            let index = if nested { index.nested() } else { index };
            let index = if attested { index.attested() } else { index };
            let dir = scratch();
            let before = index.write(&dir.path().join("before"));
            let slim = remove_cache(&before, dir.path(), "keep");
            let (old, new) = (flatten_all(&before), flatten_all(&slim.layout));
            assert_eq!(new.len(), 2, "nested {nested}, attested {attested}");
            for (platform, tree) in &new {
                assert_same(tree, &without(&old[platform], &["cache", "cache/a"]));
            }
        }
    }
}

#[test]
fn a_platform_that_is_asked_for_is_the_image() {
    let one = |architecture| {
        image()
            .platform("linux", architecture)
            .layer(|l| l.file("a", architecture))
    };
    let dir = scratch();
    let before = index()
        .image(one("amd64"))
        .image(one("arm64"))
        .write(&dir.path().join("before"));
    let slim = shrink(&before, dir.path(), "after", &["--platform", "linux/arm64"]);
    let trees = flatten_all(&slim.layout);
    assert_eq!(trees.keys().collect::<Vec<_>>(), ["linux/arm64"]);
    let descriptor = &index_json(&slim.layout)["manifests"][0];
    assert!(
        document(&slim.layout, descriptor)
            .get("manifests")
            .is_none()
    );
}
