//! Results in every form: each reads back as what was put in, byte for byte, and appears whole or not at all.

use std::os::unix::fs::PermissionsExt as _;

use oci_slim::error::Error;
use oci_slim::image::Node;
use oci_slim::write::{Destination, Staging};

use super::*;

fn destination(reference: &str) -> Destination {
    Destination::parse(OsStr::new(reference)).unwrap()
}

/// Stages all that `source` offers, unchanged, and publishes it.
fn publish(source: &dyn Source, destination: &Destination, force: bool) -> Result<()> {
    let staging = Staging::new(destination, None, force)?;
    let offer = Offer::load(source, None)?;
    destination.accept(&offer)?;
    for image in &offer.images {
        for layer in &image.layers {
            staging.copy(&source.blob(&layer.digest, layer.size)?, &layer.digest)?;
        }
        staging.put(&image.config.digest, &image.config.raw)?;
        staging.put(&image.manifest.digest, &image.manifest.raw)?;
    }
    offer
        .roots
        .iter()
        .try_for_each(|root| put_indexes(root, &staging))?;
    staging.commit(&offer.index.raw)
}

fn put_indexes(node: &Node, staging: &Staging) -> Result<()> {
    let Node::Index {
        descriptor,
        document,
        children,
    } = node
    else {
        return Ok(());
    };
    staging.put(&descriptor.digest, &document.raw)?;
    children
        .iter()
        .try_for_each(|child| put_indexes(child, staging))
}

fn sample_source(scratch: &Scratch) -> Box<dyn Source> {
    scratch.open("{}").unwrap()
}

fn layout_scratch(image: &Sample) -> Scratch {
    let mut files = Files::default();
    let root = files.image(image, true);
    files.index(&[tagged(&root, "v1")]);
    Scratch::new("before.tar", &files.tar())
}

#[test]
fn every_form_reads_back_the_same() {
    let image = Sample::doubled();
    let scratch = layout_scratch(&image);
    let source = sample_source(&scratch);
    let before = Offer::load(&*source, None).unwrap();
    for (form, name) in [
        ("oci", "dir"),
        ("oci-archive", "a.tar"),
        ("docker-archive", "b.tar"),
    ] {
        let reference = format!("{form}:{}", scratch.dir.path().join(name).display());
        publish(&*source, &destination(&reference), false).unwrap();
        for reference in [&reference, &reference.replace("docker-", "oci-")] {
            let after_source = open(reference, scratch.dir.path()).unwrap();
            let after = Offer::load(&*after_source, None).unwrap();
            assert_layers(&*after_source, &after, &image);
            assert_eq!(after.index.raw, before.index.raw, "{reference}");
            assert_eq!(after.images[0].manifest.raw, before.images[0].manifest.raw);
        }
    }
    let left: Vec<_> = fs::read_dir(scratch.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 4, "{left:?}");
    let blobs = fs::read_dir(scratch.dir.path().join("dir/blobs/sha256")).unwrap();
    let plain = fs::metadata(&scratch.path).unwrap().permissions().mode();
    for blob in blobs {
        assert_eq!(
            blob.unwrap().metadata().unwrap().permissions().mode(),
            plain,
            "as open as any file"
        );
    }
}

