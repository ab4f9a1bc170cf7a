//! Inflates raw deflate (RFC 1951) block by block, in the manner of libdeflate.
//!
//! It knows neither gzip headers nor trailers, and it refuses what zlib refuses.

use std::io::Read;

use super::beside::decode_and_hash;
use super::decode::decode;
use super::source::{Source, Unread};
use super::sum::Sum;
use super::tables::{LengthTable, Tables};
use super::window::{Drain, Made, WINDOW, Window};
use crate::pages::Pages;

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
}

impl<R: Read> Inflater<R> {
    /// References may reach into `dictionary`, which has 32 KiB at most.
    pub(super) fn new(reader: R, dictionary: &[u8]) -> Self {
        Self {
            source: Source::new(reader),
            window: Window::new(Pages::new(WINDOW), dictionary),
            tables: Box::new(Tables::new()),
        }
    }

    /// The same, and what is read and what is inflated is hashed.
    pub(super) fn summed(self) -> Self {
        Self {
            source: self.source.summed(),
            window: self.window.summed(),
            ..self
        }
    }

    /// Inflates one block. The window is drained whenever it is full.
    pub(super) fn block<E: From<Unread>>(
        &mut self,
        drain: &mut impl Drain<E>,
    ) -> Result<Inflated, E> {
        let is_last = self.source.take(1)? == 1;
        let kind = self.source.take(2)?;
        match kind {
            0 => self.stored(drain)?,
            1 => {
                self.tables.set_fixed();
                self.coded(drain)?;
            }
            2 => {
                self.dynamic()?;
                self.coded(drain)?;
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

    fn stored<E: From<Unread>>(&mut self, drain: &mut impl Drain<E>) -> Result<(), E> {
        self.source.align();
        let mut left = self.source.take(16)? as usize;
        if self.source.take(16)? as usize != left ^ 0xffff {
            return Err(Unread::Fault("a stored block has not the length it says").into());
        }
        while left > 0 {
            self.window.make_room(drain)?;
            let bytes = self.source.bytes(left.min(self.window.room()))?;
            self.window.put(bytes);
            left -= bytes.len();
            self.hash_both();
        }
        Ok(())
    }

    /// Hashes what waits to be hashed of what is read and of what is made, as much of one as of the other: two at once take
    /// little longer than one.
    fn hash_both(&mut self) {
        let (input, _, stored) = self.source.readable_and_sum();
        if let (Some((stored, end)), Some(content)) = (stored, &mut self.window.sum) {
            let made = &self.window.bytes[..self.window.place.at];
            Sum::catch_up_both((stored, &input[..end]), (content, made));
        }
    }

    fn coded<E: From<Unread>>(&mut self, drain: &mut impl Drain<E>) -> Result<(), E> {
        loop {
            self.hash_both();
            self.source.fill()?;
            self.window.make_room(drain)?;
            if self.decode().map_err(Unread::Fault)? {
                return Ok(());
            }
        }
    }

    /// Decodes what is at hand; tells whether the block ended.
    fn decode(&mut self) -> Result<bool, &'static str> {
        let (input, cursor, stored) = self.source.readable_and_sum();
        let Window {
            bytes, place, sum, ..
        } = &mut self.window;
        let output = (&mut bytes[..]).try_into().expect("a window's buffer");
        let Some(stored) = stored else {
            return decode(&self.tables, input, cursor, output, place);
        };
        let mut elsewhere = Sum::elsewhere();
        let content = sum.as_mut().unwrap_or(&mut elsewhere);
        decode_and_hash(&self.tables, input, cursor, output, place, stored, content)
    }

    /// Reads the codes of a dynamic block (RFC 1951, 3.2.7).
    fn dynamic(&mut self) -> Result<(), Unread> {
        const ORDER: [usize; 19] = [
            16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
        ];
        let literals = self.source.take(5)? as usize + 257;
        let distances = self.source.take(5)? as usize + 1;
        let coded = self.source.take(4)? as usize + 4;
        if literals > 286 || distances > 30 {
            return Err(Unread::Fault("a deflate block has too many symbols"));
        }
        let mut lengths = [0; 19];
        for &symbol in &ORDER[..coded] {
            lengths[symbol] = u8::try_from(self.source.take(3)?).expect("three bits");
        }
        let table = LengthTable::new(&lengths).map_err(Unread::Fault)?;
        let mut lengths = [0; 286 + 30];
        let lengths = &mut lengths[..literals + distances];
        self.lengths(&table, lengths)?;
        if lengths[256] == 0 {
            return Err(Unread::Fault("a deflate block has no code for its end"));
        }
        let (literals, distances) = lengths.split_at(literals);
        self.tables.set(literals, distances).map_err(Unread::Fault)
    }

    /// Reads code lengths, in which runs are shortened.
    fn lengths(&mut self, table: &LengthTable, lengths: &mut [u8]) -> Result<(), Unread> {
        let mut at = 0;
        while at < lengths.len() {
            self.source.refill()?;
            let (symbol, bits) = table.symbol(self.source.cursor.bits);
            self.source.cursor.drop(bits);
            let (length, repeat) = match symbol {
                16 if at == 0 => {
                    return Err(Unread::Fault(
                        "a deflate block repeats a code length before the first",
                    ));
                }
                16 => (lengths[at - 1], 3 + self.source.take(2)?),
                17 => (0, 3 + self.source.take(3)?),
                18 => (0, 11 + self.source.take(7)?),
                length => (u8::try_from(length).expect("a symbol under 16"), 1),
            };
            let end = at + repeat as usize;
            lengths
                .get_mut(at..end)
                .ok_or(Unread::Fault(
                    "a deflate block repeats a code length past the last",
                ))?
                .fill(length);
            at = end;
        }
        Ok(())
    }
}
