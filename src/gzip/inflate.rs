//! Inflates raw deflate (RFC 1951) block by block, in the manner of libdeflate.
//!
//! It knows neither gzip headers nor trailers, and it has no unsafe code: margins around both
//! buffers keep the checks of the inner loop few and foreseeable.

use std::io::Read;

use super::huffman::{
    DISTANCE_BITS, END, EXCEPTION, Incomplete, LENGTH_BITS, LINK, LITERAL, LITERAL_BITS, Tables,
    build,
};
use super::source::{self, Cursor, Source, Unread};
use super::window::{self, Made, PLACES, Window};

/// A block that was inflated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inflated {
    pub is_stored: bool,
    pub is_last: bool,
    pub made: Made,
}

/// Reads blocks from a source into a window.
pub(super) struct Inflater<R> {
    pub source: Source<R>,
    pub window: Window,
    tables: Box<Tables>,
    /// The tables are those of the fixed code.
    is_fixed: bool,
}

impl<R: Read> Inflater<R> {
    pub(super) fn new(reader: R, dictionary: &[u8]) -> Self {
        Self {
            source: Source::new(reader),
            window: Window::new(dictionary),
            tables: Box::new(Tables {
                literals: [0; 4096],
                distances: [0; 512],
            }),
            is_fixed: false,
        }
    }

    /// Inflates one block. The sink gets bytes whenever the window is full.
    pub(super) fn block<E: From<Unread>>(
        &mut self,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<Inflated, E> {
        let is_last = self.source.take(1)? == 1;
        let kind = self.source.take(2)?;
        match kind {
            0 => self.stored(sink)?,
            1 => {
                self.fixed();
                self.coded(sink)?;
            }
            2 => {
                self.dynamic()?;
                self.coded(sink)?;
            }
            _ => return Err(Unread::Fault("a deflate block is of no known kind").into()),
        }
        self.source.check()?;
        Ok(Inflated {
            is_stored: kind == 0,
            is_last,
            made: self.window.end_block(),
        })
    }

    fn stored<E: From<Unread>>(
        &mut self,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.source.align();
        let mut left = self.source.take(16)? as usize;
        if self.source.take(16)? as usize != left ^ 0xffff {
            return Err(Unread::Fault(
                "the length of a stored block does not match its complement",
            )
            .into());
        }
        while left > 0 {
            self.window.make_room(sink)?;
            let room = &mut self.window.bytes[self.window.at..];
            let bytes = self.source.bytes(left.min(room.len()))?;
            room[..bytes.len()].copy_from_slice(bytes);
            self.window.at += bytes.len();
            left -= bytes.len();
        }
        Ok(())
    }

    fn coded<E: From<Unread>>(
        &mut self,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            self.source.fill()?;
            self.window.make_room(sink)?;
            let (input, cursor) = self.source.readable();
            let mut lowest = self.window.at;
            let Window {
                bytes, at, base, ..
            } = &mut self.window;
            let is_done = decode(&self.tables, input, cursor, bytes, at, *base, &mut lowest);
            self.window.note_reach(lowest);
            if is_done.map_err(Unread::Fault)? {
                return Ok(());
            }
        }
    }

    fn fixed(&mut self) {
        if !std::mem::replace(&mut self.is_fixed, true) {
            let lengths: [u8; 288] = std::array::from_fn(|symbol| match symbol {
                0..144 | 280.. => 8,
                144..256 => 9,
                _ => 7,
            });
            self.build(&lengths, &[5; 32])
                .expect("the fixed code is a code");
        }
    }

    fn dynamic(&mut self) -> Result<(), Unread> {
        self.is_fixed = false;
        let literals = self.source.take(5)? as usize + 257;
        let distances = self.source.take(5)? as usize + 1;
        let coded = self.source.take(4)? as usize + 4;
        if literals > 286 || distances > 30 {
            return Err(Unread::Fault("a deflate block has too many symbols"));
        }
        let mut lengths = [0_u8; 19];
        for &symbol in &LENGTH_ORDER[..coded] {
            lengths[symbol] = u8::try_from(self.source.take(3)?).expect("three bits");
        }
        let mut table = [0_u32; 1 << LENGTH_BITS];
        let meaning = |symbol| word(symbol) << 16;
        build(
            &mut table,
            LENGTH_BITS,
            &lengths,
            Incomplete::Never,
            meaning,
        )
        .map_err(|_| Unread::Fault("the code lengths of a deflate block have no code"))?;
        let mut lengths = [0_u8; 286 + 30];
        self.lengths(&table, &mut lengths[..literals + distances])?;
        if lengths[256] == 0 {
            return Err(Unread::Fault("a deflate block has no code for its end"));
        }
        self.build(
            &lengths[..literals],
            &lengths[literals..literals + distances],
        )
    }

