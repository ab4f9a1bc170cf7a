//! The tar of `docker save`, old and new.

use serde_json::{Value, json};

use super::*;
use crate::support::archive::{classic, classic_of, modern, skopeo};
use crate::support::codec::Codec;
use crate::support::layer::Layer;
use crate::support::layout::{amend_index, amend_manifest, index};

#[test]
fn every_shape_gives_the_same_layers() {
    for image in [sample("1"), doubled()] {
        for bytes in [classic(&image), skopeo(&image)] {
            let place = Place::new("saved", &bytes);
            for reference in [
                "{}",
                "docker-archive:{}",
                "docker-archive:{}:lab/x",
                "docker-archive:{}:docker.io/lab/x:latest",
            ] {
                let source = place.open(reference).unwrap();
                let offer = assert_holds(&*source, &image);
                assert_eq!(names(&offer), ["docker.io/lab/x:latest"], "{reference}");
                assert!(offer.is_docker_save);
                let second = &offer.images[0].layers[1];
                assert_eq!(second.instruction.as_deref(), Some("COPY layer 1"));
            }
            let said = place.load("docker-archive:{}:lab/x:2").unwrap_err();
            assert!(said.to_string().starts_with("no image `lab/x:2` in"));
            assert_eq!(said.hint().as_deref(), Some("it offers lab/x:latest"));
        }
    }
}

#[test]
fn several_images_need_a_name() {
    let (one, two) = (sample("1"), sample("2"));
    let saved = classic_of(&[(&["app:1", "ghcr.io/lab/app:1"], &one), (&["app:2"], &two)]);
    let place = Place::new("saved.tar", &saved);
    let said = place.load("{}").unwrap_err();
    assert!(
        said.to_string()
            .starts_with("no name to choose among several images in")
    );
    assert_eq!(
        said.hint().as_deref(),
        Some("it offers app:1, ghcr.io/lab/app:1, app:2")
    );
    for (name, image) in [
        ("app:1", &one),
        ("ghcr.io/lab/app:1", &one),
        ("app:2", &two),
    ] {
        let source = place.open(&format!("docker-archive:{{}}:{name}")).unwrap();
        assert_holds(&*source, image);
    }
    let offer = place.load("docker-archive:{}:app:1").unwrap();
    let kept = ["docker.io/library/app:1", "ghcr.io/lab/app:1"];
    assert_eq!(names(&offer), kept, "an image keeps all its names");
}

/// An image as a layout that Docker 25 and later would save.
fn layout(image: &Image, codec: Codec) -> TempDir {
    let dir = scratch();
    image.clone().codec(codec).write(dir.path());
    amend_index(dir.path(), |index| {
        index["manifests"][0]["annotations"]["io.containerd.image.name"] =
            "docker.io/lab/x:latest".into();
    });
    dir
}

#[test]
fn the_index_is_read_where_it_agrees() {
    for codec in [Codec::Plain, Codec::gzip(6)] {
        let layout = layout(&doubled(), codec);
        let place = Place::new("saved", &modern(layout.path()));
        for reference in [
            "{}",
            "docker-archive:{}",
            "oci-archive:{}",
            "docker-archive:{}:lab/x:latest",
            "oci-archive:{}:latest",
        ] {
            let source = place.open(reference).unwrap();
            let offer = assert_holds(&*source, &doubled());
            let saved = index(layout.path())["manifests"][0]["digest"].take();
            assert_eq!(
                offer.images[0].descriptor.digest.as_str(),
                saved,
                "as it was saved"
            );
            assert_eq!(
                (names(&offer), offer.warnings.len()),
                (vec!["docker.io/lab/x:latest"], 0)
            );
            assert_eq!(offer.is_docker_save, !reference.starts_with("oci"));
        }
    }
}

/// Docker 25.0.0 listed the layers from the top down (moby #47150), and its release candidates listed none (#47065).
#[test]
fn an_index_that_contradicts_is_not_read() {
    type Bend = fn(&mut Vec<Value>);
    let bends: [Bend; 2] = [|layers| layers.reverse(), Vec::clear];
    for bend in bends {
        let image = sample("1");
        let (good, bad) = (layout(&image, Codec::Plain), layout(&image, Codec::Plain));
        amend_manifest(bad.path(), |manifest| {
            bend(manifest["layers"].as_array_mut().unwrap());
        });
        // The manifest.json of the good one, before which that of the bad one does not count.
        let mut saved = Layer::new();
        let mut archive = tar::Archive::new(std::io::Cursor::new(modern(bad.path())));
        let right = member(&modern(good.path()), "manifest.json");
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().to_string_lossy().into_owned();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
            saved = match name.as_str() {
                "manifest.json" => saved.file(name, &right),
                name if name.ends_with('/') => saved,
                name => saved.file(name, content),
            };
        }
        let place = Place::new("saved", &saved.tar());
        let offer = assert_holds(&*place.open("docker-archive:{}").unwrap(), &image);
        assert_eq!(offer.warnings[0].code, "docker-index");
    }
}

/// The content of a member of a tar.
pub(super) fn member(archive: &[u8], wanted: &str) -> Vec<u8> {
    let mut archive = tar::Archive::new(archive);
    let entries = archive.entries().unwrap().map(std::result::Result::unwrap);
    let mut found = entries
        .into_iter()
        .find(|entry| entry.path().unwrap() == Path::new(wanted))
        .unwrap();
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut found, &mut content).unwrap();
    content
}

#[test]
fn compressed_layers_have_their_own_digest() {
    let image = sample("1");
    let mut saved = Layer::new().file("config.json", image.document().to_string());
    for (at, tar) in image.tars().iter().enumerate() {
        saved = saved.file(format!("{at}/layer.tar"), Codec::gzip(6).compress(tar));
    }
    let rows = json!([{"Config": "config.json", "RepoTags": null, "Layers": ["0/layer.tar", "1/layer.tar"]}]);
    let place = Place::new(
        "saved",
        &saved.file("manifest.json", rows.to_string()).tar(),
    );
    let offer = assert_holds(&*place.open("{}").unwrap(), &image);
    let layers = &offer.images[0].layers;
    assert!(
        layers
            .iter()
            .all(|layer| layer.media_type.ends_with("+gzip"))
    );
    assert_eq!((offer.roots.len(), names(&offer).len()), (1, 0));
}

#[test]
fn a_layer_that_is_kept_elsewhere_makes_it_no_image() {
    let image = sample("1");
    let base = Digest::of(&image.tars()[0]).to_string();
    let foreign = json!({
        "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "digest": base, "size": 9, "urls": ["https://example.org/base"],
    });
    let rows = json!([{"Config": "config.json", "Layers": ["base.tar", "app.tar"], "LayerSources": {base: foreign}}]);
    let saved = Layer::new()
        .file("config.json", image.document().to_string())
        .file("base.tar", b"")
        .file("app.tar", &image.tars()[1])
        .file("manifest.json", rows.to_string());
    let said = Place::new("saved", &saved.tar()).refused("{}");
    assert!(
        said.starts_with("no image but") && said.contains("is foreign"),
        "{said}"
    );
}
