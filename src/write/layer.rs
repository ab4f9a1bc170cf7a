//! Writes one layer: its runs are read back from the inflated source layers, hashed and indexed for the proof on one
//! thread, and encoded on another.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::digest::{Digest, Hasher};
use crate::error::{Error, Result};
use crate::layer::{CHUNK, Codec, Entries, Indexer, Layer, Sink, relay};

use super::content::Run;
use super::encode::Encoding;
use super::{How, Output, Written};

/// Writes a layer of these runs into `file`, which was opened as `path`, and returns what it came to.
pub(super) fn write_layer(
    layers: &[Layer],
    from: &[usize],
    runs: Vec<Run>,
    encoding: Encoding,
    file: &File,
    path: &Path,
) -> Result<Output> {
    let mut out = Hashed {
        inner: file,
        hasher: Hasher::default(),
    };
    let failed = |source| Error::Write {
        path: path.to_owned(),
        source,
    };
    let (seen, how) = match encoding.codec {
        Codec::Plain => {
            let seen = relay(
                |sink| read(layers, &runs, sink),
                |chunk| out.write_all(chunk).map_err(failed),
            )?;
            (seen, How::Compressed)
        }
        Codec::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(
                &mut out,
                flate2::Compression::new(encoding.level.cast_unsigned()),
            );
            let seen = relay(
                |sink| read(layers, &runs, sink),
                |chunk| encoder.write_all(chunk).map_err(failed),
            )?;
            encoder.finish().map_err(failed)?;
            (seen, How::Compressed)
        }
        Codec::Zstd => {
            let mut encoder = zstd::Encoder::new(&mut out, encoding.level).map_err(failed)?;
            encoder.multithread(1).map_err(failed)?;
            let seen = relay(
                |sink| read(layers, &runs, sink),
                |chunk| encoder.write_all(chunk).map_err(failed),
            )?;
            encoder.finish().map_err(failed)?;
            (seen, How::Compressed)
        }
    };
    let (digest, size) = out.hasher.finish();
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
        written,
        file: None,
    })
}

/// What the reading end saw.
struct Seen {
    diff_id: Digest,
    inflated: u64,
    entries: Entries,
}

/// Reads the runs in order, hashes and indexes them, and hands them on.
fn read(layers: &[Layer], runs: &[Run], sink: &mut Sink) -> Result<Seen> {
    let mut hasher = Hasher::default();
    // The digest is for messages only, and the layer has none yet.
    let mut indexer = Indexer::new(Digest::of(b""));
    let mut chunk = vec![0; CHUNK];
    let mut see = |bytes: &[u8], sink: &mut Sink| -> Result<bool> {
        hasher.update(bytes);
        indexer.feed(bytes)?;
        Ok(sink.put(bytes))
    };
    for run in runs {
        match run {
            Run::Made(bytes) => {
                see(bytes, sink)?;
            }
            Run::Copy { layer, range } => {
                let mut at = range.start;
                while at < range.end {
                    let n = usize::try_from(range.end - at).unwrap_or(CHUNK).min(CHUNK);
                    layers[*layer].inflated.read_exact_at(&mut chunk[..n], at)?;
                    see(&chunk[..n], sink)?;
                    at += n as u64;
                }
            }
        }
    }
    let (diff_id, inflated) = hasher.finish();
    let (entries, _) = indexer.finish()?;
    Ok(Seen {
        diff_id,
        inflated,
        entries,
    })
}

/// Hashes what is written through it.
struct Hashed<'a> {
    inner: &'a File,
    hasher: Hasher,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
