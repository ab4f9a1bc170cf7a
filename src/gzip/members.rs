//! The one reading of a gzip blob to its end: inflates, checks every member, notes every block.
//!
//! It keeps none of the inflated bytes; the sink has them.

use std::io::{self, Read};

use super::header;
use super::index::{BlockIndex, Found, Kind, joined};
use super::inflate::Inflater;
use super::source::Unread;

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
    let mut sink = |bytes: &[u8]| sink(bytes).map_err(InflateError::Sink);
    let mut inflater = Inflater::new(input, &[]);
    let mut index = BlockIndex::default();
    loop {
        header::read(&mut inflater.source)?;
        index.push(&Found::GAP, inflater.source.position(), false);
        member(&mut inflater, &mut index, &mut sink)?;
        index.push(&Found::GAP, inflater.source.position(), false);
        if inflater.source.is_at_end()? {
            inflater.window.flush(&mut sink)?;
            return Ok(index);
        }
    }
}

/// Inflates the blocks of one member and checks its trailer.
fn member<E: From<Unread>, R: Read>(
    inflater: &mut Inflater<R>,
    index: &mut BlockIndex,
    sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    inflater.window.start_member();
    let start = index.inflated_len();
    let crc = blocks(inflater, index, sink)?;
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
    sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<u32, E> {
    let mut crc = 0;
    loop {
        let block = inflater.block(sink)?;
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
