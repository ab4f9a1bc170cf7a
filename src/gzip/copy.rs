//! Copies deflate blocks to another place in another stream, bit for bit.
//!
//! It does not judge whether a block may stand there; `plan.rs` does.

use std::ops::Range;

use super::index::{Block, Kind};
use super::out::Out;
use super::writer::BitWriter;
use crate::error::Result;
use crate::source::Blob;

/// Blobs are read in pieces of this size.
const READ: u64 = 256 << 10;

/// Compressed bits that blocks are copied from.
pub(super) trait Bits {
    /// Copies a range of the bits.
    fn copy<F: Out>(&mut self, range: Range<u64>, writer: &mut BitWriter<F>) -> Result<()>;
}

impl Bits for &[u8] {
    fn copy<F: Out>(&mut self, range: Range<u64>, writer: &mut BitWriter<F>) -> Result<()> {
        let place = |bit| usize::try_from(bit).expect("it lies inside the slice");
        writer.copy(self, place(range.start), place(range.end - range.start))
    }
}

/// Reads a blob in large pieces, forwards.
pub(super) struct BlobBits<'a> {
    blob: &'a Blob,
    /// Nothing from here on is read.
    end: u64,
    buffer: &'a mut Vec<u8>,
    /// What of the blob the buffer begins with.
    loaded: Range<u64>,
}

impl<'a> BlobBits<'a> {
    /// Takes the blob up to the byte `end`, and a buffer that others used before.
    pub(super) fn new(blob: &'a Blob, end: u64, buffer: &'a mut Vec<u8>) -> Self {
        Self {
            blob,
            end,
            buffer,
            loaded: 0..0,
        }
    }

    /// Reads on from this byte.
    fn load(&mut self, byte: u64) -> Result<()> {
        self.loaded = byte..self.end.min(byte + READ);
        let len = usize::try_from(self.loaded.end - byte).expect("256 KiB at most");
        if self.buffer.len() < len {
            self.buffer.resize(len, 0);
        }
        self.blob.read_exact_at(&mut self.buffer[..len], byte)
    }
}

impl Bits for BlobBits<'_> {
    fn copy<F: Out>(&mut self, mut range: Range<u64>, writer: &mut BitWriter<F>) -> Result<()> {
        while !range.is_empty() {
            let byte = range.start / 8;
            if !self.loaded.contains(&byte) {
                self.load(byte)?;
            }
            let first = range.start - 8 * self.loaded.start;
            let end = range.end.min(8 * self.loaded.end);
            self.buffer
                .as_slice()
                .copy(first..first + end - range.start, writer)?;
            range.start = end;
        }
        Ok(())
    }
}

/// Copies a block without its final-block flag. A stored block is given the padding that its new
/// place asks for (RFC 1951, 3.2.4).
pub(super) fn copy_block<F: Out>(
    block: &Block,
    source: &mut impl Bits,
    writer: &mut BitWriter<F>,
) -> Result<()> {
    match block.kind {
        Kind::Gap => Ok(()),
        Kind::Coded => {
            writer.put(0, 1);
            source.copy(block.bits.start + 1..block.bits.end, writer)
        }
        Kind::Stored => {
            let len = u16::try_from(block.bytes.end - block.bytes.start)
                .expect("a stored block has 65535 bytes at most");
            writer.put(0, 3);
            writer.align();
            writer.put(u32::from(len), 16);
            writer.put(u32::from(!len), 16);
            source.copy(block.bits.end - 8 * u64::from(len)..block.bits.end, writer)
        }
        Kind::Mixed => unreachable!("no plan copies blocks that are not told apart"),
    }
}
