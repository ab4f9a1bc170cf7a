//! Writes one layer: its runs are read back from the inflated source layers, hashed and indexed for the proof on one
//! thread, and encoded on another. Where a packed layer is to be read back anyway, others compare its file with them while it
//! is written.

use std::ops::Range;
use std::thread;

use crate::digest::{Digest, Hasher};
use crate::error::Result;
use crate::gzip::{self, Out, Spliced, Stream};
use crate::layer::{CHUNK, Codec, Entries, Indexer, Layer, relay};
use crate::pages::Pages;
use crate::source::Blob;

use super::area::NewBlob;
use super::content::Run;
use super::encode::Encoding;
use super::growing::{Growing, Growth};
use super::zstd::{self, Contexts};
use super::{How, Output, Written};

/// Looks at a layer while it is written.
pub trait ReadsBack: Sync + std::fmt::Debug {
    /// Reads a layer in `codec` from its file and returns what it holds, which was compared with `runs`.
    ///
    /// # Errors
    /// When it does not inflate, or holds other bytes.
    fn follow(
        &self,
        file: Growing<'_>,
        codec: Codec,
        layers: &[Layer],
        runs: &[Run],
    ) -> Result<Seen>;
}

/// Writes a layer of these runs into `blob` and returns what it came to.
pub(super) fn write_layer(
    layers: &[Layer],
    from: &[usize],
    runs: Vec<Run>,
    encoding: Encoding,
    blob: &NewBlob<'_>,
    contexts: &Contexts,
    reads_back: Option<&dyn ReadsBack>,
) -> Result<Output> {
    let mut writer = blob.writer();
    let put = |bytes: &[u8]| writer.put(bytes);
    let (seen, how) = match (encoding.codec, reads_back) {
        (Codec::Plain, _) => (
            relay(|sink| read(layers, &runs, |bytes| sink.put(bytes)), put)?,
            How::Compressed,
        ),
        (codec, Some(reads_back)) => {
            let growth = Growth::default();
            follow(
                &growth,
                || reads_back.follow(Growing::new(&blob.file, &growth), codec, layers, &runs),
                |growth| {
                    let out = Grown { put, growth };
                    encode(layers, &runs, encoding, contexts, out)
                },
            )?
        }
        (_, None) => {
            let (seen, how) = rayon::join(
                || read(layers, &runs, |_| true),
                || encode(layers, &runs, encoding, contexts, put),
            );
            (seen?, how?)
        }
    };
    let (digest, size) = writer.finish();
    let written = Some(Written {
        entries: seen.entries,
        runs,
    });
    Ok(Output {
        from: from.to_vec(),
        codec: encoding.codec,
        digest,
        size,
        diff_id: seen.diff_id,
        inflated: seen.inflated,
        how,
        title: None,
        written,
        file: None,
    })
}

fn encode(
    layers: &[Layer],
    runs: &[Run],
    encoding: Encoding,
    contexts: &Contexts,
    mut out: impl Out,
) -> Result<How> {
    match encoding.codec {
        Codec::Zstd => zstd::encode(layers, runs, encoding, contexts, &mut |bytes: &[u8]| {
            out.put(bytes)
        }),
        _ => encode_gzip(layers, runs, encoding, out),
    }
}

fn encode_gzip(layers: &[Layer], runs: &[Run], encoding: Encoding, out: impl Out) -> Result<How> {
    let streams: Vec<Stream<'_>> = layers
        .iter()
        .map(|layer| Stream {
            blob: &layer.blob,
            index: &layer.blocks,
            inflated: &layer.inflated,
        })
        .collect();
    let runs: Vec<gzip::Run<'_>> = runs.iter().map(Run::for_gzip).collect();
    let level = encoding.level.cast_unsigned();
    if encoding.may_splice && gzip::is_worth_splicing(&streams, &runs) {
        let Spliced { copied, compressed } = gzip::splice(&streams, &runs, level, out)?;
        return Ok(How::Spliced { copied, compressed });
    }
    let inflated: Vec<&Blob> = layers.iter().map(|layer| &layer.inflated).collect();
    gzip::compress(&inflated, &runs, level, out)?;
    Ok(How::Compressed)
}

