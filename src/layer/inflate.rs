//! Reads a packed blob to its last byte: inflates it on this thread, hands on what comes out on another, and hashes both.
//!
//! Where the processor can, gzip is hashed while it is inflated; else this thread hashes what it reads and the other what
//! comes out.

use std::io::Read;
use std::ops::Range;

use crate::digest::{Digest, Hasher};
use crate::error::{Error, Result};
use crate::gzip::{self, BlockIndex, Drain, InflateError, can_hash_beside, drain_and_hash};
use crate::pages::Pages;
use crate::source::{Blob, BlobReader, Codec};

use super::frames::{self, Frames};
use super::relay::{Sink, relay};
use super::scan::Claim;

/// What a packed blob was found to be.
pub(super) struct Inflated {
    pub(super) digest: Digest,
    pub(super) diff_id: Digest,
    /// The number of inflated bytes.
    pub(super) len: u64,
    pub(super) blocks: BlockIndex,
    pub(super) frames: Frames,
}

/// Inflates a blob that is not plain; `take` gets the inflated bytes in order.
pub(super) fn inflate(
    blob: &Blob,
    codec: Codec,
    claim: &Claim,
    take: impl FnMut(&[u8]) -> Result<()> + Send,
) -> Result<Inflated> {
    if codec == Codec::Gzip && can_hash_beside() {
        hash_beside(blob, claim, take)
    } else {
        hash_apart(blob, codec, claim, take)
    }
}

fn hash_beside(
    blob: &Blob,
    claim: &Claim,
    take: impl FnMut(&[u8]) -> Result<()> + Send,
) -> Result<Inflated> {
    let found = relay(
        |sink| match drain_and_hash(blob.reader(0), sink) {
            Err(error) => told(error, claim).map(|()| None),
            Ok(found) => Ok(Some(found)),
        },
        take,
    )?;
    let gzip::Hashed {
        index,
        stored,
        content,
    } = found.expect("all was taken");
    Ok(Inflated {
        digest: stored,
        diff_id: content,
        len: index.inflated_len(),
        blocks: index,
        frames: Frames::default(),
    })
}

fn hash_apart(
    blob: &Blob,
    codec: Codec,
    claim: &Claim,
    mut take: impl FnMut(&[u8]) -> Result<()> + Send,
) -> Result<Inflated> {
    let mut input = Hashed {
        inner: blob.reader(0),
        hasher: Hasher::default(),
    };
    let mut hasher = Hasher::default();
    let (blocks, frames) = relay(
        |sink| match codec {
            Codec::Zstd => frames::inflate(&mut input, |bytes| sink.put(bytes))
                .map(|frames| (BlockIndex::default(), frames))
                .map_err(|error| fault(claim, &format!("is no valid zstd: {error}"))),
            _ => match gzip::inflate(&mut input, |bytes| wanted(sink.put(bytes))) {
                Err(error) => told(error, claim).map(|()| Default::default()),
                Ok(blocks) => Ok((blocks, Frames::default())),
            },
        },
        |chunk| {
            hasher.update(chunk);
            take(chunk)
        },
    )?;
    let (digest, _) = input.hasher.finish();
    let (diff_id, len) = hasher.finish();
    Ok(Inflated {
        digest,
        diff_id,
        len,
        blocks,
        frames,
    })
}

/// What is told of a gzip blob that was not inflated to its end. The taker may have failed: its error is the one that counts.
fn told(error: InflateError<Unwanted>, claim: &Claim) -> Result<()> {
    match error {
        InflateError::Sink(Unwanted) => Ok(()),
        InflateError::Read(error) => Err(fault(claim, &format!("cannot be read: {error}"))),
        InflateError::Fault(text) => Err(fault(claim, &format!("is no valid gzip: {text}"))),
    }
}

fn fault(claim: &Claim, fault: &str) -> Error {
    Error::Blob {
        digest: claim.digest.to_string(),
        fault: fault.to_owned(),
    }
}

/// No more bytes are wanted.
#[derive(Debug)]
struct Unwanted;

fn wanted(is_wanted: bool) -> Result<(), Unwanted> {
    if is_wanted { Ok(()) } else { Err(Unwanted) }
}

impl Drain<InflateError<Unwanted>> for Sink {
    fn spare(&mut self) -> Result<Pages, InflateError<Unwanted>> {
        self.buffer().ok_or(InflateError::Sink(Unwanted))
    }

    fn take(&mut self, buffer: Pages, fresh: Range<usize>) -> Result<(), InflateError<Unwanted>> {
        wanted(self.hand_on(buffer, fresh)).map_err(InflateError::Sink)
    }
}

/// Hashes what is read through it.
struct Hashed<'a> {
    inner: BlobReader<'a>,
    hasher: Hasher,
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..n]);
        Ok(n)
    }
}
