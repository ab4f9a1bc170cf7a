//! Where each deflate block of a gzip blob lies, and what it needs before it.
//!
//! It holds no content: a few words a block. It does not say which blocks are kept; `plan.rs` does.

use std::ops::Range;

use crc32fast::Hasher;

/// As many entries are kept whatever the stream holds.
const FREE_ENTRIES: u64 = 4096;
/// Beyond them, one for so many inflated bytes: a stream of tiny blocks must not fill the memory.
const BYTES_PER_ENTRY: u64 = 1024;

/// The deflate blocks of a gzip blob, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockIndex {
    entries: Vec<Entry>,
    end_bit: u64,
    len: u64,
}

/// A stretch of the blob and what it inflates to. It ends where the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    first_bit: u64,
    start: u64,
    crc: u32,
    reach: u16,
    kind: Kind,
}

/// What a stretch of the blob is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A block with a Huffman code, or several of one member none of which but the first is the last.
    Coded,
    /// One stored block.
    Stored,
    /// Headers, trailers and blocks without output: nothing of it is content.
    Gap,
    /// Too many small blocks: their bytes are known, their bits are not told apart.
    Mixed,
}

/// One stretch as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Its bits in the blob.
    pub bits: Range<u64>,
    /// The bytes it inflates to.
    pub bytes: Range<u64>,
    /// The CRC-32 of these bytes.
    pub crc: u32,
    /// How many bytes before its own its references may reach at most.
    pub reach: u16,
    pub kind: Kind,
}

impl BlockIndex {
    /// The number of inflated bytes.
    pub fn inflated_len(&self) -> u64 {
        self.len
    }

    /// The number of blocks, as far as they are told apart.
    pub fn block_count(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.kind != Kind::Gap)
            .count()
    }

    /// Returns how many compressed bits stand for a range of the inflated bytes; where it starts or ends inside a
    /// block, that part of the block's bits which it has of its bytes.
    pub fn compressed_bits(&self, range: Range<u64>) -> u64 {
        self.bit_at(range.end)
            .saturating_sub(self.bit_at(range.start))
    }

    fn bit_at(&self, offset: u64) -> u64 {
        let after = self.entries.partition_point(|entry| entry.start <= offset);
        let Some(at) = after.checked_sub(1) else {
            return 0;
        };
        let Block { bits, bytes, .. } = self.block(at);
        let (passed, len) = (offset.min(bytes.end) - bytes.start, bytes.end - bytes.start);
        if len == 0 {
            return bits.start;
        }
        let part = u128::from(bits.end - bits.start) * u128::from(passed) / u128::from(len);
        bits.start + u64::try_from(part).expect("a part of the bits")
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns the first stretch that starts at `offset` of the inflated bytes or after it.
    pub(super) fn first_from(&self, offset: u64) -> usize {
        self.entries.partition_point(|entry| entry.start < offset)
    }

    pub(super) fn block(&self, at: usize) -> Block {
        let Entry {
            crc, reach, kind, ..
        } = self.entries[at];
        let only = at..at + 1;
        Block {
            bits: self.bits(&only),
            bytes: self.bytes(&only),
            crc,
            reach,
            kind,
        }
    }

    /// The bytes that a range of stretches inflates to.
    pub(super) fn bytes(&self, blocks: &Range<usize>) -> Range<u64> {
        let end = self
            .entries
            .get(blocks.end)
            .map_or(self.len, |entry| entry.start);
        self.entries
            .get(blocks.start)
            .map_or(self.len, |entry| entry.start)..end
    }

    /// The bits of a range of stretches.
    pub(super) fn bits(&self, blocks: &Range<usize>) -> Range<u64> {
        let end = self
            .entries
            .get(blocks.end)
            .map_or(self.end_bit, |entry| entry.first_bit);
        self.entries
            .get(blocks.start)
            .map_or(self.end_bit, |entry| entry.first_bit)..end
    }

    /// Adds the stretch that ends at `end_bit`; `is_last` says that it holds a member's last block.
    pub(super) fn push(&mut self, found: &Found, end_bit: u64, is_last: bool) {
        let first_bit = self.end_bit;
        let start = self.len;
        self.end_bit = end_bit;
        self.len += found.len;
        let kind = if found.len == 0 {
            Kind::Gap
        } else {
            found.kind
        };
        let entry = Entry {
            first_bit,
            start,
            crc: found.crc,
            reach: found.reach,
            kind,
        };
        let is_full = self.entries.len() as u64 > FREE_ENTRIES + self.len / BYTES_PER_ENTRY;
        match self.entries.last_mut() {
            Some(before) if kind == Kind::Gap && before.kind == Kind::Gap => {}
            Some(before) if is_full => before.absorb(&entry, found.len, is_last),
            _ => self.entries.push(entry),
        }
    }
}

