//! Reads a gzip layer back while it is written, a segment at a time, on two threads.
//!
//! A segment begins with a byte and with a block, so who knows the 32 KiB of content before it can inflate it. They are taken
//! from the source: the segment before is compared with the same bytes, and so who reads the file from its start has
//! them too, if only each segment ends with a block. To show that, a last block of 16 bytes is put behind each segment for its
//! reader: they come out, and nothing is left over, where what stands before ends with a block that was not the last.

use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use flate2::bufread::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

use crate::error::Result;
use crate::layer::CHUNK;
use crate::pages::Pages;
use crate::write::{Growing, Segment};

use super::expected::{Comparing, Expected, fault};
use super::follow::unread;

/// Two threads inflate as fast as one hashes the same bytes, in order.
pub(super) const READERS: usize = 2;
/// How far back a block may refer, in bytes (RFC 1951, 3.2.5).
const WINDOW: u64 = 32 << 10;
/// Bytes that no layer has between two blocks.
const SEAL: &[u8; 16] = b"\x8e\x1d\x52\xc4\xf0\x6b\x39\xa7\x05\xda\x93\x7e\xb1\x28\x4c\xe6";
/// A stored block, the last one, that holds the seal (RFC 1951, 3.2.4).
const SEAL_HEADER: [u8; 5] = [1, 16, 0, !16, !0];
const SEALED: usize = SEAL_HEADER.len() + SEAL.len();
/// An empty block of the fixed code, the last one, and the trailer of nothing (RFC 1952, 2.3.1).
const NOTHING: [u8; 10] = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Checks on so many threads that the segments of a file hold what is expected.
pub(super) fn check(growing: Growing<'_>, expected: &Expected<'_>, readers: usize) -> Result<()> {
    let next = AtomicUsize::new(0);
    let read = || {
        let mut reader = Reader::new(growing.file(), expected);
        while let Some(segment) = growing.segment(next.fetch_add(1, Ordering::Relaxed)) {
            reader.check(&segment)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..readers).map(|_| scope.spawn(read)).collect();
        let own = read();
        others.into_iter().fold(own, |result, other| {
            let other = other.join();
            result.and(other.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    })
}

/// Checks what stands before and behind the segments; the content has this CRC-32.
pub(super) fn check_rims(growing: Growing<'_>, expected: &Expected<'_>, crc: u32) -> Result<()> {
    let [header, trailer] = growing
        .rims()
        .ok_or_else(|| fault("it has no gzip member"))?;
    let read = |range: &Range<u64>| {
        let mut bytes = vec![0; usize::try_from(range.end - range.start).unwrap_or(0)];
        let read = growing.file().read_exact_at(&mut bytes, range.start);
        read.map(|()| bytes).map_err(unread)
    };
    let empty = [read(&header)?, NOTHING.to_vec()].concat();
    let mut member = GzDecoder::new(&empty[..]);
    let len = member.read_to_end(&mut Vec::new()).map_err(unread)?;
    if len > 0 || !member.into_inner().is_empty() {
        return Err(fault("its header is not that of a gzip member"));
    }
    let len = &expected.len().to_le_bytes()[..4];
    if read(&trailer)? != [&crc.to_le_bytes(), len].concat() {
        return Err(fault("its trailer has another CRC-32 or length"));
    }
    Ok(())
}

/// One of those who read segments.
struct Reader<'a> {
    file: &'a File,
    inflater: Decompress,
    expected: &'a Expected<'a>,
    comparing: Comparing<'a>,
    stored: Pages,
    inflated: Vec<u8>,
}

impl<'a> Reader<'a> {
    fn new(file: &'a File, expected: &'a Expected<'a>) -> Self {
        Self {
            file,
            inflater: Decompress::new(false),
            expected,
            comparing: Comparing::new(expected),
            stored: Pages::new(CHUNK),
            inflated: vec![0; CHUNK],
        }
    }

    fn check(&mut self, segment: &Segment) -> Result<()> {
        let Segment {
            bytes,
            content,
            is_last,
        } = segment;
        self.start(content.start)?;
        let mut left = Left {
            content: content.end - content.start,
            seal: if *is_last { &[] } else { SEAL },
        };
        let mut is_ended = self.read(bytes, &mut left)?;
        let mut len = bytes.end - bytes.start;
        if !is_last {
            is_ended = self.read_seal(&mut left)?;
            len += SEALED as u64;
        }
        if !is_ended || self.inflater.total_in() != len || !left.is_nothing() {
            let text = format!("no block ends at byte {} of its file", bytes.end);
            return Err(fault(&text));
        }
        if *is_last {
            self.comparing.end()?;
        }
        Ok(())
    }

    /// Inflates bytes of the file; tells whether the last block has ended.
    fn read(&mut self, bytes: &Range<u64>, left: &mut Left) -> Result<bool> {
        let mut is_ended = false;
        for at in bytes.clone().step_by(CHUNK) {
            let len = usize::try_from(bytes.end - at).unwrap_or(CHUNK).min(CHUNK);
            let read = self.file.read_exact_at(&mut self.stored[..len], at);
            read.map_err(unread)?;
            is_ended = self.inflate(len, left)?;
        }
        Ok(is_ended)
    }

    fn read_seal(&mut self, left: &mut Left) -> Result<bool> {
        let (header, rest) = self.stored.split_at_mut(SEAL_HEADER.len());
        header.copy_from_slice(&SEAL_HEADER);
        rest[..SEAL.len()].copy_from_slice(SEAL);
        self.inflate(SEALED, left)
    }

    /// Gets ready for what follows so many bytes of content.
    fn start(&mut self, at: u64) -> Result<()> {
        self.inflater.reset(false);
        self.comparing.go_to(at);
        let len = usize::try_from(at.min(WINDOW)).expect("32 KiB at most");
        let window = &mut self.inflated[..len];
        self.expected.read(at - len as u64, window)?;
        if !window.is_empty() {
            let set = self.inflater.set_dictionary(window);
            set.map_err(|error| unread(error.into()))?;
        }
        Ok(())
    }

    /// Inflates the first `len` of the stored bytes and compares what comes out; tells whether the last block has ended.
    fn inflate(&mut self, len: usize, left: &mut Left) -> Result<bool> {
        let mut stored = &self.stored[..len];
        loop {
            let (read, made) = (self.inflater.total_in(), self.inflater.total_out());
            let flush = FlushDecompress::None;
            let status = self
                .inflater
                .decompress(stored, &mut self.inflated, flush)
                .map_err(|error| unread(error.into()))?;
            let read = usize::try_from(self.inflater.total_in() - read).expect("it was read");
            let made = usize::try_from(self.inflater.total_out() - made).expect("it was made");
            left.take(&self.inflated[..made], &mut self.comparing)?;
            stored = &stored[read..];
            let is_ended = status == Status::StreamEnd;
            if is_ended || made < self.inflated.len() {
                return Ok(is_ended);
            }
        }
    }
}

/// What is still to come out of a segment.
struct Left {
    /// In bytes.
    content: u64,
    seal: &'static [u8],
}

impl Left {
    fn is_nothing(&self) -> bool {
        self.content == 0 && self.seal.is_empty()
    }

    /// Takes what came out: content, which is compared, then the seal.
    fn take(&mut self, bytes: &[u8], comparing: &mut Comparing<'_>) -> Result<()> {
        let len = usize::try_from(self.content).unwrap_or(usize::MAX);
        let (content, seal) = bytes.split_at(len.min(bytes.len()));
        comparing.check(content)?;
        self.content -= content.len() as u64;
        let left = self.seal.strip_prefix(seal);
        self.seal = left.ok_or_else(|| fault("a part of it goes on behind its end"))?;
        Ok(())
    }
}
