//! Places that hold images, opened and written by the library alone: what is found in them, and what is said of bad ones.

mod destinations;
mod docker;
mod hostile;
mod layouts;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use oci_slim::digest::Digest;
use oci_slim::error::Result;
use oci_slim::image::Offer;
use oci_slim::source::{self, Location, Source};
use tempfile::TempDir;

use crate::support::codec::decompress;
use crate::support::image::{Image, image};
use crate::support::program::scratch;

fn sample(salt: &str) -> Image {
    image()
        .layer(|l| l.file("etc/os", salt))
        .layer(|l| l.file("app", b"2"))
}

/// An image that has its first layer twice.
fn doubled() -> Image {
    sample("1").layer(|l| l.file("etc/os", b"1"))
}

/// A directory with one file in it.
struct Place {
    dir: TempDir,
    path: PathBuf,
}

impl Place {
    fn new(name: &str, content: &[u8]) -> Self {
        let dir = scratch();
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        Self { dir, path }
    }

    /// Opens the file by a reference in which `{}` stands for its path.
    fn open(&self, reference: &str) -> Result<Box<dyn Source>> {
        let reference = reference.replace("{}", self.path.to_str().unwrap());
        open(&reference, self.dir.path())
    }

    fn load(&self, reference: &str) -> Result<Offer> {
        Offer::load(&*self.open(reference)?, &[])
    }

    /// What is said of it where it is refused.
    fn refused(&self, reference: &str) -> String {
        self.load(reference).unwrap_err().to_string()
    }
}

fn open(reference: &str, temp_dir: &Path) -> Result<Box<dyn Source>> {
    source::open(&Location::parse(OsStr::new(reference)).unwrap(), temp_dir)
}

/// The names under which an offer's roots stand.
fn names(offer: &Offer) -> Vec<&str> {
    offer.roots.iter().filter_map(|root| root.name()).collect()
}

/// Asserts that the source holds `expected` and nothing else, compressed or not, and returns what it offers.
#[track_caller]
fn assert_holds(source: &dyn Source, expected: &Image) -> Offer {
    let offer = Offer::load(source, &[]).unwrap();
    let [found] = &offer.images[..] else {
        panic!("{} images", offer.images.len())
    };
    assert_eq!(found.config.value, expected.document());
    assert_eq!(found.layers.len(), expected.tars().len());
    for (layer, tar) in found.layers.iter().zip(expected.tars()) {
        let blob = source.blob(&layer.digest, layer.size).unwrap();
        let blob = blob.read_all().unwrap();
        assert_eq!(Digest::of(&blob), layer.digest);
        assert_eq!(layer.diff_id, Digest::of(&tar));
        assert_eq!(layer.media_type.ends_with(".tar"), blob == tar);
        assert!(decompress(&blob) == tar);
    }
    offer
}
