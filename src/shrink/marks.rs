//! Reads the marks of files by which those are found that are alike ([`Marks`]).

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::error::Result;
use crate::layer::{CHUNK, Kind, Layer};
use crate::plan::Marks;
use crate::rules::Decisions;
use crate::tree::{EntryRef, Tree};

/// The stretch that a mark is made of, in bytes.
const STRETCH: usize = 32;
/// Stretches that begin with one of these are looked at, about one in 85: in words, in numbers and in programs there are some.
const FIRST: [u8; 3] = [b'k', b'7', 0xc7];
const ONE_IN: u64 = 85;
/// About so many marks at most, or an image of many gigabytes would take much memory.
const MOST: u64 = 1 << 19;
/// Of files above so many bytes every other chunk is read: they have stretches enough.
const LARGE: u64 = 2 << 20;
/// Of the stretches looked at, one in 2 to the power of this is picked by all its bytes, so that a file of one word again and
/// again has few marks.
const SELDOM: u32 = 16;

/// Marks all files that stay.
///
/// # Errors
/// When a layer cannot be read back.
pub(super) fn marks(layers: &[Layer], tree: &Tree, decisions: &Decisions) -> Result<Marks> {
    let stay = tree.walk().filter(|&node| {
        let is_plain = |at| !tree.entry(at).sparse;
        decisions.removed(node).is_none()
            && tree.kind(node) == Kind::File
            && tree.data(node).is_some_and(is_plain)
    });
    // In the order of the layers, so that they are read from front to back.
    let files: BTreeSet<EntryRef> = stay.filter_map(|node| tree.data(node)).collect();
    let bytes: u64 = files.iter().map(|&at| tree.entry(at).size).sum();
    let seldom = (bytes / MOST / ONE_IN).max(1).ilog2().min(SELDOM);
    let read = |at: EntryRef| {
        let layer = &layers[usize::from(at.layer)];
        let entry = tree.entry(at);
        let mut marks = Vec::new();
        let mut chunk = vec![0; CHUNK.min(usize::try_from(entry.size).unwrap_or(CHUNK))];
        let end = entry.data + entry.size;
        let skipped = if entry.size > LARGE { CHUNK as u64 } else { 0 };
        let mut from = entry.data;
        while from + STRETCH as u64 <= end {
            let n = usize::try_from(end - from).unwrap_or(CHUNK).min(CHUNK);
            layer.inflated.read_exact_at(&mut chunk[..n], from)?;
            mark(&chunk[..n], seldom, &mut marks);
            // The next chunk begins with the first stretch that was not whole.
            from += (n - STRETCH + 1) as u64 + skipped;
        }
        marks.sort_unstable();
        marks.dedup();
        Ok((at, marks))
    };
    let files: Vec<EntryRef> = files.into_iter().collect();
    let marked = files.into_par_iter().map(read);
    marked
        .filter(|marked| !matches!(marked, Ok((_, marks)) if marks.is_empty()))
        .collect()
}

/// Adds the marks of the stretches that are picked.
fn mark(bytes: &[u8], seldom: u32, marks: &mut Vec<u64>) {
    let places = (bytes.len() + 1).saturating_sub(STRETCH);
    let looked_at = memchr::memchr3_iter(FIRST[0], FIRST[1], FIRST[2], &bytes[..places]);
    let hashes = looked_at.map(|place| hash(&bytes[place..place + STRETCH]));
    marks.extend(hashes.filter(|hash| hash.leading_zeros() >= seldom));
}

fn hash(stretch: &[u8]) -> u64 {
    let words = stretch.chunks_exact(8);
    words.fold(0, |hash, word| {
        let word = u64::from_le_bytes(word.try_into().expect("eight bytes"));
        let mixed = (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed ^ mixed >> 29
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that look like chance, the same each time.
    fn noise(len: usize, seed: u64) -> Vec<u8> {
        let mut state = seed;
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005) + 1;
            (state >> 56) as u8
        };
        std::iter::repeat_with(next).take(len).collect()
    }

    fn marks_of(bytes: &[u8]) -> Vec<u64> {
        let mut marks = Vec::new();
        mark(bytes, 0, &mut marks);
        marks
    }

    #[test]
    fn marks_follow_what_they_are_made_of() {
        let bytes = noise(100_000, 1);
        let marks = marks_of(&bytes);
        // One in 85.
        assert!((1000..1400).contains(&marks.len()), "{}", marks.len());
        for shift in [1, 2, 31, 32, 33] {
            let moved = [&noise(shift, 2)[..], &bytes].concat();
            let moved = marks_of(&moved);
            assert!(marks.iter().all(|mark| moved.contains(mark)), "{shift}");
        }
        let other = marks_of(&noise(100_000, 3));
        assert!(!marks.iter().any(|mark| other.contains(mark)));
    }

    #[test]
    fn zeros_and_short_files_have_none() {
        assert!(marks_of(&[0; 10_000]).is_empty());
        assert!(marks_of(&noise(STRETCH - 1, 1)).is_empty());
        assert!(marks_of(&[]).is_empty());
    }
}
