//! Reads a new layer back while it is written: what stands in its file so far is inflated, gzip by another library than the
//! one that splices, and compared with the bytes of the source that it is made of.
//!
//! So the inflated bytes are hashed once: of zstd as they come out of the file, of gzip, which two threads read back in no
//! order, as they are expected. The digest of what is stored is the writer's: it hashes what it gives to the file.

use std::fs::File;
use std::io::BufReader;
use std::os::unix::fs::MetadataExt as _;
use std::thread;

use flate2::Crc;
use zstd::zstd_safe::DCtx;

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::layer::{CHUNK, Codec, Layer, Sink, relay};
use crate::pages::Pages;
use crate::source::Blob;
use crate::write::{Growing, Pairing, Run, Seeing, Seen};

use super::expected::{Comparing, Expected, fault};
use super::readback::{Promise, inflater};
use super::segments;

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

/// Follows the writer of a layer of `runs` in `codec`; where it is gzip, with so many readers.
///
/// # Errors
/// [`Error::Proof`] when the file does not inflate to them.
pub(super) fn follow(
    growing: Growing<'_>,
    codec: Codec,
    layers: &[Layer],
    runs: &[Run],
    readers: usize,
    context: &mut DCtx<'static>,
    pairing: &Pairing,
) -> Result<(Seen, Followed)> {
    let expected = Expected::new(layers, runs);
    let seen = match codec {
        Codec::Gzip => follow_gzip(growing, &expected, readers, pairing)?,
        _ => follow_stream(growing, codec, &expected, context)?,
    };
    let file = growing.file().try_clone().map_err(unread)?;
    let followed = Followed {
        file,
        codec,
        diff_id: seen.diff_id.clone(),
        inflated: seen.inflated,
    };
    Ok((seen, followed))
}

/// Hashes the content as it is expected on one thread while others compare the file with it.
fn follow_gzip(
    growing: Growing<'_>,
    expected: &Expected<'_>,
    readers: usize,
    pairing: &Pairing,
) -> Result<Seen> {
    thread::scope(|scope| {
        let seeing = scope.spawn(|| see(expected, Seeing::paired(pairing, expected.len())));
        let busy = pairing.busy();
        let checked = segments::check(growing, expected, readers);
        drop(busy);
        let seen = seeing.join();
        let seen = seen.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        checked?;
        let (seen, crc) = seen?;
        segments::check_rims(growing, expected, crc)?;
        Ok(seen)
    })
}

/// Hashes the content as it is expected; returns its CRC-32 too.
fn see(expected: &Expected<'_>, mut seeing: Seeing<'_>) -> Result<(Seen, u32)> {
    let mut crc = Crc::new();
    let mut chunk = Pages::new(CHUNK);
    for at in (0..expected.len()).step_by(CHUNK) {
        let left = usize::try_from(expected.len() - at).unwrap_or(CHUNK);
        let len = left.min(CHUNK);
        expected.read(at, &mut chunk[..len])?;
        seeing.take_lent(&mut chunk, len)?;
        crc.update(&chunk[..len]);
    }
    Ok((seeing.finish()?, crc.sum()))
}

/// Compares and hashes what comes out of the file.
fn follow_stream(
    growing: Growing<'_>,
    codec: Codec,
    expected: &Expected<'_>,
    context: &mut DCtx<'static>,
) -> Result<Seen> {
    let mut seeing = Seeing::default();
    let mut comparing = Comparing::new(expected);
    relay(
        |sink| inflate(growing, codec, context, sink),
        |chunk| {
            comparing.check(chunk)?;
            seeing.take(chunk)
        },
    )?;
    comparing.end()?;
    seeing.finish()
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

pub(super) fn unread(error: std::io::Error) -> Error {
    fault(&format!("it does not inflate: {error}"))
}
