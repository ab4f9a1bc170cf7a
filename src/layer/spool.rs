//! The temp dir: files without a name, which the system takes back however the program ends.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread;

use crate::error::{Error, Result};
use crate::source::{Blob, Codec};

use super::scan::Layer;

/// Makes nameless temporary files in one directory.
#[derive(Clone, Debug)]
pub struct Spool {
    dir: PathBuf,
}

impl Spool {
    /// Takes the directory; it must exist.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes a file that goes when it is closed.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn file(&self) -> Result<File> {
        tempfile::tempfile_in(&self.dir).map_err(|source| Error::Write {
            path: self.dir.clone(),
            source,
        })
    }
}

/// Gives back the room of what was spilled of layers, on a thread of its own: gigabytes take a while. Nothing can read
/// their inflated bytes any more.
pub fn give_back(layers: &[Layer]) {
    // A plain layer is its own spill, and the source's.
    let spilled = layers.iter().filter(|layer| layer.codec != Codec::Plain);
    let spilled: Vec<Blob> = spilled.map(|layer| layer.inflated.clone()).collect();
    thread::spawn(move || {
        for blob in spilled {
            // The system takes it back later if not now.
            let _ = blob.file().0.set_len(0);
        }
    });
}
