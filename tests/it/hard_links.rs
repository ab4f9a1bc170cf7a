//! A hard-link group is one file: whoever of its names goes, the others keep content, attributes and each other.

use std::path::Path;

use crate::support::compare::{assert_same, without};
use crate::support::entry::Entry;
use crate::support::flatten::{Tree, flatten, images, parse};
use crate::support::image::{Image, image};
use crate::support::layer::Layer;
use crate::support::layout::layer_digests;
use crate::support::program::{oci_slim, scratch, shrink};

const MODES: [&str; 3] = ["keep", "squash", "squash-above=1"];

/// Shrinks with `--remove` for each of `globs`, in every mode, and returns the trees, which are all the same.
fn check(image: &Image, globs: &[&str], removed: &[&str]) -> Tree {
    let dir = scratch();
    let before = image.write(&dir.path().join("before"));
    let source = flatten(&before);
    for layers in MODES {
        let mut arguments = vec!["--disable", "*", "--layers", layers];
        arguments.extend(globs.iter().flat_map(|glob| ["--remove", glob]));
        let slim = shrink(&before, dir.path(), layers, &arguments);
        // What lies in a layer that stays as it is cannot go.
        if slim.rows("withdrawn").next().is_none() {
            assert_eq!(slim.removed(), bytes(removed), "{layers}");
        }
        let expected = without(&source, &slim.removed());
        assert_same(&flatten(&slim.layout), &expected);
        assert_targets_come_first(&before, &slim.layout, layers);
    }
    without(&source, removed)
}

fn bytes(paths: &[&str]) -> Vec<Vec<u8>> {
    let mut paths: Vec<Vec<u8>> = paths.iter().map(|path| (*path).into()).collect();
    paths.sort();
    paths
}

/// In each layer that was written, what a link names stands before it in the same layer.
fn assert_targets_come_first(before: &Path, after: &Path, layers: &str) {
    let source = layer_digests(before);
    let result = images(after).pop_first().unwrap().1;
    let written = result.digests.iter().zip(&result.tars);
    for (_, tar) in written.filter(|(digest, _)| !source.contains(digest)) {
        let mut seen = Vec::new();
        for item in parse(tar) {
            if item.typeflag == b'1' {
                assert!(
                    seen.contains(&item.link),
                    "{layers}: `{}` links to `{}`, which is not before it",
                    item.name.escape_ascii(),
                    item.link.escape_ascii()
                );
            }
            seen.push(item.name);
        }
    }
}

fn cache(layer: Layer) -> Layer {
    layer
        .dir("cache")
        .add(
            Entry::file("cache/module", b"the bytes")
                .mode(0o555)
                .xattr("user.a", b"1"),
        )
        .dir("app")
        .hardlink("app/module", "cache/module")
        .hardlink("app/other", "cache/module")
}

#[test]
fn removing_the_name_that_holds_the_bytes_promotes_the_next() {
    let tree = check(
        &image().layer(cache),
        &["cache"],
        &["cache", "cache/module"],
    );
    assert_eq!(tree[&b"app/module"[..]].mode, 0o555);
    assert_eq!(tree[&b"app/module"[..]].xattrs[&b"user.a"[..]], b"1");
    assert_eq!(tree[&b"app/module"[..]].names.len(), 2);
}

#[test]
fn removing_the_first_two_names_promotes_the_third() {
    let removed = ["cache", "cache/module", "app/module"];
    let tree = check(&image().layer(cache), &["cache", "app/module"], &removed);
    assert!(tree[&b"app/other"[..]].names.is_empty());
}

#[test]
fn removing_all_names_removes_the_bytes() {
    let dir = scratch();
    let before = image().layer(cache).write(&dir.path().join("before"));
    let arguments = [
        "--disable",
        "*",
        "--remove",
        "**/module",
        "--remove",
        "app/other",
    ];
    let slim = shrink(&before, dir.path(), "after", &arguments);
    let layers = images(&slim.layout).pop_first().unwrap().1;
    assert!(
        layers
            .tars
            .iter()
            .flat_map(|tar| parse(tar))
            .all(|item| item.content.is_empty())
    );
}

#[test]
fn removing_a_link_leaves_the_rest() {
    check(&image().layer(cache), &["app/module"], &["app/module"]);
}

