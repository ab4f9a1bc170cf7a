//! SHA-256 of a stream that slides through a buffer: its blocks of 64 bytes are hashed where they lie.
//!
//! It may fall behind what the buffer holds: `beside.rs` hashes while it inflates, and [`Sum::catch_up`] does the rest.

use sha2::block_api::compress256;

use super::beside::hash_two;
use crate::digest::{BLOCK, Digest, Hasher, START, Two};

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
        let blocks = self.waiting(&buffer[..end]);
        compress256(&mut self.state, blocks);
        self.at += blocks.len() * BLOCK;
    }

    /// Hashes blocks that two streams have in their buffers, as many of one as of the other.
    pub(super) fn catch_up_both(
        (one, bytes): (&mut Self, &[u8]),
        (other, others): (&mut Self, &[u8]),
    ) {
        let (blocks, other_blocks) = (one.waiting(bytes), other.waiting(others));
        let (two, both) = Two::of((&mut one.state, blocks), (&mut other.state, other_blocks));
        hash_two(two);
        one.at += both * BLOCK;
        other.at += both * BLOCK;
    }

    /// The blocks of these bytes that are not hashed.
    fn waiting<'a>(&self, bytes: &'a [u8]) -> &'a [[u8; BLOCK]] {
        bytes.get(self.at..).unwrap_or_default().as_chunks().0
    }

    /// What lay in the buffer lies `by` bytes further to its start now.
    pub(super) fn slide(&mut self, by: usize) {
        self.before += (self.at - self.from) as u64;
        self.at -= by;
        self.from = self.at;
    }

    /// Returns the sum of all bytes before `end`, with which the stream ends.
    pub(super) fn finish(self, buffer: &[u8], end: usize) -> Digest {
        self.leave(buffer, end).finish().0
    }

    /// Leaves the buffer after the bytes before `end`: the sum goes on without it.
    pub(super) fn leave(mut self, buffer: &[u8], end: usize) -> Hasher {
        self.catch_up(buffer, end);
        let mut hasher = Hasher::after(self.state, self.before + (self.at - self.from) as u64);
        hasher.update(&buffer[self.at..end]);
        hasher
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
            let mut buffer = b"before".to_vec();
            buffer.extend_from_slice(&stream[..left]);
            let sum = Sum::new(6);
            let mut hasher = sum.leave(&buffer, buffer.len());
            assert_eq!(hasher.len(), left as u64);
            hasher.update(&stream[left..]);
            assert_eq!(hasher.finish(), (Digest::of(&stream), 1000), "{left}");
        }
    }

    #[test]
    fn two_sums_catch_up_with_each_other() {
        let stream: Vec<u8> = (0..=250).cycle().take(1000).collect();
        for (one_end, other_end) in [(1000, 1000), (1000, 70), (100, 900), (63, 64)] {
            let (mut one, mut other) = (Sum::new(0), Sum::new(5));
            let bytes = (&stream[..one_end], &stream[..other_end]);
            Sum::catch_up_both((&mut one, bytes.0), (&mut other, bytes.1));
            let blocks = one_end.min(other_end - 5) / BLOCK;
            assert_eq!((one.at, other.at), (blocks * BLOCK, 5 + blocks * BLOCK));
            assert_eq!(one.finish(bytes.0, one_end), Digest::of(bytes.0));
            assert_eq!(other.finish(bytes.1, other_end), Digest::of(&bytes.1[5..]));
            let mut elsewhere = Sum::elsewhere();
            let mut again = Sum::new(0);
            Sum::catch_up_both((&mut again, bytes.0), (&mut elsewhere, bytes.1));
            assert_eq!(again.at, 0, "there is nothing to hash it with");
        }
    }
}
