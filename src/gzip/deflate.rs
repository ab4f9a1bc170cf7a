//! Compresses a stretch of the new stream anew, and proves it by inflating what came out.
//!
//! A stretch depends on nothing but its bytes and the 32 KiB before them, so stretches are
//! compressed in any order, and the bytes made are the same on any machine.

use std::ops::Range;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::content::Content;
use super::index::BlockIndex;
use super::inflate::Inflater;
use super::members::blocks;
use super::source::Unread;
use super::window::{Each, REACH};
use crate::error::{Error, Result};

/// Raw deflate made anew and the index of its blocks.
pub(super) struct Deflated {
    pub bytes: Vec<u8>,
    pub index: BlockIndex,
}

/// Compresses `range` of the new stream; references reach into the bytes before it.
pub(super) fn deflate(content: &Content<'_>, range: Range<u64>, level: u32) -> Result<Deflated> {
    let before = range.start.min(REACH as u64);
    let bytes = content.read(range.start - before..range.end)?;
    let (dictionary, fresh) = bytes.split_at(usize::try_from(before).expect("32 KiB at most"));
    let bytes = compress(dictionary, fresh, level).ok_or_else(|| defect("zlib refused it"))?;
    let mut index = BlockIndex::default();
    let mut inflater = Inflater::new(&bytes[..], dictionary);
    match blocks(&mut inflater, &mut index, &mut Each::new(|_: &[u8]| Ok(()))) {
        Ok(crc) if crc == crc32fast::hash(fresh) && index.inflated_len() == fresh.len() as u64 => {
            Ok(Deflated { bytes, index })
        }
        Ok(_) => Err(defect("it inflates to other bytes")),
        Err(Unread::Fault(fault)) => Err(defect(fault)),
        Err(Unread::Read(error)) => Err(defect(&error.to_string())),
    }
}

fn defect(fault: &str) -> Error {
    Error::Proof {
        path: "a deflate block made anew".into(),
        fault: fault.into(),
    }
}

/// Compresses in one call: what zlib makes depends on how its input is cut. And with tables of its own: after a reset,
/// zlib-rs makes other bytes of a stretch with a dictionary (at level 6 of 12 in 150), and the digest would depend on which
/// thread had which stretch before.
fn compress(dictionary: &[u8], fresh: &[u8], level: u32) -> Option<Vec<u8>> {
    let mut compress = Compress::new(Compression::new(level.min(9)), false);
    if !dictionary.is_empty() {
        compress.set_dictionary(dictionary).ok()?;
    }
    // Level 1 writes noise with the fixed code, nine bits a byte.
    let mut bytes = Vec::with_capacity(fresh.len() + fresh.len() / 4 + 1024);
    let status = compress
        .compress_vec(fresh, &mut bytes, FlushCompress::Finish)
        .ok()?;
    (status == Status::StreamEnd).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gzip::Run;

    #[test]
    fn every_level_fits_and_is_proven() {
        let noise: Vec<u8> = (0..200_000_u32)
            .map(|at| u8::try_from(at.wrapping_mul(2_654_435_761) >> 24).expect("eight bits"))
            .collect();
        let mut random = noise.clone();
        let mut state = 1_u32;
        for byte in &mut random {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            *byte = state.to_le_bytes()[0];
        }
        for bytes in [&noise, &random, &vec![0; 200_000]] {
            let content = Content::new(vec![], &[Run::Made(bytes)]);
            for level in 0..=9 {
                for range in [
                    0..1,
                    0..131_072,
                    5..70_000,
                    68_928..200_000,
                    199_999..200_000,
                ] {
                    let len = range.end - range.start;
                    let deflated = deflate(&content, range, level).expect("it is proven");
                    assert_eq!(deflated.index.inflated_len(), len);
                }
            }
        }
    }
}
