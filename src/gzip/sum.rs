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

    /// Somebody else hashes the stream: nothing in the buffer is to be hashed.
    pub(super) fn elsewhere() -> Self {
        Self::new(usize::MAX / 2)
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
    pub(super) fn finish(self, buffer: &[u8], end: usize) -> Digest {
        self.leave(buffer, end).finish()
    }

    /// Leaves the buffer after the bytes before `end`.
    pub(super) fn leave(mut self, buffer: &[u8], end: usize) -> Rest {
        self.catch_up(buffer, end);
        let mut rest = Rest {
            state: self.state,
            open: [0; BLOCK],
            len: self.before + (self.at - self.from) as u64,
        };
        rest.update(&buffer[self.at..end]);
        rest
    }
}

/// A sum that goes on without the buffer in which it began.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    state: [u32; 8],
    /// The bytes of the block that is not full yet.
    open: [u8; BLOCK],
    len: u64,
}

impl Rest {
    /// The number of bytes that it is the sum of.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Adds the next bytes.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        let open = self.open_len();
        self.len += bytes.len() as u64;
        if open > 0 {
            let n = bytes.len().min(BLOCK - open);
            self.open[open..open + n].copy_from_slice(&bytes[..n]);
            bytes = &bytes[n..];
            if open + n < BLOCK {
                return;
            }
            compress256(&mut self.state, &[self.open]);
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        compress256(&mut self.state, blocks);
        self.open[..rest.len()].copy_from_slice(rest);
    }

    fn open_len(&self) -> usize {
        usize::try_from(self.len % BLOCK as u64).expect("less than a block")
    }

    /// The sum of all bytes.
    pub(crate) fn finish(mut self) -> Digest {
        let open = self.open_len();
        let mut padded = [0; 2 * BLOCK];
        padded[..open].copy_from_slice(&self.open[..open]);
        padded[open] = 0x80;
        // The length in bits takes the last eight bytes of a block.
        let padded_len = (open + 9).next_multiple_of(BLOCK);
        padded[padded_len - 8..padded_len].copy_from_slice(&(8 * self.len).to_be_bytes());
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

    #[test]
    fn it_goes_on_without_the_buffer() {
        let stream: Vec<u8> = (0..=250).cycle().take(1000).collect();
        for left in [0, 1, 63, 64, 65, 200, 1000] {
            for step in [1, 62, 63, 64, 65, 300] {
                let mut buffer = b"before".to_vec();
                buffer.extend_from_slice(&stream[..left]);
                let sum = Sum::new(6);
                let mut rest = sum.leave(&buffer, buffer.len());
                assert_eq!(rest.len(), left as u64);
                for part in stream[left..].chunks(step) {
                    rest.update(part);
                }
                assert_eq!(rest.len(), 1000);
                assert_eq!(rest.finish(), Digest::of(&stream), "{left} {step}");
            }
        }
    }
}
