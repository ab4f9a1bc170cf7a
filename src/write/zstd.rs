//! Writes a zstd layer: frames of the sources that stay whole are copied as they are, the rest is compressed anew.
//!
//! What is written does not depend on the number of threads.

use std::io::{self, Write as _};

use zstd::bulk::Compressor;
use zstd::zstd_safe::{CCtx, CParameter, ResetDirective};

use crate::error::{Error, Result};
use crate::layer::{CHUNK, Layer};
use crate::spares::Spares;

use super::How;
use super::content::Run;
use super::encode::Encoding;
use super::frames::{Step, plan};
use super::reach::Reach;
use super::seeing::each_chunk;

/// Between copies, so many bytes make a frame.
const PIECE: usize = 4 << 20;
/// The windows of repeats, in powers of two: what level 3 has, and half of what the zstd program reads without being told.
const WINDOW_LEAST: u32 = 21;
const WINDOW_MOST: u32 = 26;
/// Where there is nothing to be found further back, so many bytes are compressed at a time, in a window of as many.
const NEAR: u32 = 19;
/// Where repeats are looked for far back, what looks nearby at level 3 has a table for half as many places, and what looks
/// far so many places for a stretch, both in powers of two: in less of the processor's cache both are faster, 7 % of the
/// time in all for 0.3 % of the bytes.
const NEARBY: u32 = 16;
const NEARBY_LEVEL: i32 = 3;
const BUCKET: u32 = 2;
/// More workers would hold more memory than they are worth.
const WORKERS: usize = 4;

/// Writes `runs`; frames are copied where that is allowed and they make up at least half.
pub(super) fn encode(
    layers: &[Layer],
    runs: &[Run],
    encoding: Encoding,
    contexts: &Contexts,
    put: impl FnMut(&[u8]) -> Result<()>,
) -> Result<How> {
    // A near one is small, and must not take that of a far one away.
    let is_large = encoding.reach != Reach::Near;
    let spare = if is_large { contexts.0.take() } else { None };
    let mut context = spare.unwrap_or_default();
    let mut writer = Writer::new(layers, runs, encoding, put, &mut context)?;
    each_chunk(layers, runs, |chunk, len| writer.take(&chunk[..len]))?;
    let how = writer.finish()?;
    if is_large && context.reset(ResetDirective::SessionAndParameters).is_ok() {
        contexts.0.keep(context);
    }
    Ok(how)
}

/// What zstd works with, some 100 MiB where it looks far back, used again from layer to layer: with fresh memory for each of
/// 12 layers go-web has 110,000 page faults more, and they take a second.
#[derive(Debug, Default)]
pub struct Contexts(Spares<CCtx<'static>>);

/// Takes the inflated layer bit by bit and puts the stored one.
struct Writer<'a, F> {
    put: F,
    way: Way<'a>,
}

enum Way<'a> {
    Splice(Box<Splice<'a>>),
    Compress(Box<zstd::Encoder<'a, Vec<u8>>>),
}

struct Splice<'a> {
    layers: &'a [Layer],
    steps: std::vec::IntoIter<Step>,
    /// What is left of the step that is being done.
    now: Step,
    /// Bytes to be compressed.
    piece: Vec<u8>,
    compressor: Compressor<'static>,
    copied: u64,
    compressed: u64,
}

impl<'a, F: FnMut(&[u8]) -> Result<()>> Writer<'a, F> {
    fn new(
        layers: &'a [Layer],
        runs: &[Run],
        encoding: Encoding,
        put: F,
        context: &'a mut CCtx<'static>,
    ) -> Result<Self> {
        let level = encoding.level;
        let steps = if encoding.may_splice {
            plan(layers, runs)
        } else {
            Vec::new()
        };
        let all = Run::total(runs);
        let whole = steps.iter().filter(|step| step.frames.is_some());
        let is_worth_it = 2 * whole.map(|step| step.len).sum::<u64>() >= all && all > 0;
        let way = if is_worth_it {
            Way::Splice(Box::new(Splice::new(layers, steps, level).map_err(failed)?))
        } else {
            Way::Compress(Box::new(encoder(encoding, all, context).map_err(failed)?))
        };
        Ok(Self { put, way })
    }

    /// Takes the next inflated bytes.
    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.way {
            Way::Splice(splice) => splice.take(bytes, &mut self.put),
            Way::Compress(encoder) => {
                encoder.write_all(bytes).map_err(failed)?;
                (self.put)(encoder.get_ref())?;
                encoder.get_mut().clear();
                Ok(())
            }
        }
    }

    fn finish(mut self) -> Result<How> {
        match self.way {
            Way::Splice(splice) => Ok(How::Spliced {
                copied: splice.copied,
                compressed: splice.compressed,
            }),
            Way::Compress(encoder) => {
                (self.put)(&encoder.finish().map_err(failed)?)?;
                Ok(How::Compressed)
            }
        }
    }
}

