//! Writes bits, least significant first, and copies long runs of them at any shift.
//!
//! It knows nothing of deflate.

use super::out::Out;
use crate::error::Result;

/// How many bytes the sink is given at a time, at least.
const CHUNK: usize = 256 << 10;

/// Bits on their way to a sink.
pub(super) struct BitWriter<F> {
    sink: F,
    buffer: Vec<u8>,
    bits: u64,
    /// How many of `bits` count, fewer than 8.
    count: u32,
    written: u64,
}

impl<F: Out> BitWriter<F> {
    pub(super) fn new(sink: F) -> Self {
        Self {
            sink,
            buffer: Vec::with_capacity(2 * CHUNK),
            bits: 0,
            count: 0,
            written: 0,
        }
    }

    /// Writes the lowest `count` bits, 32 at most; `bits` has no others.
    pub(super) fn put(&mut self, bits: u32, count: u32) {
        self.bits |= u64::from(bits) << self.count;
        self.count += count;
        let whole = (self.count / 8) as usize;
        self.buffer
            .extend_from_slice(&self.bits.to_le_bytes()[..whole]);
        self.bits >>= 8 * whole;
        self.count %= 8;
    }

    /// Writes zeros up to the next byte boundary.
    pub(super) fn align(&mut self) {
        self.put(0, (8 - self.count) % 8);
    }

    /// Writes `count` bits of `bytes` from bit `first` on.
    pub(super) fn copy(&mut self, bytes: &[u8], first: usize, count: usize) -> Result<()> {
        let head = ((8 - first % 8) % 8).min(count);
        if head > 0 {
            self.put_part(bytes[first / 8] >> (first % 8), head);
        }
        let bytes = &bytes[(first + head) / 8..];
        let whole = (count - head) / 8;
        self.copy_bytes(&bytes[..whole]);
        let tail = (count - head) % 8;
        if tail > 0 {
            self.put_part(bytes[whole], tail);
        }
        if self.buffer.len() >= CHUNK {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Writes the lowest `count` bits of `byte`.
    fn put_part(&mut self, byte: u8, count: usize) {
        self.put(
            u32::from(byte) & ((1 << count) - 1),
            u32::try_from(count).expect("8 at most"),
        );
    }

    /// Writes whole bytes at the shift where the writer stands.
    fn copy_bytes(&mut self, bytes: &[u8]) {
        if self.count == 0 {
            self.buffer.extend_from_slice(bytes);
            return;
        }
        let (words, rest) = bytes.as_chunks::<8>();
        let start = self.buffer.len();
        self.buffer.resize(start + 8 * words.len(), 0);
        let (places, _) = self.buffer[start..].as_chunks_mut::<8>();
        let shift = self.count;
        let mut carry = self.bits;
        for (place, word) in places.iter_mut().zip(words) {
            let word = u64::from_le_bytes(*word);
            *place = (carry | word << shift).to_le_bytes();
            carry = word >> (64 - shift);
        }
        self.bits = carry;
        for byte in rest {
            self.put(u32::from(*byte), 8);
        }
    }

    /// The number of bits written so far.
    pub(super) fn position(&self) -> u64 {
        8 * (self.written + self.buffer.len() as u64) + u64::from(self.count)
    }

    /// Gives the sink all whole bytes.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.sink.put(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Gives the sink all that was written, which ends with a byte, and marks that place.
    pub(super) fn mark(&mut self, content: u64) -> Result<()> {
        debug_assert_eq!(self.count, 0, "it was aligned");
        self.flush()?;
        self.sink.mark(content);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bits of `bytes` as text, first bit first.
    fn text(bytes: &[u8]) -> String {
        let bit = |byte: u8, at: u32| if byte >> at & 1 == 1 { '1' } else { '0' };
        bytes
            .iter()
            .flat_map(|byte| (0..8).map(move |at| bit(*byte, at)))
            .collect()
    }

    #[test]
    fn any_bits_are_copied_to_any_place() {
        let source: Vec<u8> = (0..40_u8)
            .map(|byte| byte.wrapping_mul(151) ^ 0x5a)
            .collect();
        let bits = text(&source);
        for before in 0..8 {
            for first in 0..16 {
                for count in [0, 1, 2, 7, 8, 9, 15, 63, 64, 65, 127, 130, 200] {
                    let mut out = Vec::new();
                    let mut writer = BitWriter::new(|bytes: &[u8]| {
                        out.extend_from_slice(bytes);
                        Ok(())
                    });
                    writer.put((1 << before) - 1, before);
                    writer
                        .copy(&source, first, count)
                        .expect("memory takes all");
                    assert_eq!(writer.position(), u64::from(before) + count as u64);
                    writer.put(1, 1);
                    writer.align();
                    writer.flush().expect("memory takes all");
                    let expected = "1".repeat(before as usize) + &bits[first..first + count] + "1";
                    let padding = "0".repeat(expected.len().next_multiple_of(8) - expected.len());
                    assert_eq!(text(&out), expected + &padding);
                }
            }
        }
    }
}
