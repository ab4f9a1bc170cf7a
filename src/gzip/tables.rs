//! What the bits of a deflate block mean, looked up as libdeflate does: all that a symbol says is in
//! the one word that its bits lead to.
//!
//! It reads no bits and makes no codes; `huffman.rs` does.

use std::array;

use super::huffman::{Incomplete, NoCode, build};

/// How many bits index the first table for literals and lengths.
const LITERAL_BITS: u32 = 11;
/// How many bits index the first table for distances.
const DISTANCE_BITS: u32 = 8;
/// A code length's own code has no more bits.
const LENGTH_BITS: u32 = 7;

/// A literal byte, in bits 16 to 23.
const LITERAL: u32 = 1 << 31;
/// Neither a literal nor a length or distance. One that is neither a link nor the end is no code.
const EXCEPTION: u32 = 1 << 15;
/// A link: bits 16 on say where the second table starts, bits 8 to 11 how many bits index it.
const LINK: u32 = 1 << 14;
/// The end of the block.
const END: u32 = 1 << 13;

/// A symbol and how to go on from it.
///
/// Bits 0 to 5 are the number of bits to drop, extra bits among them; bits 8 to 11 the number of
/// bits of the code alone; bits 16 on the byte, or the least length or distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry(u32);

impl Entry {
    /// No code.
    pub(super) const NONE: Self = Self(EXCEPTION);

    /// A link to a second table at `start` that `bits` bits index, from a first that `first` index.
    pub(super) fn link(start: usize, bits: u32, first: u32) -> Self {
        Self(EXCEPTION | LINK | word(start) << 16 | bits << 8 | first)
    }

    /// This symbol at the end of a code, the last part of which has `bits` bits.
    pub(super) fn after(self, bits: u32) -> Self {
        Self(self.0 + (bits << 8) + bits)
    }

    fn byte_symbol(symbol: usize) -> Self {
        Self(LITERAL | word(symbol) << 16)
    }

    fn base(base: u32, extra: u32) -> Self {
        Self(base << 16 | extra)
    }

    /// The number of bits to drop in the lowest six bits; the others are of no meaning.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0
    }

    #[inline(always)]
    pub(super) fn is_literal(self) -> bool {
        self.0 & LITERAL != 0
    }

    #[inline(always)]
    pub(super) fn is_exception(self) -> bool {
        self.0 & EXCEPTION != 0
    }

    #[inline(always)]
    pub(super) fn is_link(self) -> bool {
        self.0 & LINK != 0
    }

    #[inline(always)]
    pub(super) fn is_end(self) -> bool {
        self.0 & END != 0
    }

    /// The byte of a literal.
    #[inline(always)]
    pub(super) fn byte(self) -> u8 {
        (self.0 >> 16).to_le_bytes()[0]
    }

    /// The length or distance, whose code and extra bits are the lowest of `bits`.
    #[inline(always)]
    pub(super) fn value(self, bits: u64) -> usize {
        (self.0 >> 16) as usize + (low(bits, self.0 & 63) >> (self.0 >> 8 & 15))
    }

    /// The place in the second table that a link and the next bits lead to.
    #[inline(always)]
    fn linked(self, bits: u64) -> usize {
        (self.0 >> 16) as usize + low(bits, self.0 >> 8 & 15)
    }
}

/// The tables of a block. Their sizes are powers of two so that an index can be masked; first and
/// second tables together need 2342 and 402 entries at most.
pub(super) struct Tables {
    literals: [Entry; 4096],
    distances: [Entry; 512],
    is_fixed: bool,
    meanings: Meanings,
}

/// What symbols mean, made once for all blocks.
struct Meanings {
    literals: [Entry; 288],
    distances: [Entry; 32],
}

impl Tables {
    pub(super) fn new() -> Self {
        Self {
            literals: [Entry::NONE; 4096],
            distances: [Entry::NONE; 512],
            is_fixed: false,
            meanings: Meanings {
                literals: array::from_fn(literal),
                distances: array::from_fn(distance),
            },
        }
    }

