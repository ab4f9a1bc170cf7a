//! Tables that decode the canonical Huffman codes of deflate (RFC 1951, 3.2.2), as libdeflate lays
//! them out: all that a symbol means is in the one word that its bits lead to.
//!
//! It reads no bits.

/// The entry is a literal byte, in bits 16 to 23.
pub(super) const LITERAL: u32 = 1 << 31;
/// The entry is neither a literal nor a length or distance.
pub(super) const EXCEPTION: u32 = 1 << 15;
/// The exception is a link: bits 16 on say where the second table starts, bits 8 to 11 how many
/// bits index it.
pub(super) const LINK: u32 = 1 << 14;
/// The exception is the end of the block. One that is neither this nor a link is no code.
pub(super) const END: u32 = 1 << 13;

/// How many bits index the first table for literals and lengths.
pub(super) const LITERAL_BITS: u32 = 11;
/// How many bits index the first table for distances.
pub(super) const DISTANCE_BITS: u32 = 8;
/// How many bits a code length's own code has at most.
pub(super) const LENGTH_BITS: u32 = 7;

const LONGEST: usize = 15;

/// Why lengths are no code.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoCode;

/// How far a code may leave bit patterns without meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Incomplete {
    Never,
    /// As zlib has it: when there is no code, or a single one of one bit.
    Single,
}

/// What the bits of a block mean. The sizes are powers of two, so that an index can be masked; the
/// first and second tables together need at most 2342 and 402 entries.
pub(super) struct Tables {
    pub literals: [u32; 4096],
    pub distances: [u32; 512],
}

/// Fills `table`, whose first part has `1 << table_bits` entries, for the code with these lengths.
/// `meaning` gives what a symbol is: base value in bits 16 on, flags, and its extra bits in bits 0
/// to 5.
///
/// Bits 0 to 5 of an entry are the bits to drop, extra bits among them; bits 8 to 11 the bits of the
/// code alone.
pub(super) fn build(
    table: &mut [u32],
    table_bits: u32,
    lengths: &[u8],
    incomplete: Incomplete,
    meaning: impl Fn(usize) -> u32,
) -> Result<(), NoCode> {
    let mut counts = [0_u32; LONGEST + 1];
    for &length in lengths {
        counts[usize::from(length)] += 1;
    }
    check(&counts, incomplete)?;
    let (sorted, coded) = sorted(lengths, &counts);
    let size = 1_usize << table_bits;
    table[..size].fill(EXCEPTION);
    let mut free = size;
    let mut link = Link {
        prefix: usize::MAX,
        start: 0,
        bits: 0,
    };
    let mut code = 0_u32;
    let mut before = 0;
    for &symbol in &sorted[..coded] {
        let length = u32::from(lengths[usize::from(symbol)]);
        code <<= length - before;
        before = length;
        let reversed = (code.reverse_bits() >> (32 - length)) as usize;
        let meaning = meaning(usize::from(symbol));
        if length <= table_bits {
            let entry = meaning + (length << 8) + length;
            fill(&mut table[..size], reversed, length, entry);
        } else {
            let prefix = reversed & (size - 1);
            if prefix != link.prefix {
                link = Link {
                    prefix,
                    start: free,
                    bits: link_bits(&counts, length, table_bits),
                };
                free += 1 << link.bits;
                let start = u32::try_from(link.start).expect("tables are small");
                table[prefix] = EXCEPTION | LINK | start << 16 | link.bits << 8 | table_bits;
            }
            let rest = length - table_bits;
            let entry = meaning + (rest << 8) + rest;
            fill(
                &mut table[link.start..free],
                reversed >> table_bits,
                rest,
                entry,
            );
        }
        counts[length as usize] -= 1;
        code += 1;
    }
    Ok(())
}

/// The second table that is being filled.
struct Link {
    prefix: usize,
    start: usize,
    bits: u32,
}

/// Puts `entry` wherever the lowest `length` bits of the place are `code`.
fn fill(table: &mut [u32], code: usize, length: u32, entry: u32) {
    for place in table[code..].iter_mut().step_by(1 << length) {
        *place = entry;
    }
}