    /// Reads the code lengths of a dynamic block (RFC 1951, 3.2.7).
    fn lengths(&mut self, table: &[u32], lengths: &mut [u8]) -> Result<(), Unread> {
        let mut at = 0;
        while at < lengths.len() {
            self.source.refill()?;
            let entry = table[(self.source.cursor.bits & ((1 << LENGTH_BITS) - 1)) as usize];
            self.source.cursor.drop(entry & 63);
            let (value, repeat) = match entry >> 16 {
                length @ 0..16 => (u8::try_from(length).expect("under 16"), 1),
                16 if at == 0 => {
                    return Err(Unread::Fault(
                        "a deflate block repeats a code length before the first",
                    ));
                }
                16 => (lengths[at - 1], 3 + self.source.take(2)?),
                17 => (0, 3 + self.source.take(3)?),
                _ => (0, 11 + self.source.take(7)?),
            };
            let end = at + repeat as usize;
            lengths
                .get_mut(at..end)
                .ok_or(Unread::Fault(
                    "a deflate block repeats a code length past the last",
                ))?
                .fill(value);
            at = end;
        }
        Ok(())
    }

    fn build(&mut self, literals: &[u8], distances: &[u8]) -> Result<(), Unread> {
        let Tables {
            literals: first,
            distances: second,
        } = &mut *self.tables;
        build(first, LITERAL_BITS, literals, Incomplete::Single, literal)
            .map_err(|_| Unread::Fault("the literals of a deflate block have no code"))?;
        build(
            second,
            DISTANCE_BITS,
            distances,
            Incomplete::Single,
            distance,
        )
        .map_err(|_| Unread::Fault("the distances of a deflate block have no code"))
    }
}

const LENGTH_ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

fn word(small: usize) -> u32 {
    u32::try_from(small).expect("a symbol")
}

/// What a symbol of the literal and length alphabet means.
fn literal(symbol: usize) -> u32 {
    let of = |base: u32, extra: u32| base << 16 | extra;
    match symbol {
        0..256 => LITERAL | word(symbol) << 16,
        256 => EXCEPTION | END,
        257..265 => of(word(symbol) - 254, 0),
        285 => of(258, 0),
        265..285 => {
            let extra = (word(symbol) - 261) / 4;
            of(3 + ((4 + (word(symbol) - 261) % 4) << extra), extra)
        }
        _ => EXCEPTION,
    }
}

/// What a symbol of the distance alphabet means.
fn distance(symbol: usize) -> u32 {
    let symbol = word(symbol);
    match symbol {
        0..4 => (symbol + 1) << 16,
        4..30 => {
            let extra = symbol / 2 - 1;
            (1 + ((2 + symbol % 2) << extra)) << 16 | extra
        }
        _ => EXCEPTION,
    }
}

