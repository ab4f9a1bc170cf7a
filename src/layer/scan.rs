//! Scans a layer: one pass that verifies the blob, inflates it (`inflate.rs`), verifies the diff ID, indexes the entries
//! and keeps the inflated bytes at hand.
//!
//! The inflated bytes are spilled to the temp dir (`spill.rs`); a plain layer is its own spill.

use std::io::Read;
use std::sync::Arc;

use crate::digest::{Digest, Hasher};
use crate::error::{Error, Result};
use crate::gzip::BlockIndex;
use crate::image::LayerSource;
use crate::pages::Pages;
use crate::source::{Blob, Codec};

use super::entry::Entries;
use super::frames::Frames;
use super::index::Indexer;
use super::inflate::{Inflated, inflate};
use super::relay::CHUNK;
use super::spill::Spill;
use super::spool::Spool;

/// What an image says of a layer, none of it believed.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The digest of the blob.
    pub digest: Digest,
    /// The size of the blob in bytes.
    pub size: u64,
    /// The digest of the inflated layer.
    pub diff_id: Digest,
}

impl Claim {
    /// What an image says of one of its layers.
    pub fn of(layer: &LayerSource) -> Self {
        Self {
            digest: layer.digest.clone(),
            size: layer.size,
            diff_id: layer.diff_id.clone(),
        }
    }
}

/// A scanned layer: all that it claims was found true.
#[derive(Debug)]
pub struct Layer {
    /// What was claimed, and holds.
    pub claim: Claim,
    /// How the blob is compressed.
    pub codec: Codec,
    /// The blob as it is.
    pub blob: Blob,
    /// The inflated bytes.
    pub inflated: Blob,
    /// Where its deflate blocks lie; nothing for a blob that is no gzip.
    pub blocks: BlockIndex,
    /// Where its zstd frames lie; none for a blob that is no zstd.
    pub frames: Frames,
    /// The tar entries.
    pub entries: Arc<Entries>,
    /// What a user should know of it.
    pub warnings: Vec<String>,
}

impl Layer {
    /// Scans a blob.
    ///
    /// # Errors
    /// When size, digest, compression, diff ID or tar are not what they must be.
    pub fn scan(blob: Blob, claim: Claim, spool: &Spool) -> Result<Self> {
        let indexer = Indexer::new(claim.digest.clone());
        let (indexed, spilled) = scan(&blob, &claim, indexer, Some(spool))?;
        let inflated = spilled.unwrap_or_else(|| blob.clone());
        Ok(Self {
            claim,
            codec: indexed.codec,
            blob,
            inflated,
            blocks: indexed.blocks,
            frames: indexed.frames,
            entries: Arc::new(indexed.entries),
            warnings: indexed.warnings,
        })
    }
}

/// What a scan finds that keeps no inflated bytes.
#[derive(Debug)]
pub struct Indexed {
    /// How the blob is compressed.
    pub codec: Codec,
    /// Where its deflate blocks lie; nothing for a blob that is no gzip.
    pub blocks: BlockIndex,
    /// Where its zstd frames lie; none for a blob that is no zstd.
    pub frames: Frames,
    /// The tar entries.
    pub entries: Entries,
    /// The size of the inflated layer in bytes.
    pub inflated: u64,
    /// What a user should know of it.
    pub warnings: Vec<String>,
}

/// Reads and verifies a blob as [`Layer::scan`] does, with a fresh `indexer`, and keeps no inflated bytes.
///
/// # Errors
/// When size, digest, compression, diff ID or tar are not what they must be.
pub fn index(blob: &Blob, claim: &Claim, indexer: Indexer) -> Result<Indexed> {
    scan(blob, claim, indexer, None).map(|(indexed, _)| indexed)
}

/// Reads a blob of which nothing is claimed, checks that it is a layer, and returns what can be claimed of it.
///
/// # Errors
/// When its compression or its tar are not what they must be.
pub fn measure(blob: &Blob) -> Result<(Claim, Codec)> {
    let (digest, size) = blob.hash()?;
    let mut claim = Claim {
        diff_id: digest.clone(),
        digest,
        size,
    };
    let codec = codec(blob)?;
    let passed = pass(
        blob,
        codec,
        &claim,
        Indexer::new(claim.digest.clone()),
        None,
    )?;
    passed.indexer.finish()?;
    claim.diff_id = passed.diff_id;
    Ok((claim, codec))
}

/// Tells how a blob is compressed.
pub(super) fn codec(blob: &Blob) -> Result<Codec> {
    let mut head = [0; 4];
    let known = blob.len().min(4);
    blob.read_exact_at(&mut head[..usize::try_from(known).unwrap_or(4)], 0)?;
    Ok(Codec::of(&head))
}