/// Writes here and reads on a thread of its own, which a pool of one thread has not.
fn follow(
    growth: &Growth,
    read: impl FnOnce() -> Result<Seen> + Send,
    write: impl FnOnce(&Growth) -> Result<How>,
) -> Result<(Seen, How)> {
    thread::scope(|scope| {
        let ending = growth.ending();
        let reader = scope.spawn(read);
        let how = write(growth);
        drop(ending);
        match reader.join() {
            // What the writer failed at the reader saw only the end of.
            Ok(seen) => how.and_then(|how| Ok((seen?, how))),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Tells a reader of the file what is there.
struct Grown<'a, F> {
    put: F,
    growth: &'a Growth,
}

impl<F: FnMut(&[u8]) -> Result<()> + Send> Out for Grown<'_, F> {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        (self.put)(bytes)?;
        self.growth.add(bytes.len());
        Ok(())
    }

    fn mark(&mut self, content: u64) {
        self.growth.mark(content);
    }
}

/// What a layer was seen to hold.
#[derive(Debug)]
pub struct Seen {
    /// The digest of the inflated layer.
    pub diff_id: Digest,
    /// The size of the inflated layer in bytes.
    pub inflated: u64,
    /// Its entries.
    pub entries: Entries,
}

/// Hashes and indexes what a layer holds, in order.
#[derive(Debug)]
pub struct Seeing {
    hasher: Hasher,
    indexer: Indexer,
}

impl Default for Seeing {
    fn default() -> Self {
        Self {
            hasher: Hasher::default(),
            // The digest is for messages only, and the layer has none yet.
            indexer: Indexer::new(Digest::of(b"")),
        }
    }
}

impl Seeing {
    /// Takes the next inflated bytes.
    ///
    /// # Errors
    /// When they are no tar.
    pub fn take(&mut self, bytes: &[u8]) -> Result<()> {
        self.hasher.update(bytes);
        self.indexer.feed(bytes)
    }

    /// What was seen.
    ///
    /// # Errors
    /// When the tar is cut short.
    pub fn finish(self) -> Result<Seen> {
        let (diff_id, inflated) = self.hasher.finish();
        let (entries, _) = self.indexer.finish()?;
        Ok(Seen {
            diff_id,
            inflated,
            entries,
        })
    }
}

/// Reads the runs in order, hashes and indexes them, and hands them on until `put` wants no more.
pub(super) fn read(
    layers: &[Layer],
    runs: &[Run],
    mut put: impl FnMut(&[u8]) -> bool,
) -> Result<Seen> {
    let mut seeing = Seeing::default();
    each_chunk(layers, runs, |bytes| {
        seeing.take(bytes)?;
        Ok(put(bytes))
    })?;
    seeing.finish()
}

/// Reads the runs in order and hands them on until `take` wants no more.
pub(super) fn each_chunk(
    layers: &[Layer],
    runs: &[Run],
    mut take: impl FnMut(&[u8]) -> Result<bool>,
) -> Result<()> {
    let mut chunk = Pages::new(CHUNK);
    for run in runs {
        let wanted = match run {
            Run::Made(bytes) => take(bytes)?,
            Run::Copy { layer, range } => {
                copy(&layers[*layer].inflated, range, &mut chunk, &mut take)?
            }
        };
        if !wanted {
            break;
        }
    }
    Ok(())
}

fn copy(
    inflated: &Blob,
    range: &Range<u64>,
    chunk: &mut [u8],
    take: &mut impl FnMut(&[u8]) -> Result<bool>,
) -> Result<bool> {
    let mut at = range.start;
    while at < range.end {
        let n = usize::try_from(range.end - at).unwrap_or(CHUNK).min(CHUNK);
        inflated.read_exact_at(&mut chunk[..n], at)?;
        if !take(&chunk[..n])? {
            return Ok(false);
        }
        at += n as u64;
    }
    Ok(true)
}
