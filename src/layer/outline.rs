//! Outlines a plain layer: its headers alone are read, so that work on what is in it can begin while it is verified.
//!
//! Compressed layers gain nothing by it; they are scanned.

use std::sync::Arc;

use crate::error::Result;
use crate::gzip::BlockIndex;
use crate::source::{Blob, Codec};

use super::entry::Entries;
use super::frames::Frames;
use super::index::Indexer;
use super::scan::{Claim, Layer, check_digests, check_size, codec, worse};
use super::spool::Spool;

/// So many bytes are read where only headers are wanted: those of an entry, and small files with them.
const HEADERS: usize = 8 << 10;

impl Layer {
    /// As [`Layer::scan`], but only the headers of a plain blob are read and it is not verified: nothing may be told of the
    /// layer until [`Layer::verify`] has been asked, which can be done beside other work.
    ///
    /// # Errors
    /// As [`Layer::scan`], but for the digest and the diff ID of a plain blob.
    pub fn outline(blob: Blob, claim: Claim, spool: &Spool) -> Result<Self> {
        check_size(&blob, &claim)?;
        let codec = codec(&blob)?;
        if codec != Codec::Plain {
            return Self::scan(blob, claim, spool);
        }
        let outlined = outline(&blob, Indexer::new(claim.digest.clone()));
        let (entries, warnings) = outlined.map_err(|error| worse(&blob, &claim, error))?;
        Ok(Self {
            claim,
            codec,
            inflated: blob.clone(),
            blob,
            blocks: BlockIndex::default(),
            frames: Frames::default(),
            entries: Arc::new(entries),
            warnings,
        })
    }

    /// Verifies a layer of [`Layer::outline`].
    ///
    /// # Errors
    /// When digest or diff ID are not what they must be.
    pub fn verify(&self) -> Result<()> {
        match self.codec {
            Codec::Plain => check_digests(&self.claim, &self.blob.hash()?.0, None),
            _ => Ok(()),
        }
    }
}

/// Indexes a plain blob; content is passed over unread.
fn outline(blob: &Blob, mut indexer: Indexer) -> Result<(Entries, Vec<String>)> {
    let mut chunk = vec![0; HEADERS];
    let mut at = 0;
    while at < blob.len() {
        at += indexer.pass_over(blob.len() - at);
        let left = usize::try_from(blob.len() - at).unwrap_or(HEADERS);
        let chunk = &mut chunk[..left.min(HEADERS)];
        blob.read_exact_at(chunk, at)?;
        indexer.feed(chunk)?;
        at += chunk.len() as u64;
    }
    indexer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::layer::BLOCK;

    fn archive() -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        let long = "a/long/name".repeat(30);
        for (path, size) in [
            ("a", 0),
            ("b", 3),
            ("c", 100_000),
            (&long, 8192),
            ("d", 512),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_size(size);
            let content = vec![7; usize::try_from(size).unwrap()];
            archive
                .append_data(&mut header, path, &content[..])
                .unwrap();
        }
        let mut bytes = archive.into_inner().unwrap();
        bytes.extend([0; 40 * BLOCK]);
        bytes
    }

    /// What a blob's outline comes to, and its scan; it claims to be `said`.
    fn both(bytes: &[u8], said: &[u8]) -> [std::result::Result<Arc<Entries>, String>; 2] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("layer");
        std::fs::write(&path, bytes).unwrap();
        let spool = Spool::new(dir.path().to_owned());
        let claim = Claim {
            digest: Digest::of(said),
            size: bytes.len() as u64,
            diff_id: Digest::of(said),
        };
        let blob = Blob::whole(std::fs::File::open(&path).unwrap(), path.clone()).unwrap();
        let outlined = Layer::outline(blob.clone(), claim.clone(), &spool);
        let outlined = outlined.and_then(|layer| layer.verify().map(|()| layer));
        let scanned = Layer::scan(blob, claim, &spool);
        [outlined, scanned].map(|layer| {
            let entries = layer.map(|layer| layer.entries);
            entries.map_err(|fault| fault.to_string())
        })
    }

    #[test]
    fn an_outline_says_what_a_scan_says() {
        let whole = archive();
        let [outlined, scanned] = both(&whole, &whole);
        let (outlined, scanned) = (outlined.unwrap(), scanned.unwrap());
        assert_eq!(outlined.list().len(), 5);
        assert_eq!(format!("{outlined:?}"), format!("{scanned:?}"));
    }

    #[test]
    fn an_outline_is_refused_as_a_scan_is() {
        let whole = archive();
        let mut changed = whole.clone();
        changed[3 * BLOCK + 7000] ^= 1;
        let mut header = whole.clone();
        header[3 * BLOCK] ^= 1;
        let cut = &whole[..20 * BLOCK];
        for (bytes, said, fault) in [
            (&changed[..], &whole[..], "its content has digest"),
            (&header, &whole, "its content has digest"),
            (&header, &header, "checksum"),
            (cut, cut, "the layer ends inside it"),
        ] {
            let [outlined, scanned] = both(bytes, said);
            let outlined = outlined.unwrap_err();
            assert!(outlined.contains(fault), "{outlined}");
            assert_eq!(outlined, scanned.unwrap_err());
        }
    }
}