/// Spills the inflated bytes of what is not plain when there is a `spool`.
fn scan(
    blob: &Blob,
    claim: &Claim,
    indexer: Indexer,
    spool: Option<&Spool>,
) -> Result<(Indexed, Option<Blob>)> {
    check_size(blob, claim)?;
    let codec = codec(blob)?;
    let passed =
        pass(blob, codec, claim, indexer, spool).map_err(|error| worse(blob, claim, error))?;
    check_digests(claim, &passed.digest, Some(&passed.diff_id))?;
    let (entries, warnings) = passed.indexer.finish()?;
    let indexed = Indexed {
        codec,
        blocks: passed.blocks,
        frames: passed.frames,
        entries,
        inflated: passed.inflated,
        warnings,
    };
    Ok((indexed, passed.spilled))
}

pub(super) fn check_size(blob: &Blob, claim: &Claim) -> Result<()> {
    let (size, said) = (blob.len(), claim.size);
    if size == said {
        return Ok(());
    }
    Err(Error::Blob {
        digest: claim.digest.to_string(),
        fault: format!("has {size} bytes, its descriptor says {said}"),
    })
}

/// Checks both digests; that of a plain blob is its diff ID too.
pub(super) fn check_digests(
    claim: &Claim,
    digest: &Digest,
    diff_id: Option<&Digest>,
) -> Result<()> {
    if *digest != claim.digest {
        return Err(wrong_digest(claim, digest));
    }
    let (found, said) = (diff_id.unwrap_or(digest), &claim.diff_id);
    if found == said {
        return Ok(());
    }
    Err(Error::Blob {
        digest: claim.digest.to_string(),
        fault: format!("inflates to `{found}`, the config says diff ID `{said}`"),
    })
}

/// A damaged blob fails in many ways; that its digest is wrong is the one to tell.
pub(super) fn worse(blob: &Blob, claim: &Claim, error: Error) -> Error {
    match blob.hash().map(|(digest, _)| digest) {
        Ok(digest) if digest != claim.digest => wrong_digest(claim, &digest),
        _ => error,
    }
}

fn wrong_digest(claim: &Claim, found: &Digest) -> Error {
    Error::Blob {
        digest: claim.digest.to_string(),
        fault: format!("its content has digest `{found}`"),
    }
}

/// What one pass over a blob finds.
struct Passed {
    digest: Digest,
    diff_id: Digest,
    blocks: BlockIndex,
    frames: Frames,
    inflated: u64,
    indexer: Indexer,
    spilled: Option<Blob>,
}

fn pass(
    blob: &Blob,
    codec: Codec,
    claim: &Claim,
    indexer: Indexer,
    spool: Option<&Spool>,
) -> Result<Passed> {
    let mut taken = Taken {
        indexer,
        spill: None,
    };
    if codec == Codec::Plain {
        return pass_plain(blob, taken, claim);
    }
    taken.spill = spool.map(Spill::new).transpose()?;
    let Inflated {
        digest,
        diff_id,
        len,
        blocks,
        frames,
    } = inflate(blob, codec, claim, |chunk| taken.take(chunk))?;
    let spilled = taken.spill.map(|spill| spill.finish(blob, codec, claim));
    Ok(Passed {
        digest,
        diff_id,
        blocks,
        frames,
        inflated: len,
        indexer: taken.indexer,
        spilled: spilled.transpose()?,
    })
}

/// A plain blob is its own inflated layer: one digest is both.
fn pass_plain(blob: &Blob, mut taken: Taken<'_>, claim: &Claim) -> Result<Passed> {
    let mut hasher = Hasher::default();
    let mut reader = blob.reader(0);
    let mut chunk = Pages::new(CHUNK);
    loop {
        let read = reader.read(&mut chunk).map_err(|error| Error::Blob {
            digest: claim.digest.to_string(),
            fault: format!("cannot be read: {error}"),
        })?;
        if read == 0 {
            break;
        }
        hasher.update(&chunk[..read]);
        taken.take(&chunk[..read])?;
    }
    let (digest, inflated) = hasher.finish();
    Ok(Passed {
        diff_id: digest.clone(),
        digest,
        blocks: BlockIndex::default(),
        frames: Frames::default(),
        inflated,
        indexer: taken.indexer,
        spilled: None,
    })
}

/// The taking end: index, spill.
struct Taken<'a> {
    indexer: Indexer,
    spill: Option<Spill<'a>>,
}

impl Taken<'_> {
    fn take(&mut self, chunk: &[u8]) -> Result<()> {
        self.indexer.feed(chunk)?;
        match &mut self.spill {
            Some(spill) => spill.take(chunk, self.indexer.entries()),
            None => Ok(()),
        }
    }
}
