//! The floor under the CPU time of a run: what no program can leave out that reads an image and writes another.
//!
//! `cargo bench --bench floor -- SOURCE RESULT` takes two OCI layouts. It inflates every layer of the source that is read
//! with the inflater of the program, hashes what is stored and what it inflates to, and hashes the new layers of the
//! result as stored. One thread; time it from outside. It prints how many bytes that were.
//!
//! Each of these is done by itself: a program that hashes while it inflates (`gzip/beside.rs`) may get below it.

#![allow(clippy::print_stdout, reason = "a bench reports on stdout")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;

use oci_slim::digest::{Digest, Hasher};
use oci_slim::gzip::inflate;
use oci_slim::image::Offer;
use oci_slim::source::{Blob, Location, open};

fn main() {
    let arguments: Vec<_> = std::env::args_os()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let [source, result] = &arguments[..] else {
        println!("usage: cargo bench --bench floor -- SOURCE RESULT");
        return;
    };
    let (read, written) = (layers(source), layers(result));
    let (mut stored, mut inflated, mut new) = (0, 0, 0);
    for blob in read.values() {
        stored += blob.len();
        inflated += inflate_and_hash(blob);
    }
    for (digest, blob) in &written {
        if !read.contains_key(digest) {
            new += blob.hash().expect("a readable blob").1;
        }
    }
    println!("{stored} bytes read, {inflated} inflated, {new} written");
}

/// Inflates a blob and hashes both forms of it; returns the number of inflated bytes.
fn inflate_and_hash(blob: &Blob) -> u64 {
    let mut stored = Hashed {
        inner: blob.reader(0),
        hasher: Hasher::default(),
    };
    let mut hasher = Hasher::default();
    inflate(&mut stored, |bytes| {
        hasher.update(bytes);
        Ok::<_, io::Error>(())
    })
    .expect("a gzip layer");
    std::hint::black_box(stored.hasher.finish());
    hasher.finish().1
}

struct Hashed<R> {
    inner: R,
    hasher: Hasher,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..n]);
        Ok(n)
    }
}

/// The blobs of the layers of a layout's first image, each once, with their digests.
fn layers(layout: &OsStr) -> BTreeMap<Digest, Blob> {
    let location = Location::parse(layout).expect("a layout");
    let source = open(&location, Path::new("/nowhere")).expect("a layout that can be opened");
    let offer = Offer::load(&*source, &[]).expect("a sound image");
    let blobs = offer.images[0].layers.iter().map(|layer| {
        let blob = source.blob(&layer.digest, layer.size);
        (layer.digest.clone(), blob.expect("a blob that is there"))
    });
    blobs.collect()
}
