//! What a new layer holds: its runs are read back from the inflated source layers, hashed and indexed for the proof.

use crate::digest::{Digest, Hasher};
use crate::error::Result;
use crate::gzip::{self, Content};
use crate::layer::{CHUNK, Entries, Indexer, Layer};
use crate::pages::Pages;

use super::content::Run;
use super::pairing::{Pairing, Stream};

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
pub struct Seeing<'a> {
    hasher: Hasher,
    indexer: Indexer,
    paired: Option<Stream<'a>>,
}

impl Default for Seeing<'_> {
    fn default() -> Self {
        Self {
            hasher: Hasher::default(),
            // The digest is for messages only, and the layer has none yet.
            indexer: Indexer::new(Digest::of(b"")),
            paired: None,
        }
    }
}

impl<'a> Seeing<'a> {
    /// Hashes `len` bytes with other streams, none of which may have to wait for this one in another way.
    pub fn paired(pairing: &'a Pairing, len: u64) -> Self {
        Self {
            paired: Some(pairing.stream(len)),
            ..Self::default()
        }
    }

    /// Takes the next inflated bytes.
    ///
    /// # Errors
    /// When they are no tar.
    pub fn take(&mut self, bytes: &[u8]) -> Result<()> {
        self.hasher.update(bytes);
        self.indexer.feed(bytes)
    }

    /// As [`Seeing::take`], the first `len` bytes of a buffer, which may be lent to another thread meanwhile.
    ///
    /// # Errors
    /// When they are no tar.
    pub(crate) fn take_lent(&mut self, buffer: &mut Pages, len: usize) -> Result<()> {
        match &self.paired {
            Some(stream) => stream.hash(&mut self.hasher, buffer, len),
            None => self.hasher.update(&buffer[..len]),
        }
        self.indexer.feed(&buffer[..len])
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

/// Reads the runs in order and shows them to `seeing`.
pub(super) fn read(layers: &[Layer], runs: &[Run], mut seeing: Seeing<'_>) -> Result<Seen> {
    each_chunk(layers, runs, |chunk, len| seeing.take_lent(chunk, len))?;
    seeing.finish()
}

/// Reads the runs in order, many of them into one chunk, and hands on chunks and their lengths.
pub(super) fn each_chunk(
    layers: &[Layer],
    runs: &[Run],
    mut take: impl FnMut(&mut Pages, usize) -> Result<()>,
) -> Result<()> {
    let inflated = layers.iter().map(|layer| &layer.inflated).collect();
    let runs: Vec<gzip::Run<'_>> = runs.iter().map(Run::for_gzip).collect();
    let content = Content::new(inflated, &runs);
    let mut chunk = Pages::new(CHUNK);
    for at in (0..content.len()).step_by(CHUNK) {
        let left = usize::try_from(content.len() - at).unwrap_or(CHUNK);
        let len = left.min(CHUNK);
        content.fill(at, &mut chunk[..len])?;
        take(&mut chunk, len)?;
    }
    Ok(())
}