#[test]
fn archives_hold_nothing_of_this_machine() {
    let scratch = layout_scratch(&Sample::new(""));
    let source = sample_source(&scratch);
    let written = |name: &str| {
        let path = scratch.dir.path().join(name);
        publish(
            &*source,
            &destination(&format!("docker-archive:{}:app:1", path.display())),
            true,
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
        assert_eq!(
            (
                header.mtime().unwrap(),
                header.uid().unwrap(),
                header.gid().unwrap()
            ),
            (0, 0, 0)
        );
        names.push(entry.path().unwrap().to_string_lossy().into_owned());
    }
    assert_eq!(
        names[..5],
        [
            "oci-layout",
            "index.json",
            "manifest.json",
            "blobs/",
            "blobs/sha256/"
        ]
    );
    assert_eq!(names.len(), 9);
}

#[test]
fn a_name_is_kept_unless_another_is_asked_for() {
    let image = Sample::new("");
    let scratch = Scratch::new(
        "before.tar",
        &classic(&[("ghcr.io/lab/app:1 app:1", &image)]),
    );
    let source = sample_source(&scratch);
    let saved = |reference: &str, path: &str| -> Value {
        let path = scratch.dir.path().join(path);
        publish(
            &*source,
            &destination(&reference.replace("{}", path.to_str().unwrap())),
            true,
        )
        .unwrap();
        let mut archive = tar::Archive::new(fs::File::open(path).unwrap());
        let entry = archive
            .entries()
            .unwrap()
            .map(std::result::Result::unwrap)
            .find(|entry| entry.path().unwrap() == Path::new("manifest.json"));
        serde_json::from_reader(entry.unwrap()).unwrap()
    };
    assert_eq!(
        saved("docker-archive:{}", "a.tar")[0]["RepoTags"],
        json!(["ghcr.io/lab/app:1", "app:1"])
    );
    assert_eq!(
        saved("docker-archive:{}:new", "b.tar")[0]["RepoTags"],
        json!(["new:latest"])
    );

    let reference = format!("oci:{}:slim", scratch.dir.path().join("c").display());
    publish(&*source, &destination(&reference), false).unwrap();
    let offer = Offer::load(&*open(&reference, scratch.dir.path()).unwrap(), None).unwrap();
    assert_eq!(names(&offer), ["ghcr.io/lab/app:slim"]);

    let untagged = layout_scratch(&image);
    let source = sample_source(&untagged);
    let path = scratch.dir.path().join("d.tar");
    publish(
        &*source,
        &destination(&format!("docker-archive:{}", path.display())),
        false,
    )
    .unwrap();
    assert_eq!(
        names(
            &Offer::load(
                &*open(path.to_str().unwrap(), scratch.dir.path()).unwrap(),
                None
            )
            .unwrap()
        ),
        ["v1"]
    );
}

#[test]
fn what_is_there_stays_unless_forced() {
    let scratch = layout_scratch(&Sample::new(""));
    let source = sample_source(&scratch);
    for (form, name) in [("oci", "dir"), ("oci-archive", "a.tar")] {
        let path = scratch.dir.path().join(name);
        let reference = format!("{form}:{}", path.display());
        publish(&*source, &destination(&reference), false).unwrap();
        let said = publish(&*source, &destination(&reference), false).unwrap_err();
        assert!(matches!(said, Error::DestinationExists { .. }), "{said}");
        publish(&*source, &destination(&reference), true).unwrap();
        // In place: the source is what is replaced.
        let own = open(&reference, scratch.dir.path()).unwrap();
        publish(&*own, &destination(&reference), true).unwrap();
        assert_layers(
            &*open(&reference, scratch.dir.path()).unwrap(),
            &Offer::load(&*open(&reference, scratch.dir.path()).unwrap(), None).unwrap(),
            &Sample::new(""),
        );
    }
    assert_eq!(
        fs::read_dir(scratch.dir.path()).unwrap().count(),
        3,
        "no temp dir is left"
    );
}

#[test]
fn nothing_is_left_when_it_fails() {
    let scratch = layout_scratch(&Sample::new(""));
    let source = sample_source(&scratch);
    let at = |name: &str| scratch.dir.path().join(name);
    let staging = Staging::new(
        &destination(&format!("oci:{}", at("new").display())),
        None,
        false,
    )
    .unwrap();
    staging.put(&Digest::of(b"x"), b"x").unwrap();
    assert!(
        staging.blob(&Digest::of(b"x"), 2).is_err() && staging.blob(&Digest::of(b"y"), 1).is_err()
    );
    assert_eq!(
        staging
            .blob(&Digest::of(b"x"), 1)
            .unwrap()
            .read_all()
            .unwrap(),
        b"x"
    );
    fs::write(at("new"), "somebody else's").unwrap();
    assert!(staging.commit(b"{}").is_err());
    assert_eq!(fs::read_to_string(at("new")).unwrap(), "somebody else's");

    let docker = destination(&format!("docker-archive:{}", at("docker.tar").display()));
    let staging = Staging::new(&docker, None, false).unwrap();
    assert!(
        staging
            .commit(&Offer::load(&*source, None).unwrap().index.raw)
            .is_err(),
        "its blobs are missing"
    );
    assert!(
        Staging::new(
            &destination(&format!("oci:{}/a/b", scratch.dir.path().display())),
            None,
            false
        )
        .is_err()
    );
    assert_eq!(fs::read_dir(scratch.dir.path()).unwrap().count(), 2);
}

#[test]
fn what_a_form_cannot_hold_is_refused_first() {
    let mut files = Files::default();
    let (one, two) = (
        files.image(&Sample::new("1"), true),
        files.image(&Sample::new("2"), true),
    );
    files.index(&[one, two]);
    let scratch = Scratch::new("before.tar", &files.tar());
    let source = sample_source(&scratch);
    let path = scratch.dir.path().join("after");
    for (reference, fault) in [
        ("docker-archive:{}", "more platforms than the one"),
        ("oci:{}:v1", "more images than the one"),
        ("oci-archive:{}", ""),
    ] {
        let destination = destination(&reference.replace("{}", path.to_str().unwrap()));
        match publish(&*source, &destination, false) {
            Ok(()) => assert!(fault.is_empty() && path.exists(), "{reference}"),
            Err(said) => assert!(
                !fault.is_empty() && said.to_string().contains(fault) && !path.exists(),
                "{said}"
            ),
        }
    }
}
