//! The temp dir: files without a name, which the system takes back however the program ends.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crate::error::{Error, Result};

use super::scan::Layer;

/// Tells what nobody will read of a layer once it is scanned.
pub trait LeavesOut: fmt::Debug + Send + Sync {
    /// Whether a regular file of `size` bytes may be left out. What is asked for all the same is inflated again.
    fn leaves_out(&self, path: &[u8], size: u64) -> bool;
}

/// Makes nameless temporary files in one directory.
#[derive(Clone, Debug)]
pub struct Spool {
    dir: PathBuf,
    unread: Option<Arc<dyn LeavesOut>>,
}

impl Spool {
    /// Takes the directory; it must exist.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, unread: None }
    }

    /// The same for layers of which this is left out.
    #[must_use]
    pub fn without(self, unread: Arc<dyn LeavesOut>) -> Self {
        let unread = Some(unread);
        Self { unread, ..self }
    }

    /// Whether a regular file of a layer is not spilled.
    pub(super) fn leaves_out(&self, path: &[u8], size: u64) -> bool {
        let unread = self.unread.as_ref();
        unread.is_some_and(|unread| unread.leaves_out(path, size))
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

/// Gives back the room of what was spilled of layers, each on a thread of its own: gigabytes take a while. What is read of
/// them all the same is inflated again.
pub fn give_back<'a>(layers: impl IntoIterator<Item = &'a Layer>) {
    for layer in layers {
        let spilled = layer.inflated.clone();
        // Where no thread is to be had, the system takes it back at the end.
        let _ = thread::Builder::new().spawn(move || spilled.give_back());
    }
}
