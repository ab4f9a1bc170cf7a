//! What the fuzz targets share: zlib as the judge.

use flate2::{Decompress, FlushDecompress, Status};
use oci_slim::digest::Digest;
use oci_slim::gzip::{self, BlockIndex, InflateError};

/// No more is inflated: a fuzzer finds bombs.
const MOST: usize = 4 << 20;

/// Inflates raw deflate with zlib; returns what it makes and how many bytes it took.
pub fn reference(deflate: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut content = Vec::with_capacity(MOST);
    let mut decompress = Decompress::new(false);
    let status = decompress.decompress_vec(deflate, &mut content, FlushDecompress::Finish);
    let len = usize::try_from(decompress.total_in()).ok()?;
    matches!(status, Ok(Status::StreamEnd)).then_some((content, len))
}

/// Wraps raw deflate in a gzip member.
pub fn gzip(deflate: &[u8], content: &[u8]) -> Vec<u8> {
    let crc = crc32fast::hash(content).to_le_bytes();
    let len = u32::try_from(content.len()).unwrap_or(0).to_le_bytes();
    [
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff],
        deflate,
        &crc,
        &len,
    ]
    .concat()
}

/// Inflates with the program's two inflaters, no more than zlib may; they must agree.
pub fn inflate(gzip: &[u8]) -> Result<(BlockIndex, Vec<u8>), InflateError<()>> {
    let (mut content, mut same) = (Vec::new(), Vec::new());
    let alone = gzip::inflate(gzip, |bytes| take(&mut content, bytes));
    let hashed = gzip::inflate_and_hash(gzip, |bytes| take(&mut same, bytes));
    assert!(same == content);
    match hashed {
        Ok(hashed) => {
            assert_eq!(hashed.stored, Digest::of(gzip));
            assert_eq!(hashed.content, Some(Digest::of(&content)));
            assert_eq!(&hashed.index, alone.as_ref().expect("both take it"));
        }
        Err(error) => {
            let same = alone.as_ref().expect_err("both refuse it");
            assert_eq!(same.to_string(), error.to_string());
        }
    }
    alone
        .map(|index| (index, content))
}

fn take(content: &mut Vec<u8>, bytes: &[u8]) -> Result<(), ()> {
    content.extend_from_slice(bytes);
    if content.len() > MOST { Err(()) } else { Ok(()) }
}
