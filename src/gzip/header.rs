//! The header and trailer of a gzip member (RFC 1952).

use std::io::Read;

use super::source::{Source, Unread};

/// Magic number, deflate, no flags, no time, no hint, unknown system: what Go's encoder writes too.
pub(super) const PLAIN: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

const HEADER_CRC: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0xe0;

/// Reads past a member's header; everything in it is checked and nothing of it is kept.
pub(super) fn read<R: Read>(source: &mut Source<R>) -> Result<(), Unread> {
    let mut header = Header {
        source,
        crc: crc32fast::Hasher::new(),
    };
    if header.byte()? != 0x1f || header.byte()? != 0x8b {
        return Err(Unread::Fault(
            "there is no gzip member where one must start",
        ));
    }
    if header.byte()? != 8 {
        return Err(Unread::Fault(
            "a gzip member is not compressed with deflate",
        ));
    }
    let flags = header.byte()?;
    if flags & RESERVED != 0 {
        return Err(Unread::Fault("a gzip header has reserved flags"));
    }
    header.skip(6)?;
    if flags & EXTRA != 0 {
        let len = header.two()?;
        header.skip(len)?;
    }
    for text in [NAME, COMMENT] {
        while flags & text != 0 && header.byte()? != 0 {}
    }
    if flags & HEADER_CRC != 0 {
        let computed = header.crc.clone().finalize() & 0xffff;
        if u32::from(header.two()?) != computed {
            return Err(Unread::Fault("a gzip header does not match its checksum"));
        }
    }
    Ok(())
}

/// Reads a member's trailer: the CRC-32 of its content and its length modulo 2^32.
pub(super) fn read_trailer<R: Read>(source: &mut Source<R>) -> Result<(u32, u32), Unread> {
    source.align();
    Ok((source.take(32)?, source.take(32)?))
}

/// The trailer for content with this CRC-32 and length.
pub(super) fn trailer(crc: u32, len: u64) -> [u8; 8] {
    let [a, b, c, d] = crc.to_le_bytes();
    let [e, f, g, h, ..] = len.to_le_bytes();
    [a, b, c, d, e, f, g, h]
}

struct Header<'a, R> {
    source: &'a mut Source<R>,
    crc: crc32fast::Hasher,
}

impl<R: Read> Header<'_, R> {
    fn byte(&mut self) -> Result<u8, Unread> {
        let byte = self.source.byte()?;
        self.crc.update(&[byte]);
        Ok(byte)
    }

    fn two(&mut self) -> Result<u16, Unread> {
        Ok(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, count: u16) -> Result<(), Unread> {
        (0..count).try_for_each(|_| self.byte().map(drop))
    }
}
