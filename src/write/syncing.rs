//! Brings files to the disk while others are still being made, so that a commit need not wait for all of them.
//!
//! It moves and renames nothing.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use crate::error::Result;

use super::place::write_fault;

/// Files on their way to the disk, one after the other.
#[derive(Debug)]
pub(super) struct Syncing {
    queue: Sender<(PathBuf, io::Result<File>)>,
    /// How many wait for their turn.
    waiting: Arc<AtomicUsize>,
    thread: JoinHandle<Result<()>>,
}

impl Syncing {
    pub(super) fn start() -> Self {
        let (queue, files) = channel::<(PathBuf, io::Result<File>)>();
        let waiting = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&waiting);
        let sync = move |(path, file): (PathBuf, io::Result<File>)| {
            left.fetch_sub(1, Ordering::Relaxed);
            file.and_then(|file| file.sync_all())
                .map_err(|fault| write_fault(&path, fault))
        };
        let thread = thread::spawn(move || files.into_iter().try_for_each(sync));
        Self {
            queue,
            waiting,
            thread,
        }
    }

    /// Takes a file that still grows, unless others wait: where the disk is behind, what of it is not there yet would be asked
    /// for again and again, each time with a file held open.
    pub(super) fn nudge(&self, path: &Path) {
        if self.waiting.load(Ordering::Relaxed) == 0 {
            self.push(path);
        }
    }

    /// Takes a file that has its last content. It may be renamed or removed at once: it is open already.
    pub(super) fn push(&self, path: &Path) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // The thread ends early when it has failed: `finish` tells.
        let _ = self.queue.send((path.to_path_buf(), File::open(path)));
    }

    /// Waits until all files are on the disk.
    ///
    /// # Errors
    /// That of the first file that could not be brought there.
    pub(super) fn finish(self) -> Result<()> {
        drop(self.queue);
        match self.thread.join() {
            Ok(synced) => synced,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_is_told_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("there");
        std::fs::write(&file, "content").unwrap();
        let sound = Syncing::start();
        sound.push(&file);
        sound.push(&file);
        std::fs::rename(&file, dir.path().join("renamed")).unwrap();
        assert!(sound.finish().is_ok());
        let growing = Syncing::start();
        growing.waiting.store(1, Ordering::Relaxed);
        growing.nudge(&dir.path().join("not there"));
        growing.waiting.store(0, Ordering::Relaxed);
        growing.nudge(&dir.path().join("renamed"));
        assert!(
            growing.finish().is_ok(),
            "what others wait for is not asked"
        );
        let broken = Syncing::start();
        for name in ["renamed", "not there", "renamed"] {
            broken.push(&dir.path().join(name));
        }
        let fault = broken.finish().unwrap_err().to_string();
        assert!(fault.contains("not there"), "{fault}");
    }
}
