//! The tar of `docker save`, old and new.

use super::*;

#[test]
fn every_shape_gives_the_same_layers() {
    for (image, shape) in [
        (Sample::new(""), "classic"),
        (Sample::doubled(), "classic"),
        (Sample::new(""), "skopeo"),
        (Sample::doubled(), "skopeo"),
    ] {
        let bytes = if shape == "classic" {
            classic(&[("app:1", &image)])
        } else {
            skopeo("app:1", &image)
        };
        let scratch = Scratch::new("saved", &bytes);
        for reference in [
            "{}",
            "docker-archive:{}",
            "docker-archive:{}:app:1",
            "docker-archive:{}:docker.io/library/app:1",
        ] {
            let source = scratch.open(reference).unwrap();
            let offer = Offer::load(&*source, None).unwrap();
            assert_layers(&*source, &offer, &image);
            assert_eq!(
                (names(&offer), offer.is_docker_save),
                (vec!["docker.io/library/app:1"], true),
                "{shape} {reference}"
            );
            assert_eq!(
                offer.images[0].layers[1].instruction.as_deref(),
                Some("RUN 1")
            );
        }
        let said = scratch.load("docker-archive:{}:app:2").unwrap_err();
        assert!(
            said.to_string().starts_with("no image `app:2` in"),
            "{said}"
        );
        assert_eq!(said.hint().as_deref(), Some("it offers app:1"));
    }
}

#[test]
fn several_images_need_a_name() {
    let (one, two) = (Sample::new("1"), Sample::new("2"));
    let scratch = Scratch::new(
        "saved.tar",
        &classic(&[("app:1 ghcr.io/lab/app:1", &one), ("app:2", &two)]),
    );
    let said = scratch.load("{}").unwrap_err();
    assert!(
        said.to_string()
            .starts_with("no name to choose among several images in"),
        "{said}"
    );
    assert_eq!(
        said.hint().as_deref(),
        Some("it offers app:1, ghcr.io/lab/app:1, app:2")
    );
    for (name, sample) in [
        ("app:1", &one),
        ("ghcr.io/lab/app:1", &one),
        ("app:2", &two),
    ] {
        let source = scratch
            .open(&format!("docker-archive:{{}}:{name}"))
            .unwrap();
        assert_layers(&*source, &Offer::load(&*source, None).unwrap(), sample);
    }
    let offer = scratch.load("docker-archive:{}:app:1").unwrap();
    assert_eq!(
        names(&offer),
        ["docker.io/library/app:1", "ghcr.io/lab/app:1"],
        "an image keeps all its names"
    );
}

/// Docker 25 and later: an image layout with a `manifest.json`.
fn modern(image: &Sample, packed: bool, reorder: bool) -> (Vec<u8>, Value) {
    let mut files = Files::default();
    let mut root = files.image(image, packed);
    let blob = |bytes: &[u8]| format!("blobs/sha256/{}", Digest::of(bytes).hex());
    let layers: Vec<String> = image
        .layers
        .iter()
        .map(|bytes| {
            if packed {
                blob(&gzip(bytes))
            } else {
                blob(bytes)
            }
        })
        .collect();
    if reorder {
        let manifest: Value = serde_json::from_slice(&files.0.last().unwrap().1).unwrap();
        let reversed: Vec<Value> = manifest["layers"]
            .as_array()
            .unwrap()
            .iter()
            .rev()
            .cloned()
            .collect();
        root = files.manifest(&manifest["config"], &reversed);
    }
    root["annotations"] = json!({ "io.containerd.image.name": "docker.io/library/app:1", "org.opencontainers.image.ref.name": "1" });
    files.index(std::slice::from_ref(&root));
    let items = json!([{ "Config": blob(&image.config), "RepoTags": ["app:1"], "Layers": layers }]);
    files
        .0
        .push(("manifest.json".into(), items.to_string().into_bytes()));
    (files.tar(), root)
}

#[test]
fn the_index_is_read_where_it_agrees() {
    for packed in [false, true] {
        let image = Sample::doubled();
        let (bytes, root) = modern(&image, packed, false);
        let scratch = Scratch::new("saved", &bytes);
        for reference in [
            "{}",
            "docker-archive:{}",
            "oci-archive:{}",
            "docker-archive:{}:app:1",
            "oci-archive:{}:1",
        ] {
            let source = scratch.open(reference).unwrap();
            let offer = Offer::load(&*source, None).unwrap();
            assert_layers(&*source, &offer, &image);
            assert_eq!(
                offer.images[0].descriptor.digest.as_str(),
                root["digest"],
                "the manifest is the one that was saved"
            );
            assert_eq!(
                (names(&offer), offer.warnings.len()),
                (vec!["docker.io/library/app:1"], 0)
            );
            assert_eq!(offer.is_docker_save, !reference.starts_with("oci"));
        }
    }
}

/// Docker 25.0.0 listed the layers from the top down (moby #47150).
#[test]
fn an_index_that_contradicts_is_not() {
    let image = Sample::new("");
    let (bytes, _) = modern(&image, false, true);
    let scratch = Scratch::new("saved", &bytes);
    let source = scratch.open("docker-archive:{}").unwrap();
    let offer = Offer::load(&*source, None).unwrap();
    assert_layers(&*source, &offer, &image);
    assert_eq!(offer.warnings[0].code, "docker-index");
}

#[test]
fn compressed_layers_have_their_own_digest() {
    let image = Sample::new("");
    let mut tar = Tar::new();
    for (at, bytes) in image.layers.iter().enumerate() {
        tar.file(&format!("{at}/layer.tar"), &gzip(bytes));
    }
    tar.file("config.json", &image.config);
    tar.json("manifest.json", &json!([{ "Config": "config.json", "RepoTags": null, "Layers": ["0/layer.tar", "1/layer.tar"] }]));
    let scratch = Scratch::new("saved", &tar.finish());
    let source = scratch.open("{}").unwrap();
    let offer = Offer::load(&*source, None).unwrap();
    assert_layers(&*source, &offer, &image);
    assert!(
        offer.images[0]
            .layers
            .iter()
            .all(|layer| layer.media_type.ends_with("+gzip"))
    );
    assert_eq!((offer.roots.len(), names(&offer).len()), (1, 0));
}

#[test]
fn a_layer_that_is_kept_elsewhere_makes_it_no_image() {
    let image = Sample::new("");
    let mut tar = Tar::new();
    tar.file("app.tar", &image.layers[1]);
    tar.file("base.tar", b"");
    tar.file("config.json", &image.config);
    let base = Digest::of(&image.layers[0]);
    let foreign = json!({
        "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "digest": base.as_str(), "size": 9, "urls": ["https://example.org/base"],
    });
    tar.json("manifest.json", &json!([{ "Config": "config.json", "Layers": ["base.tar", "app.tar"], "LayerSources": { base.as_str(): foreign } }]));
    let said = Scratch::new("saved", &tar.finish()).load("{}").unwrap_err();
    let said = said.to_string();
    assert!(
        said.starts_with("no image but") && said.contains("is foreign"),
        "{said}"
    );
}
