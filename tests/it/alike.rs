//! For few bytes, files that are alike lie side by side, whatever class they are of.

use std::path::Path;

use crate::regroup::{noise, titles};
use crate::support::compare::assert_same;
use crate::support::flatten::flatten;
use crate::support::image::{Image, image};
use crate::support::layout::{layer_digests, manifest};
use crate::support::program::{scratch, shrink};

/// Two files that are alike, of different classes and in different layers, and others.
fn alike() -> Image {
    let text = |seed: u32| -> Vec<u8> {
        let words = noise(seed, 100_000).into_iter();
        words
            .flat_map(|byte| format!("{byte:03o} ").into_bytes())
            .collect()
    };
    let moved = [b"moved by some bytes ".to_vec(), text(5)].concat();
    image()
        .layer(|layer| {
            layer
                .file("usr/lib/a", text(1))
                .file("usr/lib/libtwin.a", text(5))
        })
        .layer(|layer| {
            layer
                .file("var/cache/a", text(2))
                .file("var/cache/twin", moved)
        })
}

#[test]
fn for_few_bytes_what_is_alike_lies_together() {
    let dir = scratch();
    let before = alike().write(&dir.path().join("before"));
    let run = |source: &Path, name: &str, more: &[&str]| {
        let flags = [
            &[
                "--disable",
                "*",
                "--layers",
                "regroup",
                "--compress",
                "zstd",
            ],
            more,
        ]
        .concat();
        shrink(source, dir.path(), name, &flags).layout
    };
    let bytes = |layout: &Path| -> u64 {
        let layers = manifest(layout)["layers"].as_array().unwrap().clone();
        layers
            .iter()
            .map(|layer| layer["size"].as_u64().unwrap())
            .sum()
    };
    let apart = run(&before, "apart", &["--aim", "update"]);
    let slim = run(&before, "slim", &["--aim", "size"]);
    assert_same(&flatten(&slim), &flatten(&before));
    let saved = bytes(&apart).saturating_sub(bytes(&slim));
    assert!(saved > 100_000, "{saved} of {}", bytes(&apart));
    let told = titles(&slim);
    assert!(
        told.iter()
            .any(|title| title.ends_with(", and what is like it")),
        "{told:?}"
    );
    assert!(
        !titles(&apart)
            .iter()
            .any(|title| title.contains("what is like it"))
    );
    let alone = run(&before, "alone", &["--aim", "size", "--threads", "1"]);
    assert_eq!(layer_digests(&alone), layer_digests(&slim));
    let twice = run(&slim, "twice", &["--aim", "size"]);
    assert_eq!(layer_digests(&twice), layer_digests(&slim));
}
