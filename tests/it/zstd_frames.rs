//! Zstd layers: frames that stay whole are copied, side tables of the old blob are not, and threads change nothing.

use std::path::Path;

use serde_json::Value;

use crate::support::codec::{Codec, Zstd};
use crate::support::compare::assert_same;
use crate::support::flatten::flatten;
use crate::support::image::{Image, image};
use crate::support::layout::{blob_path, layer_digests};
use crate::support::program::{scratch, shrink};

const SKIPPABLE: &[u8] = b"\x50\x2a\x4d\x18";

/// Bytes that do not compress, others for each seed.
fn noise(seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    };
    (0..100_000).map(|_| next()).collect()
}

/// Two layers of files, each in this many frames with a skippable one before each.
fn stack(frames: usize) -> Image {
    let files = |layer: u32| {
        (0..12).map(move |file| (format!("f{layer}-{file:02}"), noise(100 * layer + file)))
    };
    image()
        .layer(|l| files(1).fold(l, |l, (name, bytes)| l.file(&name, bytes)))
        .layer(|l| files(2).fold(l, |l, (name, bytes)| l.file(&name, bytes)))
        .codec(Codec::Zstd(Zstd {
            level: 3,
            frames,
            skippable: frames > 1,
        }))
}

/// The bytes of a layer's blob that were copied and compressed anew, if it was spliced.
fn spliced(layer: &Value) -> Option<(u64, u64)> {
    let bytes = &layer["bytes"];
    let count = |key: &str| bytes[key].as_u64().unwrap();
    (bytes["how"] == "spliced").then(|| (count("copied"), count("compressed")))
}

fn stored(layout: &Path, layer: usize) -> Vec<u8> {
    std::fs::read(blob_path(layout, &layer_digests(layout)[layer])).unwrap()
}

#[test]
fn frames_that_stay_whole_are_copied_and_side_tables_are_not() {
    let dir = scratch();
    let before = stack(60).write(&dir.path().join("before"));
    let source = [stored(&before, 0), stored(&before, 1)];
    assert!(source[0].starts_with(SKIPPABLE));
    let mut expected = flatten(&before);
    expected.retain(|path, _| path != b"f1-03" && path != b"f2-07");
    for layers in ["keep", "squash"] {
        let arguments = [
            "--disable",
            "*",
            "--remove",
            "f1-03",
            "--remove",
            "f2-07",
            "--layers",
            layers,
        ];
        let mut digests = Vec::new();
        for threads in ["1", "2", "5"] {
            let name = format!("{layers}-{threads}");
            let arguments = [&arguments[..], &["--threads", threads]].concat();
            let slim = shrink(&before, dir.path(), &name, &arguments);
            assert_same(&flatten(&slim.layout), &expected);
            digests.push(layer_digests(&slim.layout));
            // A merged layer is told of once, with the lowest of those it was made from.
            let made: Vec<_> = slim.rows("layers").filter_map(spliced).collect();
            assert_eq!(made.len(), layer_digests(&slim.layout).len(), "{name}");
            for (copied, compressed) in made {
                assert!(copied > 4 * compressed, "{copied} {compressed}");
            }
            for (number, source) in source.iter().enumerate() {
                let blob = stored(&slim.layout, if layers == "keep" { number } else { 0 });
                let has = |bytes: &[u8]| blob.windows(bytes.len()).any(|part| part == bytes);
                assert!(!has(SKIPPABLE), "{name}");
                // Some samples lie in what was removed, or across the end of a frame.
                let samples = source
                    .chunks(60_000)
                    .map(|part| &part[..64.min(part.len())]);
                assert!(samples.filter(|bytes| has(bytes)).count() > 12, "{name}");
            }
        }
        assert_eq!(digests[0], digests[1]);
        assert_eq!(digests[0], digests[2]);
    }
}

#[test]
fn a_single_frame_is_compressed_anew() {
    let dir = scratch();
    let before = stack(1).write(&dir.path().join("before"));
    let mut expected = flatten(&before);
    expected.retain(|path, _| path != b"f1-03");
    let mut digests = Vec::new();
    for threads in ["1", "2", "5"] {
        let arguments = ["--disable", "*", "--remove", "f1-03", "--threads", threads];
        let slim = shrink(&before, dir.path(), threads, &arguments);
        assert_same(&flatten(&slim.layout), &expected);
        digests.push(layer_digests(&slim.layout));
        let how: Vec<_> = slim
            .rows("layers")
            .map(|row| &row["bytes"]["how"])
            .collect();
        assert_eq!(how, ["compressed", "reused"]);
    }
    assert_eq!(digests[0], digests[1]);
    assert_eq!(digests[0], digests[2]);
}

#[test]
fn a_level_that_is_asked_for_is_no_copy() {
    let dir = scratch();
    let before = stack(60).write(&dir.path().join("before"));
    let arguments = [
        "--disable",
        "*",
        "--remove",
        "f1-03",
        "--compress",
        "zstd:5",
    ];
    let slim = shrink(&before, dir.path(), "after", &arguments);
    assert_eq!(slim.rows("layers").filter_map(spliced).count(), 0);
}
