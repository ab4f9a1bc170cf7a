//! The inflated bytes that references can still reach or the sink has not had yet.
//!
//! It knows nothing of compressed bits.

use crc32fast::Hasher;

/// A reference reaches back so far at most (RFC 1951, 3.2.5).
pub(super) const REACH: usize = 32 << 10;
/// A mask that no place in the window goes beyond.
pub(super) const PLACES: usize = (1 << 18) - 1;
/// The window is full when its next place lies beyond this one: a round of the decoder writes two
/// literals and 258 bytes at most.
pub(super) const FULL: usize = PLACES - 300;
/// The bytes of the window and as many as a copy may overshoot.
pub(super) type Bytes = [u8; PLACES + 1 + 16];

/// A buffer that slides along the inflated bytes.
pub(super) struct Window {
    pub bytes: Box<Bytes>,
    /// Where the next byte goes.
    pub at: usize,
    /// References reach no further back than here: the member starts here, or the buffer does.
    pub base: usize,
    flushed: usize,
    hashed: usize,
    hasher: Hasher,
    /// How far the buffer has slid.
    slid: u64,
    block_start: u64,
    reach: u64,
}

/// What a block made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Made {
    pub len: u64,
    pub crc: u32,
    /// How many bytes before its own its references reached.
    pub reach: u16,
}

impl Window {
    /// References may reach into `dictionary`, which has 32 KiB at most.
    pub(super) fn new(dictionary: &[u8]) -> Self {
        let bytes = vec![0; PLACES + 17].into_boxed_slice();
        let mut bytes: Box<Bytes> = bytes.try_into().expect("the length is the same");
        let at = dictionary.len();
        bytes[..at].copy_from_slice(dictionary);
        Self {
            bytes,
            at,
            base: 0,
            flushed: at,
            hashed: at,
            hasher: Hasher::new(),
            slid: 0,
            block_start: at as u64,
            reach: 0,
        }
    }

    /// Makes room when the window is full: the sink gets what it has not had.
    pub(super) fn make_room<E>(
        &mut self,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.at <= FULL {
            return Ok(());
        }
        self.flush(sink)?;
        let dropped = self.at - REACH;
        self.bytes.copy_within(dropped..self.at, 0);
        self.base = self.base.saturating_sub(dropped);
        self.slid += dropped as u64;
        (self.at, self.flushed, self.hashed) = (REACH, REACH, REACH);
        Ok(())
    }

    /// Gives the sink what it has not had.
    pub(super) fn flush<E>(
        &mut self,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.hash();
        let fresh = &self.bytes[self.flushed..self.at];
        self.flushed = self.at;
        if fresh.is_empty() {
            Ok(())
        } else {
            sink(fresh)
        }
    }

    /// Starts a member: nothing before it can be reached.
    pub(super) fn start_member(&mut self) {
        self.base = self.at;
    }

    /// Notes the lowest place that a reference reached back to.
    pub(super) fn note_reach(&mut self, lowest: usize) {
        self.reach = self
            .reach
            .max(self.block_start.saturating_sub(self.slid + lowest as u64));
    }

    /// Ends a block and starts the next.
    pub(super) fn end_block(&mut self) -> Made {
        self.hash();
        let end = self.slid + self.at as u64;
        let len = end - std::mem::replace(&mut self.block_start, end);
        let crc = std::mem::take(&mut self.hasher).finalize();
        let reach =
            u16::try_from(std::mem::take(&mut self.reach)).expect("no distance is over 32768");
        Made { len, crc, reach }
    }

    fn hash(&mut self) {
        self.hasher.update(&self.bytes[self.hashed..self.at]);
        self.hashed = self.at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_slides_out_was_given_to_the_sink() {
        let mut window = Window::new(b"before");
        let mut seen = Vec::new();
        let mut sink = |bytes: &[u8]| {
            seen.extend_from_slice(bytes);
            Ok::<_, ()>(())
        };
        let expected: Vec<u8> = (0..=250).cycle().take(1_000_000).collect();
        for piece in expected.chunks(400) {
            window.make_room(&mut sink).expect("the sink takes all");
            window.bytes[window.at..window.at + piece.len()].copy_from_slice(piece);
            window.at += piece.len();
        }
        window.flush(&mut sink).expect("the sink takes all");
        assert!(seen == expected);
        let made = window.end_block();
        assert_eq!(
            (made.len, made.crc),
            (1_000_000, crc32fast::hash(&expected))
        );
        assert_eq!(
            window.end_block(),
            Made {
                len: 0,
                crc: 0,
                reach: 0
            }
        );
    }

    #[test]
    fn reach_counts_from_the_start_of_the_block() {
        let mut window = Window::new(&[0; 100]);
        window.note_reach(60);
        window.note_reach(90);
        assert_eq!(window.end_block().reach, 40);
        window.at += 10;
        window.note_reach(105);
        assert_eq!(window.end_block().reach, 0);
    }
}
