//! The inflated bytes that references can still reach or that nobody has taken yet.
//!
//! It knows nothing of compressed bits.

use std::ops::Range;

use super::sum::Sum;
use crate::digest::{Digest, Hasher};
use crate::pages::Pages;

/// A reference reaches back so far at most (RFC 1951, 3.2.5).
pub(super) const REACH: usize = 32 << 10;
/// A mask that no place in the window goes beyond.
pub(super) const PLACES: usize = (1 << 18) - 1;
/// A round of the decoder writes three literals, or two and 258 bytes, at most.
pub(super) const ROOM: usize = 300;
/// The window is full when its next place lies beyond this one.
pub(super) const FULL: usize = PLACES - ROOM;
/// The bytes of the window and as many as a copy may overshoot.
pub(super) type Bytes = [u8; WINDOW];

/// The size of a window's buffer in bytes.
pub(crate) const WINDOW: usize = PLACES + 1 + 32;

/// Takes what is inflated, in the buffers that it was made in.
pub(crate) trait Drain<E> {
    /// Returns a buffer of [`WINDOW`] bytes.
    fn spare(&mut self) -> Result<Pages, E>;

    /// Takes a buffer, of whose bytes those at `fresh` come next.
    fn take(&mut self, buffer: Pages, fresh: Range<usize>) -> Result<(), E>;

    /// Whether it hashes what comes from here on itself; asked for each buffer until it does.
    fn hashes(&mut self) -> bool {
        false
    }

    /// Gets the sum of all that was inflated, of which it has not taken the last bytes yet.
    fn go_on(&mut self, _sum: Hasher) {}
}

/// Hands inflated bytes to a closure.
pub(super) struct Each<F> {
    put: F,
    spare: Option<Pages>,
}

impl<F> Each<F> {
    pub(super) fn new(put: F) -> Self {
        Self { put, spare: None }
    }
}

impl<E, F: FnMut(&[u8]) -> Result<(), E>> Drain<E> for Each<F> {
    fn spare(&mut self) -> Result<Pages, E> {
        Ok(self.spare.take().unwrap_or_else(|| Pages::new(WINDOW)))
    }

    fn take(&mut self, buffer: Pages, fresh: Range<usize>) -> Result<(), E> {
        (self.put)(&buffer[fresh])?;
        self.spare = Some(buffer);
        Ok(())
    }
}

/// A buffer that slides along the inflated bytes.
pub(super) struct Window {
    pub bytes: Pages,
    pub place: Place,
    /// From here on nobody has taken anything.
    fresh: usize,
    hashed: usize,
    crc: crc32fast::Hasher,
    /// Of all that was inflated.
    pub sum: Option<Sum>,
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
    /// Takes a buffer of [`WINDOW`] bytes. References may reach into `dictionary`, which has 32 KiB at most.
    pub(super) fn new(mut bytes: Pages, dictionary: &[u8]) -> Self {
        let at = dictionary.len();
        bytes[..at].copy_from_slice(dictionary);
        Self {
            bytes,
            place: Place {
                at,
                base: 0,
                lowest: at,
            },
            fresh: at,
            hashed: at,
            crc: crc32fast::Hasher::new(),
            sum: None,
            slid: 0,
            block_start: at as u64,
            reach: 0,
        }
    }

    /// The same, and what is inflated is hashed.
    pub(super) fn summed(self) -> Self {
        let sum = Some(Sum::new(self.place.at));
        Self { sum, ..self }
    }

    /// Makes room when the window is full: another buffer goes on from its last bytes. The window is drained of a whole number
    /// of 32 KiB, so that what writes them to a file fills the file's pages one after the other.
    pub(super) fn make_room<E>(&mut self, drain: &mut impl Drain<E>) -> Result<(), E> {
        if self.place.at <= FULL {
            return Ok(());
        }
        self.hash();
        self.note_reach();
        let dropped = self.place.at - REACH;
        if let Some(sum) = self.sum.take_if(|_| drain.hashes()) {
            drain.go_on(sum.leave(&self.bytes, self.place.at));
        } else if let Some(sum) = &mut self.sum {
            sum.catch_up(&self.bytes, self.place.at);
            sum.slide(dropped);
        }
        let mut next = drain.spare()?;
        next[..REACH].copy_from_slice(&self.bytes[dropped..self.place.at]);
        let full = std::mem::replace(&mut self.bytes, next);
        self.slid += dropped as u64;
        let end = self.slid + REACH as u64;
        let rest = usize::try_from(end % REACH as u64).expect("less than a reach");
        drain.take(full, self.fresh..self.place.at - rest)?;
        let base = self.place.base.saturating_sub(dropped);
        self.place = Place {
            at: REACH,
            base,
            lowest: REACH,
        };
        (self.fresh, self.hashed) = (REACH - rest, REACH);
        Ok(())
    }

