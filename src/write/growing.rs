//! A file that is read while it is written: who reads waits for what is not there yet.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How much of a file is there.
#[derive(Debug, Default)]
pub(super) struct Growth {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// In bytes.
    len: u64,
    is_whole: bool,
}

impl Growth {
    /// Tells that so many bytes more are there.
    pub(super) fn add(&self, bytes: usize) {
        self.lock().len += bytes as u64;
        self.changed.notify_all();
    }

    /// Returns what tells, when it goes out of scope, that nothing more will come, so that nobody waits for a writer that failed.
    pub(super) fn ending(&self) -> Ending<'_> {
        Ending(self)
    }

    /// Waits until there is more than `at` bytes, or never will be, and returns how many there are.
    fn beyond(&self, at: u64) -> u64 {
        let waits = |state: &mut State| state.len <= at && !state.is_whole;
        let waited = self.changed.wait_while(self.lock(), waits);
        waited.unwrap_or_else(PoisonError::into_inner).len
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the growth when it is dropped.
#[derive(Debug)]
pub(super) struct Ending<'a>(&'a Growth);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.lock().is_whole = true;
        self.0.changed.notify_all();
    }
}

/// A file that another thread is writing from its start to its end.
#[derive(Clone, Copy, Debug)]
pub struct Growing<'a> {
    file: &'a File,
    growth: &'a Growth,
}

impl<'a> Growing<'a> {
    pub(super) fn new(file: &'a File, growth: &'a Growth) -> Self {
        Self { file, growth }
    }

    /// The file.
    pub fn file(&self) -> &'a File {
        self.file
    }

    /// Returns a reader of the whole file, which ends when the writer has.
    pub fn reader(&self) -> Following<'a> {
        Following {
            growing: *self,
            at: 0,
        }
    }
}

/// Reads a file behind its writer.
#[derive(Debug)]
pub struct Following<'a> {
    growing: Growing<'a>,
    at: u64,
}

impl Read for Following<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.growing.growth.beyond(self.at) - self.at;
        let wanted = buffer
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        let n = self.growing.file.read_at(&mut buffer[..wanted], self.at)?;
        if n == 0 && wanted > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::thread;

    use super::*;

    #[test]
    fn a_reader_gets_what_is_written_while_it_reads() {
        let (file, growth) = (tempfile::tempfile().unwrap(), Growth::default());
        let bytes: Vec<u8> = (0..=250).cycle().take(1_000_000).collect();
        let read = thread::scope(|scope| {
            let growing = Growing::new(&file, &growth);
            let reader = scope.spawn(move || {
                let mut read = Vec::new();
                growing.reader().read_to_end(&mut read).map(|_| read)
            });
            let ending = growth.ending();
            for part in bytes.chunks(70_001) {
                (&file).write_all(part).unwrap();
                growth.add(part.len());
            }
            drop(ending);
            reader.join().unwrap()
        });
        assert!(read.unwrap() == bytes);
    }

    #[test]
    fn a_file_that_has_less_than_was_told_cannot_be_read() {
        let (file, growth) = (tempfile::tempfile().unwrap(), Growth::default());
        growth.add(7);
        drop(growth.ending());
        let read = Growing::new(&file, &growth)
            .reader()
            .read_to_end(&mut Vec::new());
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
