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
pub(super) type Bytes = [u8; PLACES + 1 + 32];

/// A buffer that slides along the inflated bytes.
pub(super) struct Window {
    pub bytes: Box<Bytes>,
    pub place: Place,
    flushed: usize,
    hashed: usize,
    hasher: Hasher,
    /// How far the buffer has slid.
    slid: u64,
    block_start: u64,
    reach: u64,
}

/// Where the decoder stands in the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Where the next byte goes.
    pub at: usize,
    /// References may reach back no further than here: the member starts here, or the buffer does.
    pub base: usize,
    /// References did reach back no further than here, since this was asked last.
    pub lowest: usize,
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
        let bytes = vec![0; PLACES + 33].into_boxed_slice();
        let mut bytes: Box<Bytes> = bytes.try_into().expect("the length is the same");
        let at = dictionary.len();
        bytes[..at].copy_from_slice(dictionary);
        Self {
            bytes,
            place: Place {
                at,
                base: 0,
                lowest: at,
            },
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
        if self.place.at <= FULL {
            return Ok(());
        }
        self.flush(sink)?;
        self.note_reach();
        let dropped = self.place.at - REACH;
        self.bytes.copy_within(dropped..self.place.at, 0);
        self.slid += dropped as u64;
        let base = self.place.base.saturating_sub(dropped);
        self.place = Place {
            at: REACH,
            base,
            lowest: REACH,
        };
        (self.flushed, self.hashed) = (REACH, REACH);
        Ok(())
    }

    /// Gives the sink what it has not had.
    pub(super) fn flush<E>(
        &mut self,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.hash();
        let fresh = &self.bytes[self.flushed..self.place.at];
        self.flushed = self.place.at;
        if fresh.is_empty() {
            Ok(())
        } else {
            sink(fresh)
        }
    }

    /// Adds bytes that no code stands for, as many as there is room for.
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.bytes[self.place.at..self.place.at + bytes.len()].copy_from_slice(bytes);
        self.place.at += bytes.len();
    }

    /// The number of bytes that can be put.
    pub(super) fn room(&self) -> usize {
        PLACES - self.place.at
    }

    /// Starts a member: nothing before it can be reached.
    pub(super) fn start_member(&mut self) {
        self.place.base = self.place.at;
    }

    /// Ends a block and starts the next.
    pub(super) fn end_block(&mut self) -> Made {
        self.hash();
        self.note_reach();
        let end = self.slid + self.place.at as u64;
        let len = end - std::mem::replace(&mut self.block_start, end);
        let crc = std::mem::take(&mut self.hasher).finalize();
        let reach =
            u16::try_from(std::mem::take(&mut self.reach)).expect("no distance is over 32768");
        Made { len, crc, reach }
    }

    fn note_reach(&mut self) {
        let lowest = self.slid + std::mem::replace(&mut self.place.lowest, self.place.at) as u64;
        self.reach = self.reach.max(self.block_start.saturating_sub(lowest));
    }

    fn hash(&mut self) {
        self.hasher.update(&self.bytes[self.hashed..self.place.at]);
        self.hashed = self.place.at;
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
        for piece in expected.chunks(258) {
            window.make_room(&mut sink).expect("the sink takes all");
            assert!(window.room() >= piece.len());
            window.put(piece);
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
        window.place.lowest = 60;
        assert_eq!(window.end_block().reach, 40);
        window.put(&[0; 10]);
        window.place.lowest = 105;
        assert_eq!(
            window.end_block().reach,
            0,
            "a reference from 110 to 105 stays in its block"
        );
        window.place.lowest = 105;
        assert_eq!(
            window.end_block(),
            Made {
                len: 0,
                crc: 0,
                reach: 5
            }
        );
    }

    #[test]
    fn reach_survives_sliding() {
        let mut window = Window::new(&[0; 100]);
        window.place.lowest = 1;
        for _ in 0..5 {
            while window.place.at <= FULL {
                window.put(&[0; 258]);
            }
            window
                .make_room(&mut |_| Ok::<_, ()>(()))
                .expect("the sink takes all");
            window.place.lowest = 7;
        }
        assert_eq!(window.end_block().reach, 99);
    }
}
