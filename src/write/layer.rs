//! Writes one layer: its runs are encoded here, while another thread reads them back from the inflated source layers, hashes
//! them and indexes them for the proof. Where a packed layer is to be read back anyway, others compare its file with them
//! while it is written.

use std::sync::Arc;
use std::thread::{Scope, ScopedJoinHandle};

use crate::digest::Digest;
use crate::error::Result;
use crate::gzip::{self, Out, Spliced, Stream};
use crate::layer::{Codec, Layer};
use crate::source::Blob;

use super::area::NewBlob;
use super::content::Run;
use super::encode::Encoding;
use super::growing::{Growing, Growth};
use super::layers::Manner;
use super::pairing::Pairing;
use super::seeing::{Seeing, Seen, each_chunk, read};
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
        pairing: &Pairing,
    ) -> Result<Seen>;
}

/// What layers are written from and how, and where the threads live that read them meanwhile: those may wait for each other,
/// which threads of the pool may not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Desk<'scope, 'env> {
    pub(super) layers: &'scope [Layer],
    pub(super) manner: Manner<'scope>,
    pub(super) readers: &'scope Scope<'scope, 'env>,
}

/// A layer whose blob is written. What it holds may still be read.
#[derive(Debug)]
pub(super) struct Begun<'scope> {
    from: Vec<usize>,
    codec: Codec,
    digest: Digest,
    size: u64,
    how: How,
    draft: Arc<Draft<'scope>>,
    seeing: ScopedJoinHandle<'scope, Result<Seen>>,
}

/// What those share who write a layer and who read it.
#[derive(Debug)]
struct Draft<'a> {
    blob: NewBlob<'a>,
    growth: Growth,
    runs: Vec<Run>,
}

impl<'scope> Desk<'scope, '_> {
    /// Writes the blob of a layer of these runs.
    pub(super) fn begin(
        self,
        from: &[usize],
        runs: Vec<Run>,
        encoding: Encoding,
    ) -> Result<Begun<'scope>> {
        let Manner {
            pairing, contexts, ..
        } = self.manner;
        let draft = Arc::new(Draft {
            blob: self.manner.area.begin()?,
            growth: Growth::default(),
            runs,
        });
        let seen = Arc::clone(&draft);
        let seeing = self.readers.spawn(move || self.see(&seen, encoding.codec));
        let Draft { blob, growth, runs } = &*draft;
        let mut writer = blob.writer(pairing);
        let how = {
            let _ending = growth.ending();
            let _busy = pairing.busy();
            let put = |bytes: &[u8]| writer.put(bytes);
            encode(self.layers, runs, encoding, contexts, Grown { put, growth })?
        };
        let (digest, size) = writer.finish();
        blob.sync();
        Ok(Begun {
            from: from.to_vec(),
            codec: encoding.codec,
            digest,
            size,
            how,
            draft,
            seeing,
        })
    }

    /// Reads what a layer holds, out of its blob where somebody reads that.
    fn see(self, draft: &Draft<'_>, codec: Codec) -> Result<Seen> {
        let (layers, Manner { pairing, .. }) = (self.layers, self.manner);
        let Draft { blob, growth, runs } = draft;
        match self.manner.reads_back {
            Some(one) if codec != Codec::Plain => {
                let file = Growing::new(&blob.file, growth);
                one.follow(file, codec, layers, runs, pairing)
            }
            _ => read(layers, runs, Seeing::paired(pairing, Run::total(runs))),
        }
    }
}

impl Begun<'_> {
    /// Waits until all of the layer is read.
    pub(super) fn finish(self) -> Result<Output> {
        let seen = self.seeing.join();
        let seen = seen.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let draft = Arc::into_inner(self.draft).expect("the other who had it ended");
        Ok(Output {
            from: self.from,
            codec: self.codec,
            digest: self.digest,
            size: self.size,
            diff_id: seen.diff_id,
            inflated: seen.inflated,
            how: self.how,
            title: None,
            written: Some(Written {
                entries: seen.entries,
                runs: draft.runs,
            }),
            file: Some(draft.blob.path),
        })
    }
}

fn encode(
    layers: &[Layer],
    runs: &[Run],
    encoding: Encoding,
    contexts: &Contexts,
    mut out: impl Out,
) -> Result<How> {
    match encoding.codec {
        Codec::Plain => {
            each_chunk(layers, runs, |chunk, len| out.put(&chunk[..len]))?;
            Ok(How::Compressed)
        }
        Codec::Zstd => zstd::encode(layers, runs, encoding, contexts, &mut |bytes: &[u8]| {
            out.put(bytes)
        }),
        Codec::Gzip => encode_gzip(layers, runs, encoding, out),
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