/// What was seen of a block while it was inflated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub kind: Kind,
    pub len: u64,
    pub crc: u32,
    pub reach: u16,
}

impl Found {
    pub(super) const GAP: Self = Self {
        kind: Kind::Gap,
        len: 0,
        crc: 0,
        reach: 0,
    };
}

impl Entry {
    fn absorb(&mut self, next: &Self, next_len: u64, is_last: bool) {
        let before = next.start - self.start;
        let farther = u64::from(next.reach).saturating_sub(before);
        self.reach = self.reach.max(u16::try_from(farther).unwrap_or(u16::MAX));
        self.crc = joined(self.crc, next.crc, next_len);
        if self.kind != Kind::Coded || next.kind != Kind::Coded || is_last {
            self.kind = Kind::Mixed;
        }
    }
}

/// Returns the CRC-32 of two pieces one after the other; the second has `len` bytes.
pub(super) fn joined(first: u32, second: u32, len: u64) -> u32 {
    let mut hasher = Hasher::new_with_initial(first);
    hasher.combine(&Hasher::new_with_initial_len(second, len));
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(len: u64, reach: u16) -> Found {
        Found {
            kind: Kind::Coded,
            len,
            crc: 0,
            reach,
        }
    }

    #[test]
    fn blocks_without_output_are_gaps_and_gaps_join() {
        let mut index = BlockIndex::default();
        index.push(&Found::GAP, 80, false);
        index.push(&coded(0, 0), 90, false);
        index.push(&coded(7, 0), 120, false);
        index.push(&coded(5, 3), 150, true);
        index.push(&Found::GAP, 240, false);
        let kinds: Vec<_> = (0..index.len()).map(|at| index.block(at).kind).collect();
        assert_eq!(kinds, [Kind::Gap, Kind::Coded, Kind::Coded, Kind::Gap]);
        let second = Block {
            bits: 120..150,
            bytes: 7..12,
            crc: 0,
            reach: 3,
            kind: Kind::Coded,
        };
        assert_eq!(index.block(2), second);
        assert_eq!(index.first_from(7), 2);
        assert_eq!(index.first_from(8), 3);
        assert_eq!(index.inflated_len(), 12);
    }

    #[test]
    fn parts_of_blocks_have_parts_of_their_bits() {
        let mut index = BlockIndex::default();
        index.push(&Found::GAP, 80, false);
        index.push(&coded(100, 0), 280, false);
        index.push(&coded(10, 0), 380, true);
        index.push(&Found::GAP, 444, false);
        for (range, bits) in [
            (0..110, 300),
            (0..100, 200),
            (50..100, 100),
            (50..105, 150),
            (109..110, 10),
            (110..110, 0),
            (0..u64::MAX, 300),
        ] {
            assert_eq!(index.compressed_bits(range.clone()), bits, "{range:?}");
        }
        assert_eq!(BlockIndex::default().compressed_bits(0..0), 0);
    }

    #[test]
    fn tiny_blocks_share_entries_once_there_are_many() {
        let mut index = BlockIndex::default();
        for block in 1..=1_000_000 {
            index.push(&coded(1, 9), block * 10, false);
        }
        assert!(index.len() < 6000, "{} entries", index.len());
        let shared = index.block(index.len() - 1);
        assert_eq!((shared.kind, shared.reach), (Kind::Coded, 9));
        assert_eq!(shared.bits.end, 10_000_000);
        index.push(&coded(1, 0), 10_000_010, true);
        assert_eq!(index.block(index.len() - 1).kind, Kind::Mixed);
    }

    #[test]
    fn crcs_join() {
        let of = |bytes: &[u8]| crc32fast::hash(bytes);
        assert_eq!(joined(of(b"one"), of(b" two"), 4), of(b"one two"));
        assert_eq!(joined(of(b"one"), 0, 0), of(b"one"));
        assert_eq!(joined(0, of(b"two"), 3), of(b"two"));
    }
}