    /// Drains the rest, and returns the digest of all that was inflated, where it was hashed here.
    pub(super) fn finish<E>(self, drain: &mut impl Drain<E>) -> Result<Option<Digest>, E> {
        let end = self.place.at;
        let digest = self.sum.map(|sum| sum.finish(&self.bytes, end));
        drain.take(self.bytes, self.fresh..end)?;
        Ok(digest)
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
        let crc = std::mem::take(&mut self.crc).finalize();
        let reach =
            u16::try_from(std::mem::take(&mut self.reach)).expect("no distance is over 32768");
        Made { len, crc, reach }
    }

    fn note_reach(&mut self) {
        let lowest = self.slid + std::mem::replace(&mut self.place.lowest, self.place.at) as u64;
        self.reach = self.reach.max(self.block_start.saturating_sub(lowest));
    }

    fn hash(&mut self) {
        self.crc.update(&self.bytes[self.hashed..self.place.at]);
        self.hashed = self.place.at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_slides_out_was_given_to_the_sink() {
        let mut window = Window::new(Pages::new(WINDOW), b"").summed();
        let (mut seen, mut lens) = (Vec::new(), Vec::new());
        let mut drain = Each::new(|bytes: &[u8]| {
            lens.push(bytes.len());
            seen.extend_from_slice(bytes);
            Ok::<_, ()>(())
        });
        let expected: Vec<u8> = (0..=250).cycle().take(1_000_000).collect();
        for piece in expected.chunks(258) {
            window.make_room(&mut drain).expect("it takes all");
            assert!(window.room() >= piece.len());
            window.put(piece);
        }
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
        let digest = window.finish(&mut drain).expect("it takes all");
        assert!(seen == expected);
        lens.pop();
        assert!(lens.iter().all(|len| len % REACH == 0) && lens.len() > 3);
        assert_eq!(digest, Some(Digest::of(&expected)));
    }

    /// Hashes what comes after two buffers.
    #[derive(Default)]
    struct Hashing {
        asked: usize,
        taken: Vec<u8>,
        sums: Vec<Hasher>,
    }

    impl Drain<()> for Hashing {
        fn spare(&mut self) -> Result<Pages, ()> {
            Ok(Pages::new(WINDOW))
        }

        fn take(&mut self, buffer: Pages, fresh: Range<usize>) -> Result<(), ()> {
            self.taken.extend_from_slice(&buffer[fresh]);
            Ok(())
        }

        fn hashes(&mut self) -> bool {
            self.asked += 1;
            self.asked > 2
        }

        fn go_on(&mut self, sum: Hasher) {
            assert!(sum.len() > self.taken.len() as u64);
            self.sums.push(sum);
        }
    }

    #[test]
    fn who_takes_the_bytes_may_go_on_hashing_them() {
        let mut window = Window::new(Pages::new(WINDOW), b"").summed();
        let mut drain = Hashing::default();
        let expected: Vec<u8> = (0..=250).cycle().take(1_000_001).collect();
        for piece in expected.chunks(77) {
            window.make_room(&mut drain).unwrap();
            window.put(piece);
        }
        assert_eq!(window.finish(&mut drain), Ok(None));
        assert!(drain.taken == expected);
        assert_eq!((drain.asked, drain.sums.len()), (3, 1));
        let mut sum = drain.sums.remove(0);
        let known = usize::try_from(sum.len()).unwrap();
        sum.update(&expected[known..]);
        assert_eq!(sum.finish().0, Digest::of(&expected));
    }

    #[test]
    fn reach_counts_from_the_start_of_the_block() {
        let mut window = Window::new(Pages::new(WINDOW), &[0; 100]);
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
        let mut window = Window::new(Pages::new(WINDOW), &[0; 100]);
        window.place.lowest = 1;
        for _ in 0..5 {
            while window.place.at <= FULL {
                window.put(&[0; 258]);
            }
            window
                .make_room(&mut Each::new(|_: &[u8]| Ok::<_, ()>(())))
                .expect("it takes all");
            window.place.lowest = 7;
        }
        assert_eq!(window.end_block().reach, 99);
    }
}
