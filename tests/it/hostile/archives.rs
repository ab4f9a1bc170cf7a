//! Archives whose `manifest.json` or members lead elsewhere.

use std::fs;

use serde_json::{Value, json};

use super::{Arena, assert_refused};
use crate::support::entry::Entry;
use crate::support::image::{Image, image};
use crate::support::layer::Layer;

/// What is wrong, and how `manifest.json` is bent to be so.
type Case = (&'static str, fn(&mut Value));

/// What is wrong, and the member that is so.
type Member = (&'static str, fn(Layer) -> Layer);

fn stack() -> Image {
    image()
        .layer(|l| l.file("a", b"1"))
        .layer(|l| l.file("b", b"2"))
}

/// A classic `docker save` archive: the config, `N/layer.tar`, `manifest.json`.
fn archive(config: &Value, row: &Value, extra: impl Fn(Layer) -> Layer) -> Vec<u8> {
    let mut tar = Layer::new().file("config.json", config.to_string());
    for (at, layer) in stack().tars().iter().enumerate() {
        tar = tar.file(format!("{at}/layer.tar"), layer);
    }
    extra(tar).file("manifest.json", row.to_string()).tar()
}

fn row() -> Value {
    json!([{"Config": "config.json", "RepoTags": ["lab/x:latest"], "Layers": ["0/layer.tar", "1/layer.tar"]}])
}

fn refuse(what: &str, bytes: &[u8]) {
    let arena = Arena::new();
    fs::write(arena.image(), bytes).unwrap();
    assert_refused(what, &arena, &[]);
}

#[test]
fn the_good_archive_is_read() {
    let arena = Arena::new();
    fs::write(arena.image(), archive(&stack().document(), &row(), |l| l)).unwrap();
    let slim = crate::support::program::shrink(&arena.image(), arena.dir.path(), "after", &[]);
    assert_eq!(crate::support::flatten::flatten(&slim.layout).len(), 3);
}

#[test]
fn manifests_that_lead_elsewhere() {
    // jib #4522 and stereoscope GHSA-hpxr: the paths of manifest.json are names of members and nothing else.
    let cases: [Case; 12] = [
        ("a layer outside", |m| {
            m[0]["Layers"][0] = "../victim/hello".into();
        }),
        ("a layer by its full path", |m| {
            m[0]["Layers"][0] = "/etc/passwd".into();
        }),
        ("a config outside", |m| {
            m[0]["Config"] = "../victim/hello".into();
        }),
        ("a layer that is not there", |m| {
            m[0]["Layers"][1] = "2/layer.tar".into();
        }),
        ("a layer too few", |m| {
            drop(m[0]["Layers"].as_array_mut().unwrap().pop());
        }),
        ("a layer too many", |m| {
            m[0]["Layers"]
                .as_array_mut()
                .unwrap()
                .push("0/layer.tar".into());
        }),
        ("no layers", |m| m[0]["Layers"] = Value::Null),
        ("no config", |m| m[0]["Config"] = Value::Null),
        ("null", |m| *m = Value::Null),
        ("none", |m| *m = json!([])),
        ("a row of nothing", |m| m[0] = Value::Null),
        ("an object", |m| *m = json!({})),
    ];
    for (what, bend) in cases {
        let mut row = row();
        bend(&mut row);
        refuse(what, &archive(&stack().document(), &row, |l| l));
    }
}

#[test]
fn members_that_lead_elsewhere() {
    let cases: [Member; 5] = [
        ("a link to the victim", |l| {
            l.symlink("evil.tar", "../victim/hello")
        }),
        ("a link to itself (ggcr)", |l| {
            l.symlink("evil.tar", "evil.tar")
        }),
        ("two links in a circle", |l| {
            l.symlink("evil.tar", "b.tar").symlink("b.tar", "evil.tar")
        }),
        ("a FIFO", |l| l.add(Entry::fifo("evil.tar"))),
        ("a directory", |l| l.dir("evil.tar")),
    ];
    for (what, extra) in cases {
        let mut row = row();
        row[0]["Layers"][1] = "evil.tar".into();
        refuse(what, &archive(&stack().document(), &row, extra));
    }
}

#[test]
fn a_layer_that_is_not_its_diff_id() {
    let mut row = row();
    row[0]["Layers"] = json!(["1/layer.tar", "0/layer.tar"]);
    refuse(
        "layers exchanged",
        &archive(&stack().document(), &row, |l| l),
    );
}

#[test]
fn archives_that_are_none() {
    let whole = archive(&stack().document(), &row(), |l| l);
    refuse("nothing", b"");
    refuse("text", b"this is no archive");
    refuse("zeros", &[0; 4096]);
    refuse("cut", &whole[..whole.len() / 2]);
    refuse("another tar", &Layer::new().file("README", b"hello").tar());
    refuse(
        "gzip of nothing",
        &crate::support::codec::Codec::gzip(6).compress(b""),
    );
}