#[test]
fn a_target_that_an_upper_layer_deletes() {
    check(
        &image().layer(cache).layer(|l| l.whiteout("cache")),
        &[],
        &[],
    );
}

#[test]
fn a_target_that_an_upper_layer_replaces() {
    let tree = check(
        &image()
            .layer(cache)
            .layer(|l| l.file("cache/module", b"new")),
        &[],
        &[],
    );
    assert_eq!(tree[&b"app/module"[..]].names.len(), 2);
}

#[test]
fn a_target_that_the_same_layer_replaces() {
    check(
        &image().layer(|l| cache(l).file("cache/module", b"new")),
        &["app/module"],
        &["app/module"],
    );
}

#[test]
fn a_link_that_an_upper_layer_replaces() {
    check(
        &image().layer(cache).layer(|l| l.file("app/module", b"own")),
        &["cache"],
        &["cache", "cache/module"],
    );
}

#[test]
fn a_link_into_a_lower_layer() {
    let stack = || {
        image()
            .layer(|l| l.file("base", b"bytes"))
            .layer(|l| l.hardlink("top", "base"))
    };
    check(&stack(), &["base"], &["base"]);
    check(&stack(), &["top"], &["top"]);
    check(
        &stack().layer(|l| l.whiteout("base").file("x", b"")),
        &[],
        &[],
    );
}

#[test]
fn a_group_that_grows_in_every_layer() {
    let stack = image()
        .layer(|l| l.file("one", b"bytes"))
        .layer(|l| l.hardlink("two", "one"))
        .layer(|l| l.hardlink("three", "two").whiteout("one"));
    // The whiteout and the link stand in one layer, so the link goes to the name that stays.
    check(&stack, &["two"], &["two"]);
}

#[test]
fn links_to_a_symlink_a_device_and_a_fifo() {
    let stack = image().layer(|l| {
        l.symlink("link", "nowhere")
            .hardlink("link-too", "link")
            .add(Entry::char_device("null", 1, 3))
            .hardlink("null-too", "null")
            .add(Entry::fifo("pipe"))
            .hardlink("pipe-too", "pipe")
    });
    check(&stack, &["link", "null", "pipe"], &["link", "null", "pipe"]);
}

#[test]
fn a_link_under_an_alias_of_its_directory() {
    let stack = image().layer(|l| {
        l.dir("usr")
            .dir("usr/lib")
            .symlink("lib", "usr/lib")
            .file("lib/a", b"bytes")
            .hardlink("usr/lib/b", "lib/a")
    });
    check(&stack, &["usr/lib/a"], &["usr/lib/a"]);
}

#[test]
fn the_report_counts_a_group_once() {
    let dir = scratch();
    let content = vec![b'x'; 10_000];
    let stack = image().layer(|l| {
        l.file("a", &content)
            .hardlink("b", "a")
            .hardlink("c", "a")
            .file("d", b"stays")
    });
    let before = stack.write(&dir.path().join("before"));
    let all = ["--disable", "*", "--remove", "{a,b,c}"];
    let slim = shrink(&before, dir.path(), "all", &all);
    let visible = |side: &str| slim.report["total"][side]["visible"].as_u64().unwrap();
    assert_eq!((visible("before"), visible("after")), (10_005, 5));
    let some = ["--disable", "*", "--remove", "{a,b}"];
    let slim = shrink(&before, dir.path(), "some", &some);
    assert_eq!(slim.report["total"]["after"]["visible"], 10_005);
}

#[test]
fn a_dry_run_promises_what_a_run_does() {
    let dir = scratch();
    let before = image().layer(cache).write(&dir.path().join("before"));
    let arguments = ["--disable", "*", "--remove", "cache"];
    let slim = shrink(&before, dir.path(), "after", &arguments);
    let dry = oci_slim(
        [
            &[
                "shrink",
                before.to_str().unwrap(),
                "--dry-run",
                "--format",
                "json",
            ][..],
            &arguments,
        ]
        .concat(),
    );
    assert_eq!(dry.code, Some(0), "{}", dry.stderr);
    let mut dry: serde_json::Value = serde_json::from_str(&dry.stdout).unwrap();
    assert_eq!(dry["dry_run"].take(), true);
    let mut report = slim.report.clone();
    assert_eq!(report["dry_run"].take(), false);
    assert_eq!(dry, report);
}
