//! Writes a gzip member whose content is runs of other streams, out of their own blocks.

use std::ops::Range;

use rayon::prelude::*;

use super::content::{Content, Run};
use super::copy::{Bits, BlobBits, copy_block};
use super::deflate::{Deflated, deflate};
use super::header;
use super::index::{BlockIndex, joined};
use super::out::Out;
use super::plan::{self, Step};
use super::writer::BitWriter;
use crate::error::Result;
use crate::source::Blob;

/// So many bytes are compressed at a time, by all threads together.
const BATCH: u64 = 4 << 20;
/// After so many bytes of content or more a mark is set.
const STRETCH: u64 = 1 << 20;

/// A gzip blob whose runs can be spliced.
#[derive(Clone, Copy, Debug)]
pub struct Stream<'a> {
    /// The compressed bytes.
    pub blob: &'a Blob,
    /// The index that [`inflate`](super::inflate()) made of them.
    pub index: &'a BlockIndex,
    /// The inflated bytes.
    pub inflated: &'a Blob,
}

/// What a written stream is made of. The two counts are in compressed bytes, rounded down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spliced {
    /// Copied from the sources.
    pub copied: u64,
    /// Compressed anew.
    pub compressed: u64,
}

/// Writes one gzip member whose content is `runs`, in order: copies every block that may be copied
/// bit for bit and compresses the rest at `level` (0 to 9).
///
/// The bytes written do not depend on the number of threads. `out` gets them in order.
///
/// # Errors
/// When a source cannot be read, a run lies outside its stream or `out` fails.
pub fn splice(
    streams: &[Stream<'_>],
    runs: &[Run<'_>],
    level: u32,
    out: impl Out,
) -> Result<Spliced> {
    let (content, steps) = plan(streams, runs);
    write(streams, &content, &steps, level, out)
}

/// Writes one gzip member whose content is `runs` of the `inflated` streams, all compressed anew at
/// `level` (0 to 9), in pieces of 128 KiB at most that refer to the 32 KiB before them.
///
/// The bytes written do not depend on the number of threads. `out` gets them in order.
///
/// # Errors
/// When a source cannot be read, a run lies outside its stream or `out` fails.
pub fn compress(
    inflated: &[&Blob],
    runs: &[Run<'_>],
    level: u32,
    out: impl Out,
) -> Result<Spliced> {
    let content = Content::new(inflated.to_vec(), runs);
    write(&[], &content, &plan::anew(&content), level, out)
}

/// Returns whether splicing saves enough work over [`compress`]. It follows from the runs and the
/// indexes alone.
pub fn is_worth_splicing(streams: &[Stream<'_>], runs: &[Run<'_>]) -> bool {
    let (content, steps) = plan(streams, runs);
    4 * plan::cost(&steps) <= 3 * plan::cost(&plan::anew(&content))
}

fn plan<'a>(streams: &[Stream<'a>], runs: &[Run<'a>]) -> (Content<'a>, Vec<Step>) {
    let content = Content::new(streams.iter().map(|stream| stream.inflated).collect(), runs);
    let indexes: Vec<&BlockIndex> = streams.iter().map(|stream| stream.index).collect();
    let steps = plan::splice(&content, &indexes);
    (content, steps)
}

fn write(
    streams: &[Stream<'_>],
    content: &Content<'_>,
    steps: &[Step],
    level: u32,
    out: impl Out,
) -> Result<Spliced> {
    let mut member = Member::new(streams, out)?;
    let mut batches = batches(steps);
    let mut batch = batches.next().unwrap_or_default();
    let mut ready = compressed(content, batch, level)?;
    while !batch.is_empty() {
        let next = batches.next().unwrap_or_default();
        let (written, compressed) = rayon::join(
            || member.steps(batch, ready),
            || compressed(content, next, level),
        );
        written?;
        (batch, ready) = (next, compressed?);
    }
    member.finish()
}

/// Cuts the steps where [`BATCH`] bytes are to be compressed.
fn batches(mut steps: &[Step]) -> impl Iterator<Item = &[Step]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let full = steps.iter().position(|step| {
            bytes += step.compressed_len();
            bytes > BATCH
        });
        let (batch, rest) = steps.split_at(full.unwrap_or(steps.len()));
        steps = rest;
        (!batch.is_empty()).then_some(batch)
    })
}