/// The symbols that have a code, the shortest first, and how many they are.
fn sorted(lengths: &[u8], counts: &[u32; LONGEST + 1]) -> ([u16; 320], usize) {
    let mut places = [0_usize; LONGEST + 2];
    for length in 1..=LONGEST {
        places[length + 1] = places[length] + counts[length] as usize;
    }
    let coded = places[LONGEST + 1];
    let mut sorted = [0; 320];
    for (symbol, &length) in (0_u16..).zip(lengths) {
        if length > 0 {
            let place = &mut places[usize::from(length)];
            sorted[*place] = symbol;
            *place += 1;
        }
    }
    (sorted, coded)
}

fn check(counts: &[u32; LONGEST + 1], incomplete: Incomplete) -> Result<(), NoCode> {
    let mut left = 1_i64;
    for &count in &counts[1..] {
        left = 2 * left - i64::from(count);
        if left < 0 {
            return Err(NoCode);
        }
    }
    let is_short = counts[2..].iter().all(|&count| count == 0);
    if left == 0 || (is_short && incomplete == Incomplete::Single) {
        Ok(())
    } else {
        Err(NoCode)
    }
}

/// How many bits the second table needs whose first code has `length` bits. `counts` tells of the
/// codes that are not placed yet.
fn link_bits(counts: &[u32; LONGEST + 1], length: u32, table_bits: u32) -> u32 {
    let mut bits = length - table_bits;
    let mut used = counts[length as usize];
    while used < 1 << bits && ((table_bits + bits) as usize) < LONGEST {
        bits += 1;
        used = 2 * used + counts[(table_bits + bits) as usize];
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(symbol: usize) -> u32 {
        u32::try_from(symbol).expect("small") << 16
    }

    /// The symbol that `bits` lead to and how many of them are its code.
    fn decode(table: &[u32], table_bits: u32, bits: u32) -> (u32, u32) {
        let first = table[(bits & ((1 << table_bits) - 1)) as usize];
        if first & LINK == 0 {
            return (first >> 16, first & 63);
        }
        let rest = bits >> table_bits;
        let mask = (1 << ((first >> 8) & 15)) - 1;
        let second = table[((first >> 16) + (rest & mask)) as usize];
        (second >> 16, table_bits + (second & 63))
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 1951, 3.2.2: A to H with lengths 3, 3, 3, 3, 3, 2, 4, 4.
        let lengths = [3, 3, 3, 3, 3, 2, 4, 4];
        let codes = ["010", "011", "100", "101", "110", "00", "1110", "1111"];
        for table_bits in [2, 3, 4, 7] {
            let mut table = [0; 256];
            build(&mut table, table_bits, &lengths, Incomplete::Never, meaning).expect("a code");
            for (symbol, code) in (0..).zip(codes) {
                let bits = code
                    .chars()
                    .rev()
                    .fold(0, |bits, bit| bits << 1 | u32::from(bit == '1'));
                let len = u32::try_from(code.len()).expect("short");
                assert_eq!(decode(&table, table_bits, bits), (symbol, len));
                assert_eq!(decode(&table, table_bits, bits | 1 << len), (symbol, len));
            }
        }
    }

    #[test]
    fn lengths_that_are_no_code_are_refused() {
        let built =
            |lengths: &[u8], incomplete| build(&mut [0; 256], 7, lengths, incomplete, meaning);
        assert_eq!(built(&[1, 1, 1], Incomplete::Single), Err(NoCode));
        assert_eq!(built(&[2, 2, 2], Incomplete::Single), Err(NoCode));
        assert_eq!(built(&[1, 0, 0], Incomplete::Single), Ok(()));
        assert_eq!(built(&[0, 0, 0], Incomplete::Single), Ok(()));
        assert_eq!(built(&[2, 0, 0], Incomplete::Single), Err(NoCode));
        assert_eq!(built(&[1, 0, 0], Incomplete::Never), Err(NoCode));
        assert_eq!(built(&[1, 2, 2], Incomplete::Never), Ok(()));
    }

    #[test]
    fn patterns_without_a_code_are_marked() {
        let mut table = [0; 256];
        build(&mut table, 7, &[0, 1], Incomplete::Single, meaning).expect("a code");
        assert_eq!(table[0], 1 << 16 | 1 << 8 | 1);
        assert_eq!(table[1], EXCEPTION);
    }
}
