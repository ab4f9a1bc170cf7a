//! What the kept bytes take in the blobs of the source: the size that a spliced result should have.
//!
//! `cargo bench --bench share -- SOURCE RESULT` takes two OCI layouts of gzip layers. It prints the bytes of the result's
//! layers as stored, and the bytes that the entries found in the result take in the topmost layer of the source that has
//! them, blocks that are kept in part counted in part.

#![allow(clippy::print_stdout, reason = "a bench reports on stdout")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use oci_slim::image::Offer;
use oci_slim::layer::{Claim, Indexed, Indexer, Kind, index};
use oci_slim::source::{Location, open};

fn main() {
    let arguments: Vec<_> = std::env::args_os()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let [source, result] = &arguments[..] else {
        println!("usage: cargo bench --bench share -- SOURCE RESULT");
        return;
    };
    let (before, after) = (layers(source), layers(result));
    let mut wanted: BTreeSet<&[u8]> = after
        .iter()
        .flat_map(|(_, layer)| paths(layer).map(|(path, _)| path))
        .collect();
    let mut bits = 0;
    for (_, layer) in before.iter().rev() {
        for (path, span) in paths(layer) {
            if wanted.remove(path) {
                bits += layer.blocks.compressed_bits(span);
            }
        }
    }
    let stored: u64 = after.iter().map(|(size, _)| size).sum();
    println!("{stored} {}", bits / 8);
}

/// The paths that a layer writes, each with the bytes of its entry.
fn paths(layer: &Indexed) -> impl Iterator<Item = (&[u8], std::ops::Range<u64>)> {
    let entries = &layer.entries;
    let writes = |kind| kind != Kind::Whiteout && kind != Kind::Opaque;
    let list = entries
        .list()
        .iter()
        .filter(move |entry| writes(entry.kind));
    list.map(|entry| (entries.path(entry), entry.span()))
}

/// The layers of a layout's first image, base layer first, each with its size as stored.
fn layers(layout: &OsStr) -> Vec<(u64, Indexed)> {
    let location = Location::parse(layout).expect("a layout");
    let source = open(&location, Path::new("/nowhere")).expect("a layout that can be opened");
    let offer = Offer::load(&*source, &[]).expect("a sound image");
    let indexed = offer.images[0].layers.iter().map(|layer| {
        let claim = Claim::of(layer);
        let blob = source
            .blob(&layer.digest, layer.size)
            .expect("a blob that is there");
        let indexer = Indexer::new(layer.digest.clone());
        (
            layer.size,
            index(&blob, &claim, indexer).expect("a sound layer"),
        )
    });
    indexed.collect()
}
