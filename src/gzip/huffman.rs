//! Canonical Huffman codes (RFC 1951, 3.2.2), from the lengths of their codes into lookup tables.
//!
//! It does not know what a symbol means.

use std::ops::Range;

use super::tables::Entry;

const LONGEST: usize = 15;

/// How many codes there are of each length.
type Counts = [u32; LONGEST + 1];

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

/// Fills `table` for the code with these lengths, 320 at most. The next `first_bits` bits index the
/// first part of the table; longer codes go on in second parts behind it. `meanings` has the entry
/// of each symbol, less its code.
///
/// The first part begins as a table for codes of no bits, and is doubled for each bit more: so a code is written once, and
/// is found behind all bits that may follow it.
pub(super) fn build(
    table: &mut [Entry],
    first_bits: u32,
    lengths: &[u8],
    incomplete: Incomplete,
    meanings: &[Entry],
) -> Result<(), NoCode> {
    let mut counts = [0; LONGEST + 1];
    for &length in lengths {
        counts[usize::from(length)] += 1;
    }
    check(&counts, incomplete)?;
    let (sorted, coded) = sorted(lengths, &counts);
    table[0] = Entry::NONE;
    let mut second = Second {
        prefix: usize::MAX,
        start: 0,
        end: 1 << first_bits,
    };
    // Codes are packed from their first bit on, all else from its last.
    let (mut code, mut length) = (0, 0);
    for symbol in sorted[..coded].iter().copied().map(usize::from) {
        let next = u32::from(lengths[symbol]);
        double(table, length..next.min(first_bits));
        length = next;
        if length <= first_bits {
            table[code] = meanings[symbol].after(length);
        } else {
            let prefix = code & ((1 << first_bits) - 1);
            let rest = length - first_bits;
            if prefix != second.prefix {
                let bits = second_bits(&counts, length, first_bits);
                second = Second {
                    prefix,
                    start: second.end,
                    end: second.end + (1 << bits),
                };
                table[prefix] = Entry::link(second.start, bits, first_bits);
            }
            let part = &mut table[second.start..second.end];
            fill(part, code >> first_bits, rest, meanings[symbol].after(rest));
        }
        counts[length as usize] -= 1;
        code = after(code, length);
    }
    double(table, length..first_bits);
    Ok(())
}

/// Makes a table for codes of so many bits one for codes of more.
fn double(table: &mut [Entry], bits: Range<u32>) {
    for bits in bits {
        let (known, same) = table[..2 << bits].split_at_mut(1 << bits);
        same.copy_from_slice(known);
    }
}

/// The code of `length` bits that comes next, the first bit lowest. A code that gets longer stays the same number.
fn after(code: usize, length: u32) -> usize {
    let unset = !code & ((1 << length) - 1);
    match unset.checked_ilog2() {
        Some(last) => code & ((1 << last) - 1) | 1 << last,
        None => 0,
    }
}

/// The part of the table for codes that are longer than the first part knows and start alike.
struct Second {
    prefix: usize,
    start: usize,
    end: usize,
}

/// Puts `entry` wherever the lowest `length` bits of the place are `code`.
fn fill(table: &mut [Entry], code: usize, length: u32, entry: Entry) {
    for place in table[code..].iter_mut().step_by(1 << length) {
        *place = entry;
    }
}

/// The symbols that have a code, the shortest first, and how many they are.
fn sorted(lengths: &[u8], counts: &Counts) -> ([u16; 320], usize) {
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

fn check(counts: &Counts, incomplete: Incomplete) -> Result<(), NoCode> {
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

/// How many bits index the second part whose first code has `length` bits. `counts` tells of the
/// codes that are not placed yet.
fn second_bits(counts: &Counts, length: u32, first_bits: u32) -> u32 {
    let mut bits = length - first_bits;
    let mut used = counts[length as usize];
    while used < 1 << bits {
        bits += 1;
        used = 2 * used + counts[(first_bits + bits) as usize];
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gzip::tables::LengthTable;

    /// The code of each symbol, first bit first, as far as a table of code lengths can tell.
    fn codes(lengths: [u8; 19]) -> Vec<(usize, String)> {
        let table = LengthTable::new(&lengths).expect("a code");
        let mut codes = Vec::new();
        for bits in 0..128_u64 {
            let (symbol, len) = table.symbol(bits);
            let code = (0..len)
                .map(|bit| if bits >> bit & 1 == 1 { '1' } else { '0' })
                .collect();
            codes.push((symbol, code));
        }
        codes.sort();
        codes.dedup();
        codes
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 1951, 3.2.2: A to H with lengths 3, 3, 3, 3, 3, 2, 4, 4.
        let mut lengths = [0; 19];
        lengths[..8].copy_from_slice(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let expected = ["010", "011", "100", "101", "110", "00", "1110", "1111"];
        let expected: Vec<_> = expected.into_iter().map(String::from).enumerate().collect();
        assert_eq!(codes(lengths), expected);
    }

    #[test]
    fn second_parts_have_room_for_the_longest_codes() {
        // One code of each length and two of the longest: the deepest tree there is.
        let mut lengths: Vec<u8> = (1..=15).collect();
        lengths.push(15);
        for first_bits in [7, 8, 11] {
            let mut table = [Entry::NONE; 4096];
            let meanings = [Entry::NONE; 16];
            build(
                &mut table,
                first_bits,
                &lengths,
                Incomplete::Never,
                &meanings,
            )
            .expect("a code");
            let links = table.iter().filter(|entry| entry.is_link()).count();
            assert_eq!(links, 1);
        }
    }

    #[test]
    fn lengths_that_are_no_code_are_refused() {
        let built = |lengths: &[u8], incomplete| {
            let meanings = [Entry::NONE; 3];
            build(&mut [Entry::NONE; 256], 7, lengths, incomplete, &meanings)
        };
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
        let mut table = [Entry::NONE.after(3); 256];
        let meanings = [Entry::NONE; 2];
        build(&mut table, 7, &[0, 1], Incomplete::Single, &meanings).expect("a code");
        assert_eq!((table[0], table[1]), (Entry::NONE.after(1), Entry::NONE));
    }
}
