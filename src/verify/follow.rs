//! Reads a new layer back while it is written: what stands in its file so far is inflated, gzip by another library than the
//! one that splices, and compared with the bytes of the source that it is made of.
//!
//! So the inflated bytes are hashed once, as they were read back. The digest of what is stored is the writer's: it hashes
//! what it gives to the file.

use std::fs::File;
use std::io::BufReader;
use std::os::unix::fs::MetadataExt as _;

use zstd::zstd_safe::DCtx;

use crate::digest::{Digest, Hasher};
use crate::error::{Error, Result};
use crate::layer::{CHUNK, Codec, Indexer, Layer, Sink, relay};
use crate::source::Blob;
use crate::write::{Growing, Run, Seen};

use super::readback::{Promise, inflater};

/// A layer that was read while it was written. Its file is held open, so that no other can be taken for it.
#[derive(Debug)]
pub(super) struct Followed {
    file: File,
    codec: Codec,
    diff_id: Digest,
    inflated: u64,
}

impl Followed {
    /// Whether a whole blob is this file.
    pub(super) fn is(&self, blob: &Blob) -> bool {
        let (file, range) = blob.file();
        let identity = |file: &File| {
            let found = file.metadata().ok()?;
            Some((found.dev(), found.ino(), found.len()))
        };
        let own = identity(&self.file);
        own.is_some_and(|(.., len)| range == (0..len)) && own == identity(file)
    }

    /// Whether it holds what was promised.
    pub(super) fn holds(&self, promise: &Promise) -> bool {
        promise.codec == self.codec
            && promise.claim.diff_id == self.diff_id
            && promise.inflated == self.inflated
    }
}

/// Follows the writer of a layer of `runs` in `codec`.
///
/// # Errors
/// [`Error::Proof`] when the file does not inflate to them.
pub(super) fn follow(
    growing: Growing<'_>,
    codec: Codec,
    layers: &[Layer],
    runs: &[Run],
    context: &mut DCtx<'static>,
) -> Result<(Seen, Followed)> {
    let mut hasher = Hasher::default();
    // The digest is for messages only, and the layer has none yet.
    let mut indexer = Indexer::new(Digest::of(b""));
    let mut expected = Expected::new(layers, runs);
    relay(
        |sink| inflate(growing, codec, context, sink),
        |chunk| {
            expected.check(chunk)?;
            hasher.update(chunk);
            indexer.feed(chunk)
        },
    )?;
    expected.end()?;
    let (diff_id, inflated) = hasher.finish();
    let (entries, _) = indexer.finish()?;
    let file = growing.file().try_clone().map_err(unread)?;
    let followed = Followed {
        file,
        codec,
        diff_id: diff_id.clone(),
        inflated,
    };
    let seen = Seen {
        diff_id,
        inflated,
        entries,
    };
    Ok((seen, followed))
}

fn inflate(
    growing: Growing<'_>,
    codec: Codec,
    context: &mut DCtx<'static>,
    sink: &mut Sink,
) -> Result<()> {
    let reader = BufReader::with_capacity(CHUNK, growing.reader());
    let inflated = inflater(reader, codec, context);
    inflated
        .and_then(|mut inflated| sink.put_all(&mut inflated))
        .map_err(unread)
}

fn unread(error: std::io::Error) -> Error {
    fault(&format!("it does not inflate: {error}"))
}

fn fault(text: &str) -> Error {
    Error::Proof {
        path: "a new layer".into(),
        fault: text.into(),
    }
}

/// The bytes that a layer is to hold, as far as they were not seen.
struct Expected<'a> {
    layers: &'a [Layer],
    runs: &'a [Run],
    /// How much of the first run was seen.
    seen: u64,
    /// All that was seen.
    at: u64,
    chunk: Vec<u8>,
}

impl<'a> Expected<'a> {
    fn new(layers: &'a [Layer], runs: &'a [Run]) -> Self {
        Self {
            layers,
            runs,
            seen: 0,
            at: 0,
            chunk: vec![0; CHUNK],
        }
    }

    /// Compares the next bytes.
    fn check(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let Some((run, rest)) = self.runs.split_first() else {
                return Err(fault("it goes on behind its end"));
            };
            let left = usize::try_from(run.len() - self.seen).unwrap_or(usize::MAX);
            if left == 0 {
                (self.runs, self.seen) = (rest, 0);
                continue;
            }
            let n = left.min(bytes.len()).min(CHUNK);
            if !self.is_next(run, &bytes[..n])? {
                let text = format!("it holds other bytes, from byte {} on", self.at);
                return Err(fault(&text));
            }
            self.seen += n as u64;
            self.at += n as u64;
            bytes = &bytes[n..];
        }
        Ok(())
    }

    /// Whether these bytes, no more than there are, come next in a run.
    fn is_next(&mut self, run: &Run, bytes: &[u8]) -> Result<bool> {
        match run {
            Run::Made(made) => {
                let from = usize::try_from(self.seen).unwrap_or(usize::MAX);
                Ok(made[from..].starts_with(bytes))
            }
            Run::Copy { layer, range } => {
                let chunk = &mut self.chunk[..bytes.len()];
                let source = &self.layers[*layer].inflated;
                source.read_exact_at(chunk, range.start + self.seen)?;
                Ok(chunk == bytes)
            }
        }
    }

    /// Checks that nothing is left to come.
    fn end(&self) -> Result<()> {
        let left: u64 = self.runs.iter().map(Run::len).sum();
        match left - self.seen {
            0 => Ok(()),
            left => Err(fault(&format!("it ends {left} bytes too early"))),
        }
    }
}