/// Compresses what the steps ask for, each by itself.
fn compressed(content: &Content<'_>, steps: &[Step], level: u32) -> Result<Vec<Option<Deflated>>> {
    let one = |step: &Step| match step {
        Step::Copy { .. } => Ok(None),
        Step::Compress(range) => deflate(content, range.clone(), level).map(Some),
    };
    steps.par_iter().map(one).collect()
}

/// The gzip member that is being written.
struct Member<'a, F> {
    streams: &'a [Stream<'a>],
    writer: BitWriter<F>,
    crc: u32,
    len: u64,
    /// How much of it lies before the last mark.
    marked: u64,
    copied_bits: u64,
    compressed_bits: u64,
    /// What blobs are read into.
    buffer: Vec<u8>,
}

impl<'a, F: Out> Member<'a, F> {
    fn new(streams: &'a [Stream<'a>], out: F) -> Result<Self> {
        let mut writer = BitWriter::new(out);
        writer.copy(&header::PLAIN, 0, 8 * header::PLAIN.len())?;
        writer.mark(0)?;
        Ok(Self {
            streams,
            writer,
            crc: 0,
            len: 0,
            marked: 0,
            copied_bits: 0,
            compressed_bits: 0,
            buffer: Vec::new(),
        })
    }

    /// Writes steps; `ready` has what was compressed for them.
    fn steps(&mut self, steps: &[Step], ready: Vec<Option<Deflated>>) -> Result<()> {
        for (step, ready) in steps.iter().zip(ready) {
            if let Step::Copy { stream, blocks } = step {
                let Stream { blob, index, .. } = self.streams[*stream];
                let end = index.bits(blocks).end.div_ceil(8);
                let mut buffer = std::mem::take(&mut self.buffer);
                let source = BlobBits::new(blob, end, &mut buffer);
                self.copied_bits += self.blocks(index, blocks.clone(), source)?;
                self.buffer = buffer;
            }
            if let Some(Deflated { bytes, index }) = ready {
                self.compressed_bits += self.blocks(&index, 0..index.len(), bytes.as_slice())?;
            }
        }
        Ok(())
    }

    /// Copies blocks and returns how many bits they have at their new place.
    fn blocks(
        &mut self,
        index: &BlockIndex,
        blocks: Range<usize>,
        mut source: impl Bits,
    ) -> Result<u64> {
        let mut bits = 0;
        for block in blocks.map(|at| index.block(at)) {
            let before = self.writer.position();
            copy_block(&block, &mut source, &mut self.writer)?;
            bits += self.writer.position() - before;
            let len = block.bytes.end - block.bytes.start;
            self.crc = joined(self.crc, block.crc, len);
            self.len += len;
            if self.len - self.marked >= STRETCH {
                self.mark()?;
            }
        }
        Ok(bits)
    }

    /// Ends a stretch with an empty stored block, so that the next one begins with a byte.
    fn mark(&mut self) -> Result<()> {
        self.writer.put(0, 3);
        self.writer.align();
        self.writer.put(0xffff_0000, 32);
        self.marked = self.len;
        self.writer.mark(self.len)
    }

    /// Ends the stream with an empty block of the fixed code, and the member with its trailer.
    fn finish(mut self) -> Result<Spliced> {
        self.writer.put(0b011, 3);
        self.writer.put(0, 7);
        self.writer.align();
        self.writer.mark(self.len)?;
        self.writer
            .copy(&header::trailer(self.crc, self.len), 0, 64)?;
        self.writer.flush()?;
        Ok(Spliced {
            copied: self.copied_bits / 8,
            compressed: self.compressed_bits / 8,
        })
    }
}
