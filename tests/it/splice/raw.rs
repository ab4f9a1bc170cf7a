//! Writes deflate streams that no encoder would: any mix of blocks, any code, any distance.

use proptest::prelude::*;

/// A block to be written.
#[derive(Clone, Debug)]
pub(super) enum RawBlock {
    Stored(Vec<u8>),
    Fixed(Vec<Token>),
    /// The number picks the shape of the codes.
    Dynamic(Vec<Token>, u64),
}

/// A symbol to be written. A distance is cut down to what the member has before it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token {
    Literal(u8),
    Match { length: u16, distance: u16 },
}

/// Blocks whose tokens make up to a few hundred KiB.
pub(super) fn blocks() -> impl Strategy<Value = Vec<RawBlock>> {
    let distance = prop_oneof![1..=20_u16, 1..=32_768_u16, Just(32_768_u16), Just(u16::MAX)];
    let length = prop_oneof![3 => 3..=20_u16, 1 => 3..=258_u16, 1 => Just(258_u16)];
    let token = prop_oneof![
        2 => any::<u8>().prop_map(Token::Literal),
        1 => (0..4_u8).prop_map(Token::Literal),
        2 => (length, distance).prop_map(|(length, distance)| Token::Match { length, distance }),
    ];
    let tokens = prop_oneof![
        Just(Vec::new()).boxed(),
        prop::collection::vec(token.clone(), 1..20).boxed(),
        prop::collection::vec(token, 100..1200).boxed(),
    ];
    let stored = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        (any::<u8>(), 0..=65_535_usize).prop_map(|(seed, len)| noise(seed, len)),
    ];
    let block = prop_oneof![
        1 => stored.prop_map(RawBlock::Stored),
        1 => tokens.clone().prop_map(RawBlock::Fixed),
        3 => (tokens, any::<u64>()).prop_map(|(tokens, shape)| RawBlock::Dynamic(tokens, shape)),
    ];
    prop::collection::vec(block, 1..9)
}

/// Bytes that do not compress.
pub(super) fn noise(seed: u8, len: usize) -> Vec<u8> {
    let mut random = Random(u64::from(seed) + 1);
    (0..len).map(|_| random.next().to_le_bytes()[5]).collect()
}

/// Returns the raw deflate stream and what it inflates to.
pub(super) fn write(blocks: &[RawBlock]) -> (Vec<u8>, Vec<u8>) {
    let mut bits = Bits::default();
    let mut content = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        bits.put(u32::from(at + 1 == blocks.len()), 1);
        match block {
            RawBlock::Stored(bytes) => {
                bits.put(0, 2);
                bits.align();
                let len = u32::try_from(bytes.len()).expect("short");
                bits.put(len, 16);
                bits.put(!len & 0xffff, 16);
                bits.bytes.extend_from_slice(bytes);
                content.extend_from_slice(bytes);
            }
            RawBlock::Fixed(tokens) => {
                bits.put(1, 2);
                let symbols = symbols(tokens, &mut content);
                let literals: Vec<u8> = (0..288)
                    .map(|symbol| match symbol {
                        0..144 | 280.. => 8,
                        144..256 => 9,
                        _ => 7,
                    })
                    .collect();
                bits.symbols(&symbols, &literals, &[5; 32]);
            }
            RawBlock::Dynamic(tokens, shape) => {
                bits.put(2, 2);
                let symbols = symbols(tokens, &mut content);
                bits.dynamic(&symbols, &mut Random(shape | 1));
            }
        }
    }
    bits.align();
    (bits.bytes, content)
}

/// A symbol of one of the alphabets, with its extra bits.
struct Symbol {
    is_distance: bool,
    code: usize,
    extra: u32,
    extra_bits: u32,
}

/// Turns tokens into symbols, with the end of the block, and adds what they make to `content`.
fn symbols(tokens: &[Token], content: &mut Vec<u8>) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    for token in tokens {
        match *token {
            Token::Match { length, distance } if !content.is_empty() => {
                let distance = usize::from(distance).min(32_768).min(content.len());
                symbols.push(length_symbol(length));
                symbols.push(distance_symbol(u32::try_from(distance).expect("small")));
                for _ in 0..length {
                    content.push(content[content.len() - distance]);
                }
            }
            Token::Match { .. } => {}
            Token::Literal(byte) => {
                content.push(byte);
                symbols.push(Symbol {
                    is_distance: false,
                    code: byte.into(),
                    extra: 0,
                    extra_bits: 0,
                });
            }
        }
    }
    symbols.push(Symbol {
        is_distance: false,
        code: 256,
        extra: 0,
        extra_bits: 0,
    });
    symbols
}

/// RFC 1951, 3.2.5, as a table, unlike the program's arithmetic.
fn length_symbol(length: u16) -> Symbol {
    const BASES: [u16; 29] = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115,
        131, 163, 195, 227, 258,
    ];
    const EXTRA: [u32; 29] = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ];
    let at = BASES.partition_point(|base| *base <= length) - 1;
    let extra = u32::from(length - BASES[at]);
    Symbol {
        is_distance: false,
        code: 257 + at,
        extra,
        extra_bits: EXTRA[at],
    }
}