/// Decodes symbols until the block ends (true), or until a round more could leave a buffer (false).
/// `lowest` becomes the lowest place in the output that a reference reached back to.
///
/// A round drops 56 bits at most between two refills: three literals of the first table, or two and
/// a length; or a distance. All masks of places are without effect: they tell the compiler what the
/// margins ensure.
#[inline(always)]
fn decode(
    tables: &Tables,
    input: &[u8],
    cursor: &mut Cursor,
    output: &mut window::Bytes,
    at: &mut usize,
    base: usize,
    lowest: &mut usize,
) -> Result<bool, &'static str> {
    let Cursor {
        mut bits,
        mut count,
        mut next,
    } = *cursor;
    let mut place = *at;
    let mut low_place = *lowest;
    let last_in = input.len() - source::MARGIN / 2;
    macro_rules! refill {
        () => {
            let word: [u8; 8] = input[next..next + 8].try_into().expect("eight bytes");
            bits |= u64::from_le_bytes(word).wrapping_shl(count);
            next += (!count as usize & 63) >> 3;
            count |= 56;
        };
    }
    macro_rules! drop_bits {
        ($entry:expr) => {
            bits = bits.wrapping_shr($entry);
            count = count.wrapping_sub($entry);
        };
    }
    macro_rules! literal {
        ($entry:expr) => {
            output[place & PLACES] = ($entry >> 16).to_le_bytes()[0];
            place += 1;
        };
    }
    let result = loop {
        if next > last_in || place > window::FULL {
            break Ok(false);
        }
        refill!();
        let mut entry = tables.literals[low(bits, LITERAL_BITS)];
        let mut before = bits;
        drop_bits!(entry);
        if entry & LITERAL != 0 {
            literal!(entry);
            entry = tables.literals[low(bits, LITERAL_BITS)];
            before = bits;
            drop_bits!(entry);
            if entry & LITERAL != 0 {
                literal!(entry);
                entry = tables.literals[low(bits, LITERAL_BITS)];
                before = bits;
                drop_bits!(entry);
                if entry & LITERAL != 0 {
                    literal!(entry);
                    continue;
                }
            }
        }
        if entry & EXCEPTION != 0 {
            if entry & LINK != 0 {
                let at = (entry >> 16) as usize + low(bits, entry >> 8 & 15);
                entry = tables.literals[at & 4095];
                before = bits;
                drop_bits!(entry);
                if entry & LITERAL != 0 {
                    literal!(entry);
                    continue;
                }
            }
            if entry & EXCEPTION != 0 {
                break if entry & END != 0 {
                    Ok(true)
                } else {
                    Err("a literal has no code")
                };
            }
        }
        let length = (entry >> 16) as usize + (low(before, entry & 63) >> (entry >> 8 & 15));
        if count & 63 < 28 {
            refill!();
        }
        let mut entry = tables.distances[low(bits, DISTANCE_BITS)];
        let mut before = bits;
        drop_bits!(entry);
        if entry & EXCEPTION != 0 {
            if entry & LINK != 0 {
                let at = (entry >> 16) as usize + low(bits, entry >> 8 & 15);
                entry = tables.distances[at & 511];
                before = bits;
                drop_bits!(entry);
            }
            if entry & EXCEPTION != 0 {
                break Err("a distance has no code");
            }
        }
        let distance = (entry >> 16) as usize + (low(before, entry & 63) >> (entry >> 8 & 15));
        if distance > place - base {
            break Err("a distance reaches before the start");
        }
        let from = place - distance;
        low_place = low_place.min(from);
        copy(output, from, place, length);
        place += length;
    };
    *cursor = Cursor {
        bits,
        count: count & 63,
        next,
    };
    (*at, *lowest) = (place, low_place);
    result
}

/// Repeats what stands at `from` up to `place`, for `length` bytes; writes up to 15 bytes more.
#[inline(always)]
fn copy(output: &mut window::Bytes, from: usize, place: usize, length: usize) {
    let distance = place - from;
    if distance >= 16 {
        let mut done = 0;
        loop {
            move_bytes::<16>(output, from + done, place + done);
            done += 16;
            if done >= length {
                return;
            }
        }
    }
    if distance >= 8 {
        for done in (0..length).step_by(8) {
            move_bytes::<8>(output, from + done, place + done);
        }
    } else if distance == 1 {
        let byte = output[from & PLACES];
        for done in (0..length).step_by(16) {
            let place = (place + done) & PLACES;
            output[place..place + 16].fill(byte);
        }
    } else {
        for done in 0..length {
            output[(place + done) & PLACES] = output[(from + done) & PLACES];
        }
    }
}

#[inline(always)]
fn move_bytes<const N: usize>(output: &mut window::Bytes, from: usize, place: usize) {
    let (from, place) = (from & PLACES, place & PLACES);
    let bytes: [u8; N] = output[from..from + N].try_into().expect("N bytes");
    output[place..place + N].copy_from_slice(&bytes);
}

/// The lowest `count` bits.
#[inline(always)]
fn low(bits: u64, count: u32) -> usize {
    usize::try_from(bits & ((1 << count) - 1)).expect("no symbol has over 28 bits")
}
