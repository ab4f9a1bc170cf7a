//! A file that is read while it is written: who reads waits for what is not there yet.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
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
    /// Where the file can be read by itself: how many bytes of it lie before, and of its content.
    marks: Vec<(u64, u64)>,
    is_whole: bool,
}

impl Growth {
    /// Tells that so many bytes more are there.
    pub(super) fn add(&self, bytes: usize) {
        self.lock().len += bytes as u64;
        self.changed.notify_all();
    }

    /// Marks the place after what is there: a reader may begin with it who knows the first `content` bytes of the content.
    pub(super) fn mark(&self, content: u64) {
        let mut state = self.lock();
        let len = state.len;
        state.marks.push((len, content));
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

    /// Waits until this segment is there and it is known whether another follows.
    fn segment(&self, number: usize) -> Option<Segment> {
        let waits = |state: &mut State| state.marks.len() < number + 3 && !state.is_whole;
        let waited = self.changed.wait_while(self.lock(), waits);
        let state = waited.unwrap_or_else(PoisonError::into_inner);
        let &(start, from) = state.marks.get(number)?;
        let &(end, to) = state.marks.get(number + 1)?;
        Some(Segment {
            bytes: start..end,
            content: from..to,
            is_last: state.marks.len() == number + 2,
        })
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

/// A part of a gzip file that can be inflated by itself, once the content before it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Of the file: whole deflate blocks.
    pub bytes: Range<u64>,
    /// What they inflate to, in the content of the file.
    pub content: Range<u64>,
    /// Whether the trailer comes next.
    pub is_last: bool,
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

    /// Waits for a segment of a gzip file and returns it; `None` where there are no more.
    pub fn segment(&self, number: usize) -> Option<Segment> {
        self.growth.segment(number)
    }

    /// Waits for the end of a gzip file and returns what stands before its segments and behind them.
    pub fn rims(&self) -> Option<[Range<u64>; 2]> {
        let len = self.growth.beyond(u64::MAX);
        let state = self.growth.lock();
        let (&(start, _), &(end, _)) = (state.marks.first()?, state.marks.last()?);
        Some([0..start, end..len])
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

    #[test]
    fn a_segment_is_there_once_the_next_one_or_the_end_is_known() {
        let (file, growth) = (tempfile::tempfile().unwrap(), Growth::default());
        let growing = Growing::new(&file, &growth);
        let segment = |bytes, content, is_last| {
            Some(Segment {
                bytes,
                content,
                is_last,
            })
        };
        thread::scope(|scope| {
            let first = scope.spawn(move || growing.segment(0));
            let rest =
                scope.spawn(move || (growing.segment(1), growing.segment(2), growing.rims()));
            let ending = growth.ending();
            for (bytes, content) in [(10, 0), (90, 1000), (30, 1001)] {
                growth.add(bytes);
                growth.mark(content);
            }
            assert_eq!(first.join().unwrap(), segment(10..100, 0..1000, false));
            assert!(!rest.is_finished());
            growth.add(8);
            drop(ending);
            let last = segment(100..130, 1000..1001, true);
            assert_eq!(rest.join().unwrap(), (last, None, Some([0..10, 130..138])));
        });
    }

    #[test]
    fn a_writer_that_failed_leaves_no_segments() {
        let (file, growth) = (tempfile::tempfile().unwrap(), Growth::default());
        drop(growth.ending());
        let growing = Growing::new(&file, &growth);
        assert_eq!((growing.segment(0), growing.rims()), (None, None));
    }
}
