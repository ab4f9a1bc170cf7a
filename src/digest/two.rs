//! SHA-256 (FIPS 180-4) of two streams at once: while one waits for its own last result, the other is hashed.
//!
//! Measured on AMD's Zen 3: 1.48 GB a second of one stream, 2.65 of two together.

use sha2::block_api::compress256;

use super::hasher::BLOCK;

/// A sum between two blocks and the blocks that come next.
pub(crate) type Part<'a> = (&'a mut [u32; 8], &'a [[u8; BLOCK]]);

/// Blocks of two streams, the same number of each.
pub(crate) struct Two<'a>([Part<'a>; 2]);

impl<'a> Two<'a> {
    /// Takes as many blocks of one as of the other, and tells how many.
    pub(crate) fn of((first, blocks): Part<'a>, (second, others): Part<'a>) -> (Self, usize) {
        let both = blocks.len().min(others.len());
        let two = Self([(first, &blocks[..both]), (second, &others[..both])]);
        (two, both)
    }

    /// Hashes all blocks of one after all of the other, as every processor can.
    pub(crate) fn hash_apart(self) {
        for (state, blocks) in self.0 {
            compress256(state, blocks);
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Two<'_> {
    /// Hashes all blocks.
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    pub(crate) fn hash(self) {
        use super::sha::State;

        let [(first, blocks), (second, others)] = self.0;
        let (mut one, mut other) = (State::new(first), State::new(second));
        for (block, of_other) in blocks.iter().zip(others) {
            let (mut one_quarters, mut other_quarters) = (one.begin(block), other.begin(of_other));
            macro_rules! quarter {
                ($number:literal) => {
                    for four in 0..4 {
                        one_quarters.four::<$number>(four);
                        other_quarters.four::<$number>(four);
                    }
                };
            }
            quarter!(0);
            quarter!(1);
            quarter!(2);
            quarter!(3);
            one.end(one_quarters);
            other.end(other_quarters);
        }
        (*first, *second) = (one.words(), other.words());
    }
}
