//! Staging areas that no signal may leave behind: a program that a signal ends runs no destructor.
//!
//! Nothing here listens for signals; the program does, and says when.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Removes the staging areas of all results that are not in their places yet, and then runs `end`, which is to end the
/// program: until it returns, no result is put in its place.
pub fn remove_unfinished(end: impl FnOnce()) {
    let unfinished = lock();
    for dir in unfinished.iter() {
        // Workers may be making files there still; they find no directory afterwards.
        let _ = (0..100).find(|_| fs::remove_dir_all(dir).is_ok() || !dir.exists());
    }
    end();
}

/// A directory on the list, until this goes out of scope.
#[derive(Debug)]
pub(crate) struct Unfinished(PathBuf);

impl Unfinished {
    /// Enters a directory.
    pub(crate) fn enter(dir: &Path) -> Self {
        lock().insert(dir.to_path_buf());
        Self(dir.to_path_buf())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        lock().remove(&self.0);
    }
}

/// Runs what no signal may cut in two.
pub(super) fn undisturbed<T>(run: impl FnOnce() -> T) -> T {
    let _held = lock();
    run()
}

fn lock() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}
