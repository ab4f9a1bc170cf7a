//! SHA-256 (FIPS 180-4) of a stream that comes in pieces.

use sha2::block_api::compress256;

use super::Digest;
use super::two::Two;

/// So many bytes are hashed at a time.
pub(crate) const BLOCK: usize = 64;

/// What a sum starts with (FIPS 180-4, 5.3.3).
pub(crate) const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Hashes what is fed to it and counts the bytes.
///
/// Its state lies open, as that of `sha2` does not: it can go on with a sum that was begun elsewhere, and two can be hashed
/// at once.
#[derive(Clone, Debug)]
pub struct Hasher {
    state: [u32; 8],
    /// Begins with the bytes of the block that is not full yet.
    open: [u8; BLOCK],
    bytes: u64,
}

impl Default for Hasher {
    fn default() -> Self {
        Self::after(START, 0)
    }
}

impl Hasher {
    /// Goes on after whole blocks of so many bytes.
    pub(crate) fn after(state: [u32; 8], bytes: u64) -> Self {
        Self {
            state,
            open: [0; BLOCK],
            bytes,
        }
    }

    /// The number of bytes taken so far.
    pub(crate) fn len(&self) -> u64 {
        self.bytes
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let (blocks, rest) = self.fill(bytes).as_chunks::<BLOCK>();
        compress256(&mut self.state, blocks);
        self.open[..rest.len()].copy_from_slice(rest);
    }

    /// Takes the next bytes of two streams. Whole blocks of them are hashed by `hash`, as many of one as of the other.
    pub(crate) fn update_two(
        &mut self,
        bytes: &[u8],
        other: &mut Self,
        others: &[u8],
        hash: impl FnOnce(Two<'_>),
    ) {
        let (blocks, rest) = self.fill(bytes).as_chunks::<BLOCK>();
        let (other_blocks, other_rest) = other.fill(others).as_chunks::<BLOCK>();
        let (two, both) = Two::of((&mut self.state, blocks), (&mut other.state, other_blocks));
        hash(two);
        compress256(&mut self.state, &blocks[both..]);
        compress256(&mut other.state, &other_blocks[both..]);
        self.open[..rest.len()].copy_from_slice(rest);
        other.open[..other_rest.len()].copy_from_slice(other_rest);
    }

    /// Counts all the bytes, ends the open block with the first of them, if they are enough, and returns the others.
    fn fill<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let open = self.open_len();
        self.bytes += bytes.len() as u64;
        if open == 0 {
            return bytes;
        }
        let (first, rest) = bytes.split_at(bytes.len().min(BLOCK - open));
        self.open[open..open + first.len()].copy_from_slice(first);
        if open + first.len() == BLOCK {
            compress256(&mut self.state, &[self.open]);
        }
        rest
    }

    fn open_len(&self) -> usize {
        usize::try_from(self.bytes % BLOCK as u64).expect("less than a block")
    }

    /// Returns the digest of all bytes taken and their number.
    pub fn finish(mut self) -> (Digest, u64) {
        let open = self.open_len();
        let mut padded = [0; 2 * BLOCK];
        padded[..open].copy_from_slice(&self.open[..open]);
        padded[open] = 0x80;
        // The length in bits takes the last eight bytes of a block.
        let end = (open + 9).next_multiple_of(BLOCK);
        padded[end - 8..end].copy_from_slice(&(8 * self.bytes).to_be_bytes());
        let (blocks, _) = padded[..end].as_chunks::<BLOCK>();
        compress256(&mut self.state, blocks);
        let mut sum = [0; 32];
        let (words, _) = sum.as_chunks_mut::<4>();
        for (word, part) in words.iter_mut().zip(self.state) {
            *word = part.to_be_bytes();
        }
        (Digest::from_sha256(sum), self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(len: usize, first: u8) -> Vec<u8> {
        (0..=250).cycle().skip(first.into()).take(len).collect()
    }

    #[test]
    fn pieces_come_to_the_same_as_the_whole() {
        for len in (0..200).chain([1000, 3000]) {
            let stream = stream(len, 0);
            for step in [1, 55, 62, 63, 64, 65, 300] {
                let mut hasher = Hasher::default();
                for piece in stream.chunks(step) {
                    hasher.update(piece);
                }
                let expected = (Digest::of(&stream), len as u64);
                assert_eq!(hasher.finish(), expected, "{len} {step}");
            }
        }
    }

    #[test]
    fn two_come_to_the_same_as_each_alone() {
        for lens in [
            (0, 0),
            (1000, 0),
            (0, 70),
            (64, 64),
            (3000, 2000),
            (1, 3000),
        ] {
            let (first, second) = (stream(lens.0, 1), stream(lens.1, 9));
            for steps in [(1, 1), (64, 64), (63, 65), (300, 128), (1000, 7)] {
                let (mut one, mut other) = (Hasher::default(), Hasher::default());
                let mut pieces = first.chunks(steps.0);
                let mut others = second.chunks(steps.1);
                loop {
                    let both = (pieces.next(), others.next());
                    if both == (None, None) {
                        break;
                    }
                    let (piece, of_other) = (both.0.unwrap_or(b""), both.1.unwrap_or(b""));
                    one.update_two(piece, &mut other, of_other, |two| two.hash_apart());
                }
                assert_eq!(one.finish().0, Digest::of(&first), "{lens:?} {steps:?}");
                assert_eq!(other.finish().0, Digest::of(&second), "{lens:?} {steps:?}");
            }
        }
    }
}
