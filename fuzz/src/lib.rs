//! What the fuzz targets share: zlib as the judge.

use flate2::{Decompress, FlushDecompress, Status};
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

/// Inflates with the program, no more than zlib may.
pub fn inflate(gzip: &[u8]) -> Result<(BlockIndex, Vec<u8>), InflateError<()>> {
    let mut content = Vec::new();
    let index = gzip::inflate(gzip, |bytes| {
        content.extend_from_slice(bytes);
        if content.len() > MOST {
            Err(())
        } else {
            Ok(())
        }
    })?;
    Ok((index, content))
}
