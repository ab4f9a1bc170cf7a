//! What a restore pack puts back: everything.

use std::path::Path;

use proptest::prelude::*;

use crate::properties::{cases, over};
use crate::support::compare::{assert_same, differences};
use crate::support::entry::Entry;
use crate::support::flatten::flatten;
use crate::support::image::{Image, image};
use crate::support::judge::{is_there, run};
use crate::support::layout::{config, layer_digests};
use crate::support::program::{oci_slim_in, scratch, shrink};
use crate::support::stacks::stacks;

const LAYERS: [&str; 3] = ["keep", "squash", "squash-above=1"];

fn restored(dir: &Path, image: &str, pack: &str) {
    let arguments = ["restore", image, pack, "-o", "restored", "--force"];
    oci_slim_in(dir, arguments).succeeded();
}

fn linked() -> Image {
    let capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let ping = Entry::file("bin/ping", b"ping");
    image()
        .layer(|l| {
            l.dir("bin")
                .add(ping.mode(0o4755).xattr("security.capability", capability))
                .dir("doc")
                .file("doc/a", b"a")
                .hardlink("doc/b", "doc/a")
                .hardlink("kept", "doc/a")
                .symlink("doc/link", "/bin/ping")
                .file("first", b"hidden later")
                .hardlink("doc/second", "first")
                .hardlink("third", "first")
        })
        .layer(|l| l.whiteout("first").file("implied/deep/file", b"x"))
        .layer(|l| {
            l.add(Entry::fifo("doc/pipe"))
                .file("doc/late", vec![b'l'; 3000])
        })
}

#[test]
fn links_attributes_and_directories_come_back() {
    let dir = scratch();
    let before = linked().write(&dir.path().join("before"));
    let removals = [
        &["doc"][..],
        &["kept"],
        &["doc/a", "third"],
        &["bin", "implied"],
        &["**"],
    ];
    for globs in removals {
        for layers in LAYERS {
            let mut flags = vec!["--disable", "*", "--layers", layers, "--force"];
            flags.extend(["--restore-pack", "pack.tar.gz"]);
            flags.extend(globs.iter().flat_map(|glob| ["--remove", *glob]));
            shrink(&before, dir.path(), "slim", &flags);
            let pack = std::fs::read(dir.path().join("pack.tar.gz")).unwrap();
            restored(dir.path(), "slim", "pack.tar.gz");
            let whole = dir.path().join("restored");
            assert_same(&flatten(&whole), &flatten(&before));
            let history = config(&whole)["history"].as_array().map(Vec::len);
            assert!(history.is_none_or(|rows| rows >= layer_digests(&whole).len()));
            shrink(&before, dir.path(), "slim", &flags);
            let again = std::fs::read(dir.path().join("pack.tar.gz")).unwrap();
            assert!(
                pack == again,
                "{globs:?}: the pack has other bytes in a second run"
            );
        }
    }
}

#[test]
fn edited_files_come_back_as_they_were() {
    if !is_there("tar") {
        return;
    }
    let dir = scratch();
    let before = dir.path().join("before");
    std::fs::create_dir(&before).unwrap();
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/press-site.oci.tar");
    run(
        "tar",
        [
            "-xf".as_ref(),
            archive.as_os_str(),
            "-C".as_ref(),
            before.as_os_str(),
        ],
    );
    let flags = [
        "--profile",
        "lean",
        "--drop-package",
        "media-types",
        "--force",
    ];
    let pack = ["--restore-pack", "pack.tar.gz"];
    let slim = shrink(&before, dir.path(), "slim", &[&flags[..], &pack].concat());
    assert!(!slim.paths("edited").is_empty(), "the case is empty");
    restored(dir.path(), "slim", "pack.tar.gz");
    assert_same(&flatten(&dir.path().join("restored")), &flatten(&before));
}

#[test]
fn random_stacks_come_back() {
    let globs = prop::sample::select(vec!["a", "b/**", "*/b", "**/d"]);
    let layers = prop::sample::select(LAYERS.to_vec());
    over(
        cases().min(60),
        &(stacks(), globs, layers),
        |(stack, glob, layers)| {
            let dir = scratch();
            let before = stack.write(&dir.path().join("before"));
            let flags = ["--disable", "*", "--remove", glob, "--layers", layers];
            let pack = ["--restore-pack", "pack.tar.gz"];
            shrink(&before, dir.path(), "slim", &[&flags[..], &pack].concat());
            restored(dir.path(), "slim", "pack.tar.gz");
            let whole = flatten(&dir.path().join("restored"));
            let differences = differences(&whole, &flatten(&before));
            prop_assert!(differences.is_empty(), "{}", differences);
            Ok(())
        },
    );
}

#[test]
fn a_pack_is_of_one_image_and_replaces_nothing() {
    let dir = scratch();
    let both = crate::support::image::index()
        .image(linked().platform("linux", "amd64"))
        .image(linked().platform("linux", "arm64"))
        .write(&dir.path().join("both"));
    let both = both.to_str().unwrap();
    let pack = ["--restore-pack", "pack.tar.gz", "--remove", "doc", "-q"];
    let shrink = |flags: &[&str]| {
        let first = ["shrink", both, "-o", "slim"];
        oci_slim_in(dir.path(), first.iter().chain(&pack).chain(flags))
    };
    let run = shrink(&[]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("--platform"), "{}", run.stderr);
    std::fs::write(dir.path().join("pack.tar.gz"), "mine").unwrap();
    let run = shrink(&["--platform", "linux/arm64"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(
        std::fs::read(dir.path().join("pack.tar.gz")).unwrap(),
        b"mine"
    );
    assert!(!dir.path().join("slim").exists());
    let run = oci_slim_in(dir.path(), ["restore", both, "pack.tar.gz", "-o", "x"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    let arguments = [
        "restore",
        both,
        "pack.tar.gz",
        "-o",
        "x",
        "--platform",
        "linux/arm64",
    ];
    let run = oci_slim_in(dir.path(), arguments);
    assert_eq!(run.code, Some(1), "no layer: {}", run.stderr);
    assert!(!dir.path().join("x").exists());
}
