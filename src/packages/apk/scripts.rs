//! `scripts.tar`: the scripts of installed packages, plain or, since apk 3, compressed with gzip.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::layer::{BLOCK, Indexer};

/// The largest archive of scripts that is read; real ones are below 1 MB.
const SCRIPTS_MAX: u64 = 64 << 20;

/// Returns the archive without the members whose names start with one of `prefixes`; `None` when none does.
///
/// # Errors
/// When it is no archive, or too large for one of scripts.
pub(crate) fn without(archive: &[u8], prefixes: &[Vec<u8>]) -> Result<Option<Vec<u8>>> {
    if !archive.starts_with(&[0x1f, 0x8b]) {
        return without_members(archive, prefixes);
    }
    let mut plain = Vec::new();
    let mut decoder = MultiGzDecoder::new(archive).take(SCRIPTS_MAX + 1);
    let read = decoder.read_to_end(&mut plain);
    if read.is_err() || plain.len() as u64 > SCRIPTS_MAX {
        return Err(Error::Database {
            path: "scripts.tar.gz".into(),
            fault: "no archive of scripts".into(),
        });
    }
    let Some(kept) = without_members(&plain, prefixes)? else {
        return Ok(None);
    };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(&kept).and_then(|()| encoder.finish());
    Ok(Some(written.expect("memory takes all that is written")))
}

fn without_members(archive: &[u8], prefixes: &[Vec<u8>]) -> Result<Option<Vec<u8>>> {
    let mut indexer = Indexer::new(Digest::of(archive));
    indexer.feed(archive)?;
    let (entries, _) = indexer.finish()?;
    let mut kept = Vec::with_capacity(archive.len());
    let mut count = 0;
    for entry in entries.list() {
        let name = entries.path(entry);
        if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        let place = |at| usize::try_from(at).unwrap_or(usize::MAX).min(archive.len());
        let span = entry.span();
        kept.extend_from_slice(&archive[place(span.start)..place(span.end)]);
        // The last entry may lack its padding.
        kept.resize(kept.len().next_multiple_of(BLOCK), 0);
        count += 1;
    }
    kept.extend_from_slice(&[0; 2 * BLOCK]);
    Ok((count < entries.list().len()).then_some(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_archives_stay_compressed() {
        let mut builder = tar::Builder::new(Vec::new());
        for name in ["a-1.Q1=.post-install", "b-1.Q2=.post-install"] {
            let mut header = tar::Header::new_ustar();
            header.set_size(1);
            builder.append_data(&mut header, name, &b"x"[..]).unwrap();
        }
        let plain = builder.into_inner().unwrap();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&plain).unwrap();
        let packed = encoder.finish().unwrap();
        let after = without(&packed, &[b"a-1.Q1=.".to_vec()]).unwrap().unwrap();
        let mut unpacked = Vec::new();
        MultiGzDecoder::new(&after[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(
            unpacked,
            without(&plain, &[b"a-1.Q1=.".to_vec()]).unwrap().unwrap()
        );
        // The padding of the last one and the two zero blocks.
        let unpadded = &plain[..plain.len() - 511 - 2 * BLOCK];
        let after_unpadded = without(unpadded, &[b"a-1.Q1=.".to_vec()]).unwrap();
        assert_eq!(after_unpadded, Some(unpacked));
        assert_eq!(without(&packed, &[b"c-".to_vec()]).unwrap(), None);
        assert!(without(&packed[..20], &[]).is_err());
    }
}
