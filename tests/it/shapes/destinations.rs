//! Results in every form: each reads back as what was put in, byte for byte, and appears whole or not at all.

use std::os::unix::fs::PermissionsExt as _;

use oci_slim::error::Error;
use oci_slim::image::Node;
use oci_slim::write::{Destination, Staging};
use serde_json::{Value, json};

use super::docker::member;
use super::*;
use crate::support::archive::{classic_of, oci};
use crate::support::layout::amend_index;

fn destination(reference: &str) -> Destination {
    Destination::parse(OsStr::new(reference)).unwrap()
}

/// Stages all that `source` offers, unchanged, and publishes it.
fn publish(source: &dyn Source, reference: &str, force: bool) -> Result<()> {
    let destination = destination(reference);
    let staging = Staging::new(&destination, None, force)?;
    let offer = Offer::load(source, &[])?;
    destination.accept(&offer)?;
    for image in &offer.images {
        for layer in &image.layers {
            staging.copy(&source.blob(&layer.digest, layer.size)?, &layer.digest)?;
        }
        staging.put(&image.config.digest, &image.config.raw)?;
        staging.put(&image.manifest.digest, &image.manifest.raw)?;
    }
    assert!(
        offer
            .roots
            .iter()
            .all(|root| matches!(root, Node::Image { .. }))
    );
    staging.commit(&offer.index.raw)
}

/// A place with the sample in an archive, under the tag `latest`.
fn before() -> Place {
    let dir = scratch();
    Place::new("before.tar", &oci(&sample("1").write(dir.path())))
}

fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn every_form_reads_back_the_same() {
    let place = before();
    let source = place.open("{}").unwrap();
    let before = Offer::load(&*source, &[]).unwrap();
    for (form, name) in [
        ("oci", "dir"),
        ("oci-archive", "a.tar"),
        ("docker-archive", "b.tar"),
    ] {
        let reference = format!("{form}:{}", place.dir.path().join(name).display());
        publish(&*source, &reference, false).unwrap();
        for reference in [&reference, &reference.replace("docker-", "oci-")] {
            let after = assert_holds(&*open(reference, place.dir.path()).unwrap(), &sample("1"));
            assert_eq!(after.index.raw, before.index.raw, "{reference}");
            assert_eq!(after.images[0].manifest.raw, before.images[0].manifest.raw);
        }
    }
    assert_eq!(
        names_in(place.dir.path()),
        ["a.tar", "b.tar", "before.tar", "dir"]
    );
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    let blobs = place.dir.path().join("dir/blobs/sha256");
    for name in names_in(&blobs) {
        assert_eq!(
            mode(&blobs.join(name)),
            mode(&place.path),
            "as open as any file"
        );
    }
}

#[test]
fn archives_hold_nothing_of_this_machine() {
    let place = before();
    let source = place.open("{}").unwrap();
    let written = |name: &str| {
        let path = place.dir.path().join(name);
        publish(
            &*source,
            &format!("docker-archive:{}:app:1", path.display()),
            false,
        )
        .unwrap();
        fs::read(path).unwrap()
    };
    let (one, two) = (written("1.tar"), written("2.tar"));
    assert!(one == two);
    let mut names = Vec::new();
    for entry in tar::Archive::new(&one[..]).entries().unwrap() {
        let entry = entry.unwrap();
        let header = entry.header();
        let owner = (header.uid().unwrap(), header.gid().unwrap());
        assert_eq!((header.mtime().unwrap(), owner), (0, (0, 0)));
        names.push(entry.path().unwrap().to_string_lossy().into_owned());
    }
    let first = [
        "oci-layout",
        "index.json",
        "manifest.json",
        "blobs/",
        "blobs/sha256/",
    ];
    assert_eq!(names[..5], first);
    assert_eq!(names.len(), 9);
}

