//! SHA-256 of a stream that slides through a buffer: its blocks of 64 bytes are hashed where they lie.
//!
//! It may fall behind what the buffer holds: `beside.rs` hashes while it inflates, and [`Sum::catch_up`] does the rest.

use sha2::block_api::compress256;

use crate::digest::Digest;

pub(super) const BLOCK: usize = 64;

/// What a sum starts with (FIPS 180-4, 5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The sum of what went through a buffer.
#[derive(Clone, Debug)]
pub(super) struct Sum {
    pub state: [u32; 8],
    /// Where in the buffer the first byte lies that is not hashed.
    pub at: usize,
    /// How many bytes were hashed before the buffer slid last.
    before: u64,
    /// Where in the buffer the stream began or the hashing went on after it slid.
    from: usize,
}

impl Sum {
    /// The stream begins at this place of the buffer.
    pub(super) fn new(from: usize) -> Self {
        Self {
            state: START,
            at: from,
            before: 0,
            from,
        }
    }

    /// Hashes the whole blocks before `end`.
    pub(super) fn catch_up(&mut self, buffer: &[u8], end: usize) {
        if self.at < end {
            let (blocks, _) = buffer[self.at..end].as_chunks::<BLOCK>();
            compress256(&mut self.state, blocks);
            self.at += blocks.len() * BLOCK;
        }
    }

    /// What lay in the buffer lies `by` bytes further to its start now.
    pub(super) fn slide(&mut self, by: usize) {
        self.before += (self.at - self.from) as u64;
        self.at -= by;
        self.from = self.at;
    }

    /// Returns the sum of all bytes before `end`, with which the stream ends.
    pub(super) fn finish(mut self, buffer: &[u8], end: usize) -> Digest {
        self.catch_up(buffer, end);
        let rest = &buffer[self.at..end];
        let len = self.before + (end - self.from) as u64;
        let mut padded = [0; 2 * BLOCK];
        padded[..rest.len()].copy_from_slice(rest);
        padded[rest.len()] = 0x80;
        // The length in bits takes the last eight bytes of a block.
        let padded_len = (rest.len() + 9).next_multiple_of(BLOCK);
        padded[padded_len - 8..padded_len].copy_from_slice(&(8 * len).to_be_bytes());
        let (blocks, _) = padded[..padded_len].as_chunks::<BLOCK>();
        compress256(&mut self.state, blocks);
        let mut sum = [0; 32];
        let (words, _) = sum.as_chunks_mut::<4>();
        for (word, part) in words.iter_mut().zip(self.state) {
            *word = part.to_be_bytes();
        }
        Digest::from_sha256(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_all_that_went_through() {
        let stream: Vec<u8> = (0..=250).cycle().take(3000).collect();
        for len in (0..200).chain([1000, 3000]) {
            let mut buffer = vec![1; 10];
            let mut sum = Sum::new(10);
            for (number, part) in stream[..len].chunks(130).enumerate() {
                buffer.extend_from_slice(part);
                let end = buffer.len();
                sum.catch_up(&buffer, end - end % (number + 1));
                if number % 3 == 1 {
                    let by = sum.at - number;
                    buffer.drain(..by);
                    sum.slide(by);
                }
            }
            let end = buffer.len();
            buffer.push(9);
            assert_eq!(
                sum.finish(&buffer, end),
                Digest::of(&stream[..len]),
                "{len}"
            );
        }
    }
}
