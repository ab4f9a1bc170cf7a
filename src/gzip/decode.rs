//! The inner loop: the symbols of a deflate block with a Huffman code become bytes.
//!
//! It neither reads input nor empties the window: it stops while both still have a margin, so that
//! the checks in the loop are few and foreseeable.

use super::source::{Cursor, MARGIN};
use super::tables::{Entry, Tables};
use super::window::{Bytes, FULL, PLACES, Place};

/// A distance with its extra bits is not longer.
const LONGEST_DISTANCE: u32 = 28;

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The block goes on.
    More,
    /// The block ends.
    End,
    /// The block is at fault.
    Fault(&'static str),
}

impl Step {
    /// Whether the block ended, after a step that was the last.
    pub(super) fn result(self) -> Result<bool, &'static str> {
        match self {
            Self::More => Ok(false),
            Self::End => Ok(true),
            Self::Fault(fault) => Err(fault),
        }
    }
}

/// Decodes symbols until the block ends (true), or until a round more could leave a buffer (false).
pub(super) fn decode(
    tables: &Tables,
    input: &[u8],
    cursor: &mut Cursor,
    output: &mut Bytes,
    place: &mut Place,
) -> Result<bool, &'static str> {
    let last = input.len() - MARGIN / 2;
    if cursor.next > last || place.at > FULL {
        return Ok(false);
    }
    // Copies that the compiler keeps in registers.
    let (mut bits, mut to) = (*cursor, *place);
    bits.refill(input);
    let mut entry = tables.literal(bits.bits);
    let result = loop {
        if bits.next > last || to.at > FULL {
            break Ok(false);
        }
        let step = round(tables, input, &mut bits, &mut entry, output, &mut to);
        if step != Step::More {
            break step.result();
        }
    };
    (*cursor, *place) = (bits, to);
    result
}

/// Decodes symbols up to a copy, or three literals. `entry` is what the next bits lead to, before and after.
///
/// A refill is good for 56 bits: three literals of the first table, or two and a length with its
/// extra bits.
#[inline(always)]
pub(super) fn round(
    tables: &Tables,
    input: &[u8],
    bits: &mut Cursor,
    entry: &mut Entry,
    output: &mut Bytes,
    to: &mut Place,
) -> Step {
    let mut before = bits.bits;
    bits.drop(entry.bits());
    if entry.is_literal() {
        to.put(output, entry.byte());
        *entry = tables.literal(bits.bits);
        before = bits.bits;
        bits.drop(entry.bits());
        if entry.is_literal() {
            to.put(output, entry.byte());
            *entry = tables.literal(bits.bits);
            before = bits.bits;
            bits.drop(entry.bits());
            if entry.is_literal() {
                to.put(output, entry.byte());
                bits.refill(input);
                *entry = tables.literal(bits.bits);
                return Step::More;
            }
        }
    }
    if entry.is_exception() {
        if entry.is_link() {
            *entry = tables.linked_literal(*entry, bits.bits);
            before = bits.bits;
            bits.drop(entry.bits());
            if entry.is_literal() {
                to.put(output, entry.byte());
                bits.refill(input);
                *entry = tables.literal(bits.bits);
                return Step::More;
            }
        }
        if entry.is_exception() {
            return if entry.is_end() {
                Step::End
            } else {
                Step::Fault("a literal has no code")
            };
        }
    }
    let length = entry.value(before);
    if bits.count() < LONGEST_DISTANCE {
        bits.refill(input);
    }
    *entry = tables.distance(bits.bits);
    before = bits.bits;
    bits.drop(entry.bits());
    if entry.is_exception() {
        if entry.is_link() {
            *entry = tables.linked_distance(*entry, bits.bits);
            before = bits.bits;
            bits.drop(entry.bits());
        }
        if entry.is_exception() {
            return Step::Fault("a distance has no code");
        }
    }
    let distance = entry.value(before);
    if distance > to.at - to.base {
        return Step::Fault("a distance reaches before the start");
    }
    // The next table lookup goes on while the bytes are copied.
    bits.refill(input);
    *entry = tables.literal(bits.bits);
    to.repeat(output, distance, length);
    Step::More
}

impl Place {
    #[inline(always)]
    fn put(&mut self, output: &mut Bytes, byte: u8) {
        output[self.at & PLACES] = byte;
        self.at += 1;
    }

    /// Writes `length` bytes, each the same as `distance` bytes before it, and up to 31 bytes more.
    #[inline(always)]
    fn repeat(&mut self, output: &mut Bytes, distance: usize, length: usize) {
        let (from, to) = (self.at - distance, self.at);
        self.lowest = self.lowest.min(from);
        self.at += length;
        if distance >= 16 {
            let mut done = 0;
            loop {
                copy::<16>(output, from + done, to + done);
                copy::<16>(output, from + done + 16, to + done + 16);
                done += 32;
                if done >= length {
                    break;
                }
            }
        } else if distance >= 8 {
            for done in (0..length).step_by(8) {
                copy::<8>(output, from + done, to + done);
            }
        } else if distance == 1 {
            let byte = output[from & PLACES];
            for done in (0..length).step_by(16) {
                let to = (to + done) & PLACES;
                output[to..to + 16].fill(byte);
            }
        } else {
            for done in 0..length {
                output[(to + done) & PLACES] = output[(from + done) & PLACES];
            }
        }
    }
}

/// Copies `N` bytes at once. The masks do nothing: they show the compiler what [`FULL`] ensures.
#[inline(always)]
fn copy<const N: usize>(output: &mut Bytes, from: usize, to: usize) {
    let (from, to) = (from & PLACES, to & PLACES);
    let bytes: [u8; N] = output[from..from + N].try_into().expect("N bytes");
    output[to..to + N].copy_from_slice(&bytes);
}
