//! Small layers for tests.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::digest::Digest;
use crate::source::Blob;

use super::{Claim, Layer, Spool};

/// A tar of files with these paths and contents.
pub(crate) fn archive<'a>(files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        archive
            .append_data(&mut header, path, &content[..])
            .unwrap();
    }
    archive.into_inner().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A blob as an image lists it, which inflates to `inflated`.
pub(crate) fn claim(blob: &[u8], inflated: &[u8]) -> Claim {
    Claim {
        digest: Digest::of(blob),
        size: blob.len() as u64,
        diff_id: Digest::of(inflated),
    }
}

/// Scans a gzip layer of these bytes, whose blob is written to `path`.
pub(crate) fn scanned(bytes: &[u8], path: &Path, spool: &Spool) -> Layer {
    let packed = gzip(bytes);
    std::fs::write(path, &packed).unwrap();
    let blob = Blob::whole(File::open(path).unwrap(), path.to_owned()).unwrap();
    Layer::scan(blob, claim(&packed, bytes), spool).unwrap()
}