#[test]
fn a_name_is_kept_unless_another_is_asked_for() {
    let saved = classic_of(&[(&["ghcr.io/lab/app:1", "app:1"], &sample("1"))]);
    let place = Place::new("before.tar", &saved);
    let source = place.open("{}").unwrap();
    for (name, tags) in [
        ("", json!(["ghcr.io/lab/app:1", "app:1"])),
        (":new", json!(["new:latest"])),
    ] {
        let path = place.dir.path().join("after.tar");
        publish(
            &*source,
            &format!("docker-archive:{}{name}", path.display()),
            true,
        )
        .unwrap();
        let rows = member(&fs::read(path).unwrap(), "manifest.json");
        let rows: Value = serde_json::from_slice(&rows).unwrap();
        assert_eq!(rows[0]["RepoTags"], tags);
    }
    let reference = format!("oci:{}:slim", place.dir.path().join("dir").display());
    publish(&*source, &reference, false).unwrap();
    let offer = assert_holds(&*open(&reference, place.dir.path()).unwrap(), &sample("1"));
    assert_eq!(names(&offer), ["ghcr.io/lab/app:slim"]);
}

#[test]
fn what_is_there_stays_unless_forced() {
    let place = before();
    let source = place.open("{}").unwrap();
    for (form, name) in [("oci", "dir"), ("oci-archive", "a.tar")] {
        let reference = format!("{form}:{}", place.dir.path().join(name).display());
        publish(&*source, &reference, false).unwrap();
        let said = publish(&*source, &reference, false).unwrap_err();
        assert!(matches!(said, Error::DestinationExists { .. }), "{said}");
        publish(&*source, &reference, true).unwrap();
        // In place: the source is what is replaced.
        publish(
            &*open(&reference, place.dir.path()).unwrap(),
            &reference,
            true,
        )
        .unwrap();
        assert_holds(&*open(&reference, place.dir.path()).unwrap(), &sample("1"));
    }
    assert_eq!(names_in(place.dir.path()), ["a.tar", "before.tar", "dir"]);
}

#[test]
fn nothing_is_left_when_it_fails() {
    let place = before();
    let at = |name: &str| place.dir.path().join(name);
    let staging = Staging::new(
        &destination(&format!("oci:{}", at("new").display())),
        None,
        false,
    )
    .unwrap();
    let digest = Digest::of(b"x");
    staging.put(&digest, b"x").unwrap();
    assert!(staging.blob(&digest, 2).is_err() && staging.blob(&Digest::of(b"y"), 1).is_err());
    assert_eq!(staging.blob(&digest, 1).unwrap().read_all().unwrap(), b"x");
    fs::write(at("new"), "somebody else's").unwrap();
    assert!(staging.commit(b"{}").is_err());
    assert_eq!(fs::read_to_string(at("new")).unwrap(), "somebody else's");

    let docker = destination(&format!("docker-archive:{}", at("docker.tar").display()));
    let staging = Staging::new(&docker, None, false).unwrap();
    let index = place.load("{}").unwrap().index.raw;
    assert!(staging.commit(&index).is_err(), "its blobs are missing");
    let nowhere = destination(&format!("oci:{}/a/b", place.dir.path().display()));
    assert!(Staging::new(&nowhere, None, false).is_err());
    assert_eq!(names_in(place.dir.path()), ["before.tar", "new"]);
}

#[test]
fn what_a_form_cannot_hold_is_refused_first() {
    let dir = scratch();
    let [one, two] = ["1", "2"].map(|salt| {
        sample(salt).write(dir.path());
        crate::support::layout::index(dir.path())["manifests"][0].take()
    });
    amend_index(dir.path(), |index| {
        index["manifests"] = [one, two]
            .into_iter()
            .map(|mut root| {
                root["annotations"].take();
                root
            })
            .collect();
    });
    let place = Place::new("before.tar", &oci(dir.path()));
    let source = place.open("{}").unwrap();
    let after = place.dir.path().join("after");
    for (reference, fault) in [
        ("docker-archive:{}", "more platforms than the one"),
        ("oci:{}:v1", "more images than the one"),
    ] {
        let reference = reference.replace("{}", after.to_str().unwrap());
        let said = publish(&*source, &reference, false)
            .unwrap_err()
            .to_string();
        assert!(said.contains(fault) && !after.exists(), "{said}");
    }
    publish(&*source, &format!("oci-archive:{}", after.display()), false).unwrap();
    assert_eq!(fs::read(&after).unwrap().len() % 512, 0);
}
