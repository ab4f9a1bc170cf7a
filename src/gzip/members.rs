//! The one reading of a gzip blob to its end: inflates, checks every member, notes every block.
//!
//! It keeps none of the inflated bytes; the sink has them.

use std::io::{self, Read};

use super::header;
use super::index::{BlockIndex, Found, Kind, joined};
use super::inflate::Inflater;
use super::source::Unread;
use super::window::{Drain, Each};
use crate::digest::Digest;

/// Why a gzip blob was not inflated to its end.
#[derive(Debug, thiserror::Error)]
pub enum InflateError<E> {
    /// The compressed bytes could not be read.
    #[error("the compressed bytes cannot be read")]
    Read(#[source] io::Error),
    /// They are not a sound gzip stream.
    #[error("{0}")]
    Fault(&'static str),
    /// The sink refused the inflated bytes.
    #[error("the inflated bytes were refused")]
    Sink(#[source] E),
}

impl<E> From<Unread> for InflateError<E> {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Read(error) => Self::Read(error),
            Unread::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Inflates a gzip blob of one member or several, gives `sink` the bytes in order and returns the
/// index of its blocks.
///
/// The input is read to its end. Length and CRC-32 of every member are checked, and the CRC of a
/// header that has one.
///
/// # Errors
/// When the input cannot be read, is damaged, ends too early or goes on after its last member, and
/// when the sink fails.
pub fn inflate<E>(
    input: impl Read,
    mut sink: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<BlockIndex, InflateError<E>> {
    let mut inflater = Inflater::new(input, &[]);
    let mut drain = Each::new(|bytes: &[u8]| sink(bytes).map_err(InflateError::Sink));
    let index = members(&mut inflater, &mut drain)?;
    inflater.window.finish(&mut drain)?;
    Ok(index)
}

/// A gzip blob that was inflated, and the digests of it.
#[derive(Debug)]
pub struct Hashed {
    /// Where its blocks lie.
    pub index: BlockIndex,
    /// The digest of the blob.
    pub stored: Digest,
    /// The digest of what it inflates to; `None` where who took that went on hashing it.
    pub content: Option<Digest>,
}

/// As [`inflate`], but hashes what it reads and what it makes; where the processor can
/// ([`can_hash_beside`](super::can_hash_beside)), in much less time than apart.
///
/// # Errors
/// As [`inflate`].
pub fn inflate_and_hash<E>(
    input: impl Read,
    mut sink: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<Hashed, InflateError<E>> {
    let mut drain = Each::new(|bytes: &[u8]| sink(bytes).map_err(InflateError::Sink));
    drain_and_hash(input, &mut drain)
}

/// As [`inflate_and_hash`], but hands on whole buffers.
pub(crate) fn drain_and_hash<E>(
    input: impl Read,
    drain: &mut impl Drain<InflateError<E>>,
) -> Result<Hashed, InflateError<E>> {
    let mut inflater = Inflater::new(input, &[]).summed();
    let index = members(&mut inflater, drain)?;
    let content = inflater.window.finish(drain)?;
    Ok(Hashed {
        index,
        stored: inflater.source.digest().expect("it was hashed"),
        content,
    })
}

/// Inflates members to the end of the input.
fn members<E, R: Read>(
    inflater: &mut Inflater<R>,
    drain: &mut impl Drain<InflateError<E>>,
) -> Result<BlockIndex, InflateError<E>> {
    let mut index = BlockIndex::default();
    loop {
        header::read(&mut inflater.source)?;
        index.push(&Found::GAP, inflater.source.position(), false);
        member(inflater, &mut index, drain)?;
        index.push(&Found::GAP, inflater.source.position(), false);
        if inflater.source.is_at_end()? {
            return Ok(index);
        }
    }
}

/// Inflates the blocks of one member and checks its trailer.
fn member<E: From<Unread>, R: Read>(
    inflater: &mut Inflater<R>,
    index: &mut BlockIndex,
    drain: &mut impl Drain<E>,
) -> Result<(), E> {
    inflater.window.start_member();
    let start = index.inflated_len();
    let crc = blocks(inflater, index, drain)?;
    let (wanted_crc, wanted_len) = header::read_trailer(&mut inflater.source)?;
    if crc != wanted_crc {
        return Err(Unread::Fault("a gzip member does not match the CRC-32 in its trailer").into());
    }
    let len = (index.inflated_len() - start) & u64::from(u32::MAX);
    if len != u64::from(wanted_len) {
        return Err(Unread::Fault("a gzip member has not the length in its trailer").into());
    }
    Ok(())
}

/// Inflates blocks up to the last and returns the CRC-32 of what they make.
pub(super) fn blocks<E: From<Unread>, R: Read>(
    inflater: &mut Inflater<R>,
    index: &mut BlockIndex,
    drain: &mut impl Drain<E>,
) -> Result<u32, E> {
    let mut crc = 0;
    loop {
        let block = inflater.block(drain)?;
        let made = block.made;
        let kind = if block.is_stored {
            Kind::Stored
        } else {
            Kind::Coded
        };
        let found = Found {
            kind,
            len: made.len,
            crc: made.crc,
            reach: made.reach,
        };
        index.push(&found, inflater.source.position(), block.is_last);
        crc = joined(crc, made.crc, made.len);
        if block.is_last {
            return Ok(crc);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A member of stored bytes "abc" in a block of the fixed code, with these header flags.
    fn member_with(flags: u8, fields: &[u8], deflate: &[u8]) -> Vec<u8> {
        let crc = crc32fast::hash(b"abc").to_le_bytes();
        [
            &[0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3],
            fields,
            deflate,
            &crc,
            &[3, 0, 0, 0],
        ]
        .concat()
    }

    const STORED: [u8; 8] = [1, 3, 0, 0xfc, 0xff, b'a', b'b', b'c'];

    fn fault(gzip: &[u8]) -> Result<Vec<u8>, &'static str> {
        let mut content = Vec::new();
        let index = inflate(gzip, |bytes| {
            content.extend_from_slice(bytes);
            Ok::<_, ()>(())
        });
        let hashed = inflate_and_hash(gzip, |_| Ok::<_, ()>(()));
        match (&index, &hashed) {
            (Ok(index), Ok(hashed)) => {
                assert_eq!(&hashed.index, index);
                assert_eq!(hashed.stored, Digest::of(gzip));
                assert_eq!(hashed.content, Some(Digest::of(&content)));
            }
            _ => assert_eq!(
                hashed.map(drop).map_err(|error| error.to_string()),
                index.as_ref().map(drop).map_err(ToString::to_string)
            ),
        }
        match index {
            Ok(_) => Ok(content),
            Err(InflateError::Fault(fault)) => Err(fault),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn header_fields_are_read_past() {
        let plain = member_with(0, &[], &STORED);
        assert_eq!(fault(&plain), Ok(b"abc".to_vec()));
        assert_eq!(
            fault(&[plain.clone(), plain].concat()),
            Ok(b"abcabc".to_vec())
        );
        for (flags, fields) in [
            (1, &b""[..]),
            (4, b"\x03\0xyz"),
            (4, b"\0\0"),
            (8, b"name\0"),
            (16, b"comment\0"),
            (28, b"\x01\0xname\0\0"),
            (2, b"\xa7\x77"),
        ] {
            let gzip = member_with(flags, fields, &STORED);
            assert_eq!(fault(&gzip), Ok(b"abc".to_vec()), "flags {flags}");
        }
    }

    #[test]
    fn every_fault_has_its_name() {
        let sound = member_with(0, &[], &STORED);
        let changed = |place: usize, byte: u8| {
            let mut gzip = sound.clone();
            gzip[place] = byte;
            gzip
        };
        let deflate = |bits: &[u8]| member_with(0, &[], bits);
        for (gzip, expected) in [
            (vec![], "the stream is cut short"),
            (
                b"PK\x03\x04".to_vec(),
                "there is no gzip member where one must start",
            ),
            (
                changed(2, 7),
                "a gzip member is not compressed with deflate",
            ),
            (changed(3, 0x80), "a gzip header has reserved flags"),
            (
                member_with(2, &[0, 0], &STORED),
                "a gzip header does not match its checksum",
            ),
            (
                changed(18, 0),
                "a gzip member does not match the CRC-32 in its trailer",
            ),
            (
                changed(22, 4),
                "a gzip member has not the length in its trailer",
            ),
            (changed(13, 0), "a stored block has not the length it says"),
            (
                [&sound[..], &[0]].concat(),
                "there is no gzip member where one must start",
            ),
            (
                [&sound[..], &sound[..9]].concat(),
                "the stream is cut short",
            ),
            (deflate(&[7]), "a deflate block is of no known kind"),
            (deflate(&[0xfd]), "a deflate block has too many symbols"),
            (
                deflate(&[5, 0, 0, 0, 0]),
                "the code lengths of a deflate block have no code",
            ),
            // The fixed code: a length of 3, then distance 1 with nothing before it.
            (
                deflate(&[0x03, 0x02, 0, 0, 0]),
                "a distance reaches before the start",
            ),
            // The fixed code: 'a', a length of 3, then distance symbol 31.
            (deflate(&[0x4b, 0x04, 0x3e, 0, 0]), "a distance has no code"),
            // The fixed code: symbol 287.
            (deflate(&[0x1b, 0x07, 0, 0]), "a literal has no code"),
        ] {
            assert_eq!(fault(&gzip), Err(expected), "{gzip:02x?}");
        }
        for cut in 0..sound.len() {
            assert_eq!(
                fault(&sound[..cut]),
                Err("the stream is cut short"),
                "cut to {cut}"
            );
        }
    }

    #[test]
    fn a_member_does_not_refer_to_the_one_before_it() {
        let first = member_with(0, &[], &STORED);
        // The fixed code: a length of 3, then distance 1.
        let second = member_with(0, &[], &[0x03, 0x02, 0, 0, 0]);
        let expected = Err("a distance reaches before the start");
        assert_eq!(fault(&[first, second].concat()), expected);
    }

    #[test]
    fn errors_of_reader_and_sink_come_through() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        let read = inflate(Broken, |_| Ok::<_, ()>(()));
        assert!(
            matches!(read, Err(InflateError::Read(error)) if error.kind() == io::ErrorKind::BrokenPipe)
        );
        let refused = inflate(&member_with(0, &[], &STORED)[..], |_| Err("full"));
        assert!(matches!(refused, Err(InflateError::Sink("full"))));
    }
}
