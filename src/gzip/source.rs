//! Bits of a compressed stream, least significant first, from any reader.
//!
//! It knows nothing of deflate.

use std::io::{self, Read};

use super::sum::Sum;
use crate::digest::Digest;
use crate::pages::Pages;

const BUFFER: usize = 256 << 10;
/// So many bytes can be read from `next` on after [`Source::fill`]; past the end they are zeros.
pub(super) const MARGIN: usize = 64;

/// Why bits cannot be had or mean nothing: the reader failed, or the stream is at fault.
#[derive(Debug)]
pub(super) enum Unread {
    Read(io::Error),
    Fault(&'static str),
}

const CUT_SHORT: Unread = Unread::Fault("the stream is cut short");

/// A reader and the bits that were taken out of its buffer but not used yet.
pub(super) struct Source<R> {
    reader: R,
    buffer: Pages,
    end: usize,
    is_ended: bool,
    before: u64,
    /// Of all that was read.
    sum: Option<Sum>,
    pub cursor: Cursor,
}

/// A place in a buffer to the bit. `next` is the first byte that is not counted in `bits`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor {
    /// Those beyond [`Cursor::count`] are zeros or the same as in the bytes from `next` on.
    pub bits: u64,
    /// The count is in the lowest six bits, so that the others need not be cleared all the time.
    count: u32,
    pub next: usize,
}

impl<R: Read> Source<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Pages::new(BUFFER + MARGIN),
            end: 0,
            is_ended: false,
            before: 0,
            sum: None,
            cursor: Cursor::default(),
        }
    }

    /// The same, and what is read is hashed.
    pub(super) fn summed(self) -> Self {
        Self {
            sum: Some(Sum::new(0)),
            ..self
        }
    }

    /// Makes [`MARGIN`] bytes readable.
    ///
    /// Fails when more bits were used than the stream has.
    pub(super) fn fill(&mut self) -> Result<(), Unread> {
        if !self.is_ended && self.end - self.cursor.next < MARGIN {
            // Whole bytes that were taken but not used may be given back: see `bytes`.
            let mut dropped = self.cursor.next - (self.cursor.count() / 8) as usize;
            if let Some(sum) = &mut self.sum {
                sum.catch_up(&self.buffer, self.end);
                dropped = dropped.min(sum.at);
                sum.slide(dropped);
            }
            self.buffer.copy_within(dropped..self.end, 0);
            self.before += dropped as u64;
            self.end -= dropped;
            self.cursor.next -= dropped;
            while self.end - self.cursor.next < MARGIN && !self.is_ended {
                self.read()?;
            }
        }
        self.check()
    }

    /// Fails when more bits were used than the stream has.
    pub(super) fn check(&self) -> Result<(), Unread> {
        if self.is_ended && self.position() > 8 * (self.before + self.end as u64) {
            return Err(CUT_SHORT);
        }
        Ok(())
    }

    fn read(&mut self) -> Result<(), Unread> {
        match self.reader.read(&mut self.buffer[self.end..BUFFER]) {
            Ok(0) => {
                self.is_ended = true;
                self.buffer[self.end..self.end + MARGIN].fill(0);
            }
            Ok(read) => self.end += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Unread::Read(error)),
        }
        Ok(())
    }

    /// The bytes that can be read, with the zeros after the end, and the place in them.
    pub(super) fn readable(&mut self) -> (&[u8], &mut Cursor) {
        let (bytes, cursor, _) = self.readable_and_sum();
        (bytes, cursor)
    }

    /// As [`Source::readable`], and the sum with the place up to which it can be brought, where what is read is hashed.
    pub(super) fn readable_and_sum(&mut self) -> (&[u8], &mut Cursor, Option<(&mut Sum, usize)>) {
        let end = if self.is_ended {
            self.end + MARGIN
        } else {
            self.end
        };
        let sum = self.sum.as_mut().map(|sum| (sum, self.end));
        (&self.buffer[..end], &mut self.cursor, sum)
    }

    /// The digest of all that was read.
    pub(super) fn digest(self) -> Option<Digest> {
        let sum = self.sum?;
        Some(sum.finish(&self.buffer, self.end))
    }

    /// The number of bits used since the start of the stream.
    pub(super) fn position(&self) -> u64 {
        8 * (self.before + self.cursor.next as u64) - u64::from(self.cursor.count())
    }

    /// Whether all is used. The place is at a byte boundary.
    pub(super) fn is_at_end(&mut self) -> Result<bool, Unread> {
        self.fill()?;
        Ok(self.is_ended && self.position() == 8 * (self.before + self.end as u64))
    }

    /// Sees to it that at least 56 bits are there, zeros after the end.
    pub(super) fn refill(&mut self) -> Result<(), Unread> {
        if self.cursor.next + 8 > self.readable().0.len() {
            self.fill()?;
        }
        let (bytes, cursor) = self.readable();
        cursor.refill(bytes);
        Ok(())
    }

    /// Takes `count` bits, 32 at most.
    pub(super) fn take(&mut self, count: u32) -> Result<u32, Unread> {
        if self.cursor.count() < count {
            self.refill()?;
        }
        let bits = self.cursor.bits & ((1 << count) - 1);
        self.cursor.drop(count);
        self.check()?;
        Ok(u32::try_from(bits).expect("32 bits at most"))
    }

    /// Takes eight bits.
    pub(super) fn byte(&mut self) -> Result<u8, Unread> {
        Ok(u8::try_from(self.take(8)?).expect("eight bits"))
    }

    /// Drops the bits up to the next byte boundary.
    pub(super) fn align(&mut self) {
        self.cursor.drop(self.cursor.count() % 8);
    }

    /// Takes whole bytes, some but no more than `wanted`, when the place is at a byte boundary.
    pub(super) fn bytes(&mut self, wanted: usize) -> Result<&[u8], Unread> {
        self.cursor.next -= (self.cursor.count() / 8) as usize;
        (self.cursor.bits, self.cursor.count) = (0, 0);
        self.fill()?;
        let start = self.cursor.next;
        if start == self.end {
            return Err(CUT_SHORT);
        }
        self.cursor.next = self.end.min(start + wanted);
        Ok(&self.buffer[start..self.cursor.next])
    }
}

impl Cursor {
    /// The number of bits that count, 63 at most.
    #[inline(always)]
    pub(super) fn count(self) -> u32 {
        self.count & 63
    }

    /// Tops up to 56 bits or more; eight bytes from `next` on must be there.
    #[inline(always)]
    pub(super) fn refill(&mut self, bytes: &[u8]) {
        let word: [u8; 8] = bytes[self.next..self.next + 8]
            .try_into()
            .expect("eight bytes");
        self.bits |= u64::from_le_bytes(word).wrapping_shl(self.count);
        self.next += (!self.count as usize & 63) / 8;
        self.count |= 56;
    }

    /// Drops bits, as many as the lowest six bits of `count` say.
    #[inline(always)]
    pub(super) fn drop(&mut self, count: u32) {
        self.bits = self.bits.wrapping_shr(count);
        self.count = self.count.wrapping_sub(count);
    }
}
