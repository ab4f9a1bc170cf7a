//! The temp dir: files without a name, which the system takes back however the program ends.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

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