/// At least one worker: what several make does not depend on their number, what none makes is something else.
///
/// No checksum, as a digest tells more. To look for repeats far back is worth it where what is alike lies together: libraries
/// and their static twins, a module and its archive. Measured on go-web at level 3 in 15 layers, seconds of CPU time for this
/// alone: 766 MB (9.5 s) as the level has it. With files by path 673 MB in a window of 64 MiB (11 s), and 647 in one of 128 MiB
/// with four times as dense a look (18 s); with what is alike side by side 646 MB in 64 MiB (11 s), and 648 as it is now.
fn encoder<'a>(
    encoding: Encoding,
    length: u64,
    context: &'a mut CCtx<'static>,
) -> io::Result<zstd::Encoder<'a, Vec<u8>>> {
    let mut encoder = zstd::Encoder::with_context(Vec::with_capacity(CHUNK), context);
    encoder.set_parameter(CParameter::CompressionLevel(encoding.level))?;
    let threads = rayon::current_num_threads();
    let workers = match encoding.reach {
        Reach::Usual => threads.clamp(1, WORKERS),
        Reach::Near => 1,
        // They look far back one after the other, and one that waits for its turn leaves a core to another: 5 % of the time.
        Reach::Far => (threads + 1).min(WORKERS),
    };
    encoder.multithread(u32::try_from(workers).expect("a handful"))?;
    match encoding.reach {
        Reach::Usual => {}
        Reach::Near => {
            encoder.window_log(NEAR)?;
            encoder.set_parameter(CParameter::JobSize(1 << NEAR))?;
        }
        Reach::Far => {
            // A short layer needs no long window, and whoever reads it no memory for one.
            let window = length.max(1).next_power_of_two().ilog2();
            encoder.window_log(window.clamp(WINDOW_LEAST, WINDOW_MOST))?;
            encoder.long_distance_matching(true)?;
            // What lies before the bytes of a job is found by the look far back: 2 % of the time for 0.1 % of the bytes.
            encoder.set_parameter(CParameter::OverlapSizeLog(1))?;
            encoder.set_parameter(CParameter::LdmBucketSizeLog(BUCKET))?;
            if encoding.level == NEARBY_LEVEL {
                encoder.set_parameter(CParameter::HashLog(NEARBY))?;
            }
        }
    }
    Ok(encoder)
}

impl<'a> Splice<'a> {
    fn new(layers: &'a [Layer], steps: Vec<Step>, level: i32) -> io::Result<Self> {
        let mut compressor = Compressor::new(level)?;
        compressor.include_checksum(true)?;
        Ok(Self {
            layers,
            steps: steps.into_iter(),
            now: Step {
                len: 0,
                frames: None,
            },
            piece: Vec::new(),
            compressor,
            copied: 0,
            compressed: 0,
        })
    }

    fn take(&mut self, mut bytes: &[u8], put: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        while !bytes.is_empty() {
            if self.now.len == 0 {
                self.now = self.steps.next().expect("the steps make up the layer");
                self.copy(put)?;
            }
            let left = usize::try_from(self.now.len).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(left.min(bytes.len()));
            self.now.len -= now.len() as u64;
            bytes = later;
            if self.now.frames.is_none() {
                self.compress(now, put)?;
            }
        }
        Ok(())
    }

    /// Copies the frames of the step that begins; its inflated bytes are passed over.
    fn copy(&mut self, put: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let Some((layer, stored)) = self.now.frames.clone() else {
            return Ok(());
        };
        let mut chunk = vec![0; CHUNK];
        let mut at = stored.start;
        while at < stored.end {
            let n = usize::try_from(stored.end - at).unwrap_or(CHUNK).min(CHUNK);
            self.layers[layer].blob.read_exact_at(&mut chunk[..n], at)?;
            put(&chunk[..n])?;
            at += n as u64;
        }
        self.copied += stored.end - stored.start;
        Ok(())
    }

    fn compress(
        &mut self,
        mut bytes: &[u8],
        put: &mut impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        while !bytes.is_empty() {
            let room = PIECE - self.piece.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.piece.extend_from_slice(now);
            bytes = later;
            let is_last = self.now.len == 0 && bytes.is_empty();
            if is_last || self.piece.len() == PIECE {
                let frame = self.compressor.compress(&self.piece).map_err(failed)?;
                put(&frame)?;
                self.compressed += frame.len() as u64;
                self.piece.clear();
            }
        }
        Ok(())
    }
}

pub(super) fn failed(error: io::Error) -> Error {
    Error::Write {
        path: "zstd".into(),
        source: error,
    }
}