    /// Takes the code lengths of a dynamic block.
    pub(super) fn set(&mut self, literals: &[u8], distances: &[u8]) -> Result<(), &'static str> {
        self.is_fixed = false;
        build(
            &mut self.literals,
            LITERAL_BITS,
            literals,
            Incomplete::Single,
            &self.meanings.literals,
        )
        .map_err(|NoCode| "the literals of a deflate block have no code")?;
        build(
            &mut self.distances,
            DISTANCE_BITS,
            distances,
            Incomplete::Single,
            &self.meanings.distances,
        )
        .map_err(|NoCode| "the distances of a deflate block have no code")
    }

    /// Takes the fixed code (RFC 1951, 3.2.6).
    pub(super) fn set_fixed(&mut self) {
        if self.is_fixed {
            return;
        }
        let lengths: [u8; 288] = array::from_fn(|symbol| match symbol {
            0..144 | 280.. => 8,
            144..256 => 9,
            _ => 7,
        });
        self.set(&lengths, &[5; 32])
            .expect("the fixed code is a code");
        self.is_fixed = true;
    }

    #[inline(always)]
    pub(super) fn literal(&self, bits: u64) -> Entry {
        self.literals[low(bits, LITERAL_BITS)]
    }

    #[inline(always)]
    pub(super) fn linked_literal(&self, link: Entry, bits: u64) -> Entry {
        self.literals[link.linked(bits) & (self.literals.len() - 1)]
    }

    #[inline(always)]
    pub(super) fn distance(&self, bits: u64) -> Entry {
        self.distances[low(bits, DISTANCE_BITS)]
    }

    #[inline(always)]
    pub(super) fn linked_distance(&self, link: Entry, bits: u64) -> Entry {
        self.distances[link.linked(bits) & (self.distances.len() - 1)]
    }
}

/// The table of the code that code lengths are written in.
pub(super) struct LengthTable([Entry; 1 << LENGTH_BITS]);

impl LengthTable {
    pub(super) fn new(lengths: &[u8; 19]) -> Result<Self, &'static str> {
        let mut table = [Entry::NONE; 1 << LENGTH_BITS];
        let symbols: [_; 19] = array::from_fn(|symbol| Entry::base(word(symbol), 0));
        build(
            &mut table,
            LENGTH_BITS,
            lengths,
            Incomplete::Never,
            &symbols,
        )
        .map_err(|NoCode| "the code lengths of a deflate block have no code")?;
        Ok(Self(table))
    }

    /// The symbol that `bits` lead to and the number of bits of its code.
    pub(super) fn symbol(&self, bits: u64) -> (usize, u32) {
        let entry = self.0[low(bits, LENGTH_BITS)];
        (entry.value(0), entry.bits() & 63)
    }
}

/// What a symbol of the literal and length alphabet means (RFC 1951, 3.2.5).
fn literal(symbol: usize) -> Entry {
    match symbol {
        0..256 => Entry::byte_symbol(symbol),
        256 => Entry(EXCEPTION | END),
        257..265 => Entry::base(word(symbol) - 254, 0),
        265..285 => {
            let extra = (word(symbol) - 261) / 4;
            Entry::base(3 + ((4 + (word(symbol) - 261) % 4) << extra), extra)
        }
        285 => Entry::base(258, 0),
        _ => Entry::NONE,
    }
}

/// What a symbol of the distance alphabet means.
fn distance(symbol: usize) -> Entry {
    match symbol {
        0..4 => Entry::base(word(symbol) + 1, 0),
        4..30 => {
            let extra = word(symbol) / 2 - 1;
            Entry::base(1 + ((2 + word(symbol) % 2) << extra), extra)
        }
        _ => Entry::NONE,
    }
}

fn word(small: usize) -> u32 {
    u32::try_from(small).expect("a symbol or a place in a table")
}

/// The lowest `count` bits.
#[inline(always)]
fn low(bits: u64, count: u32) -> usize {
    usize::try_from(bits & ((1 << count) - 1)).expect("no symbol has over 28 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_distances_follow_one_another() {
        let follow =
            |symbols: std::ops::RangeInclusive<usize>, of: fn(usize) -> Entry, from: usize| {
                symbols.fold(from, |next, symbol| {
                    let entry = of(symbol);
                    assert_eq!(entry.value(0), next, "symbol {symbol}");
                    next + (1 << (entry.bits() & 63))
                })
            };
        assert_eq!(follow(257..=284, literal, 3), 259);
        assert_eq!(literal(285).value(u64::MAX), 258);
        assert_eq!(follow(0..=29, distance, 1), 32_769);
        assert!(literal(256).is_end());
        assert_eq!((literal(286), literal(287)), (Entry::NONE, Entry::NONE));
        assert_eq!((distance(30), distance(31)), (Entry::NONE, Entry::NONE));
    }

    #[test]
    fn extra_bits_follow_the_code() {
        let entry = distance(29).after(15);
        assert_eq!(
            entry.value(0b1_0000_0000_0011 << 15 | 0x7fff),
            24_577 + 4099
        );
        assert_eq!(entry.bits() & 63, 28);
    }
}