fn distance_symbol(distance: u32) -> Symbol {
    const BASES: [u32; 30] = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
        2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
    ];
    const EXTRA: [u32; 30] = [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12,
        13, 13,
    ];
    let at = BASES.partition_point(|base| *base <= distance) - 1;
    Symbol {
        is_distance: true,
        code: at,
        extra: distance - BASES[at],
        extra_bits: EXTRA[at],
    }
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 20).expect("64 bits") % bound
    }
}

/// Lengths of a random complete code for the used symbols; a single symbol has one bit.
fn code_lengths(used: &[bool], longest: u8, random: &mut Random) -> Vec<u8> {
    let count = used.iter().filter(|used| **used).count();
    let mut leaves = vec![u8::from(count == 1); count.min(1)];
    let is_deep = random.below(2) == 0;
    while leaves.len() < count {
        let mut at = random.below(leaves.len());
        if is_deep && random.below(4) > 0 {
            at = leaves.len() - 1;
        }
        while leaves[at] == longest {
            at = (at + 1) % leaves.len();
        }
        leaves[at] += 1;
        leaves.push(leaves[at]);
    }
    let mut leaves = leaves.into_iter();
    used.iter()
        .map(|used| {
            if *used {
                leaves.next().expect("one each")
            } else {
                0
            }
        })
        .collect()
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    bits: u64,
    count: u32,
}

impl Bits {
    fn put(&mut self, bits: u32, count: u32) {
        self.bits |= u64::from(bits) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.bits.to_le_bytes()[0]);
            self.bits >>= 8;
            self.count -= 8;
        }
    }

    fn align(&mut self) {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
    }

    fn code(&mut self, (code, length): (u32, u8)) {
        for bit in (0..length).rev() {
            self.put(code >> bit & 1, 1);
        }
    }

    fn symbols(&mut self, symbols: &[Symbol], literals: &[u8], distances: &[u8]) {
        let (literals, distances) = (codes(literals), codes(distances));
        for symbol in symbols {
            let alphabet = if symbol.is_distance {
                &distances
            } else {
                &literals
            };
            self.code(alphabet[symbol.code]);
            self.put(symbol.extra, symbol.extra_bits);
        }
    }

    fn dynamic(&mut self, symbols: &[Symbol], random: &mut Random) {
        let mut used = [[false; 286], [false; 286]];
        for symbol in symbols {
            used[usize::from(symbol.is_distance)][symbol.code] = true;
        }
        let [literals, distances] = used;
        let literals = code_lengths(&literals, 15, random);
        let mut distances = code_lengths(&distances[..30], 15, random);
        let last = |lengths: &[u8]| {
            lengths
                .iter()
                .rposition(|length| *length > 0)
                .map_or(0, |at| at + 1)
        };
        let literals = &literals[..257 + random.below(30).max(last(&literals).saturating_sub(257))];
        distances.truncate(last(&distances).max(1 + random.below(30)));
        self.put(u32::try_from(literals.len() - 257).expect("small"), 5);
        self.put(u32::try_from(distances.len() - 1).expect("small"), 5);
        let repeats = repeated(&[literals, &distances[..]].concat(), random);
        let mut used = [false; 19];
        for (code, ..) in &repeats {
            used[*code] = true;
        }
        if used.iter().filter(|used| **used).count() == 1 {
            // The code of the code lengths must be complete.
            used[usize::from(used.iter().position(|used| *used).is_none_or(|at| at == 0))] = true;
            used[0] = true;
        }
        let lengths = code_lengths(&used, 7, random);
        const ORDER: [usize; 19] = [
            16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
        ];
        self.put(15, 4);
        for symbol in ORDER {
            self.put(lengths[symbol].into(), 3);
        }
        let codes = codes(&lengths);
        for (code, extra, extra_bits) in repeats {
            self.code(codes[code]);
            self.put(extra, extra_bits);
        }
        self.symbols(symbols, literals, &distances);
    }
}

/// Code lengths as symbols with extra bits; runs are shortened now and then.
fn repeated(lengths: &[u8], random: &mut Random) -> Vec<(usize, u32, u32)> {
    let mut symbols = Vec::new();
    let mut at = 0;
    while at < lengths.len() {
        let length = lengths[at];
        let run = lengths[at..]
            .iter()
            .take_while(|next| **next == length)
            .count();
        let part = |most: usize| u32::try_from(run.min(most)).expect("small");
        let (symbol, taken) = match length {
            _ if random.below(4) == 0 => ((length.into(), 0, 0), 1),
            0 if run >= 11 => ((18, part(138) - 11, 7), part(138)),
            0 if run >= 3 => ((17, part(10) - 3, 3), part(10)),
            _ if run >= 3 && at > 0 && lengths[at - 1] == length => ((16, part(6) - 3, 2), part(6)),
            _ => ((length.into(), 0, 0), 1),
        };
        symbols.push(symbol);
        at += taken as usize;
    }
    symbols
}

/// The canonical codes for lengths (RFC 1951, 3.2.2).
fn codes(lengths: &[u8]) -> Vec<(u32, u8)> {
    let mut codes = vec![(0, 0); lengths.len()];
    let mut next = 0;
    for length in 1..=15 {
        next <<= 1;
        for (symbol, _) in lengths.iter().enumerate().filter(|(_, of)| **of == length) {
            codes[symbol] = (next, length);
            next += 1;
        }
    }
    codes
}
