//! What is said of places that contradict themselves, lead elsewhere, or hold no image.

use serde_json::json;

use super::*;
use crate::support::codec::Codec;
use crate::support::layer::Layer;

#[test]
fn paths_of_a_docker_manifest_stay_in_the_archive() {
    for (layer, fault) in [
        ("../../../../etc/passwd", "missing"),
        ("/etc/passwd", "missing"),
        ("out", "a link that leads out of the archive"),
        ("loop", "a chain of links that does not end"),
        ("dir", "not a regular file"),
        ("absent", "missing"),
        ("", "missing"),
    ] {
        let rows = json!([{"Config": "config.json", "Layers": [layer, "1.tar"]}]);
        let saved = Layer::new()
            .file("config.json", sample("1").document().to_string())
            .file("1.tar", &sample("1").tars()[1])
            .symlink("out", "/etc/passwd")
            .symlink("loop", "loop")
            .dir("dir")
            .file("manifest.json", rows.to_string());
        let said = Place::new("saved", &saved.tar()).refused("{}");
        assert!(
            said.contains(&format!("`{layer}` in")) && said.ends_with(fault),
            "{layer}: {said}"
        );
    }
}

#[test]
fn docker_archives_that_contradict_themselves_are_refused() {
    let config = sample("1").document().to_string();
    let wrong = format!("{}.json", Digest::of(b"another").hex());
    let odd = r#"{"rootfs":{"type":"layers","diff_ids":["sha256:../../x"]}}"#;
    let (one, two, three) = (
        vec!["0.tar"],
        vec!["0.tar", "1.tar"],
        vec!["0.tar", "1.tar", "1.tar"],
    );
    for (name, config, layers, fault) in [
        (
            "config.json",
            config.as_str(),
            &one,
            "1 layers for 2 diff_ids",
        ),
        ("config.json", &config, &three, "3 layers for 2 diff_ids"),
        ("config.json", "{}", &one, "1 layers for 0 diff_ids"),
        ("config.json", "not json", &one, "not JSON"),
        ("config.json", odd, &one, "diff_ids[0]"),
        (&wrong, &config, &two, "its content has digest"),
        (
            "config.json",
            &config,
            &vec!["0.tar", "1.tar.xz"],
            "compressed with xz",
        ),
    ] {
        let saved = Layer::new()
            .file("0.tar", &sample("1").tars()[0])
            .file("1.tar", &sample("1").tars()[1])
            .file("1.tar.xz", b"\xfd7zXZ\0")
            .file(name, config)
            .file(
                "manifest.json",
                json!([{"Config": name, "Layers": layers}]).to_string(),
            );
        let said = Place::new("saved", &saved.tar()).refused("docker-archive:{}");
        assert!(said.contains(fault), "{said}");
    }
}

#[test]
fn what_is_no_image_is_told_apart() {
    let cut = Codec::gzip(6).compress(b"x")[..12].to_vec();
    for (content, reference, fault) in [
        (
            Layer::new().file("readme", b"hello").tar(),
            "{}",
            "neither `oci-layout` nor `manifest.json` in",
        ),
        (
            Layer::new().file("repositories", b"{}").tar(),
            "docker-archive:{}",
            "Docker before 1.10 saved this",
        ),
        (
            b"#!/bin/sh\n".to_vec(),
            "{}",
            "the archive ends inside a header",
        ),
        (b"\xfd7zXZ\0 and more".to_vec(), "{}", "compressed with xz"),
        (cut, "{}", "cannot read"),
        (Vec::new(), "{}", "neither"),
        (Vec::new(), "oci:{}", "cannot read"),
    ] {
        let said = Place::new("file", &content).refused(reference);
        assert!(said.contains(fault), "{fault}: {said}");
    }
    let dir = scratch();
    for (reference, fault) in [
        ("{}", "`oci-layout` in"),
        ("oci:{}", "`oci-layout` in"),
        ("oci-archive:{}", "cannot read"),
        ("docker-archive:{}", "cannot read"),
        ("{}/absent", "cannot read"),
    ] {
        let reference = reference.replace("{}", dir.path().to_str().unwrap());
        let said = open(&reference, dir.path()).unwrap_err().to_string();
        assert!(said.contains(fault), "{reference}: {said}");
    }
}
