//! Inflates zstd frame by frame and notes where each frame lies: a frame refers to nothing outside it.
//!
//! It holds no content, and it does not say which frames are kept.

use std::io::{self, Read};
use std::ops::Range;

use zstd::stream::raw::{Decoder, Operation as _};

use super::relay::CHUNK;

/// As many frames are told apart whatever the blob holds.
const FREE_FRAMES: u64 = 4096;
/// Beyond them, one for so many inflated bytes: a blob of tiny frames must not fill the memory.
const BYTES_PER_FRAME: u64 = 1024;

/// A frame of a zstd blob, or several one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its bytes in the blob.
    pub stored: Range<u64>,
    /// The bytes it inflates to.
    pub inflated: Range<u64>,
}

/// The frames of a zstd blob that have content, in order.
///
/// Skippable frames are not among them: what they hold (tables of contents, seek tables) tells of the old blob.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    list: Vec<Frame>,
}

impl Frames {
    /// The frames that lie inside a range of the inflated bytes, in order.
    pub fn within(&self, kept: &Range<u64>) -> impl Iterator<Item = &Frame> {
        let first = self
            .list
            .partition_point(|frame| frame.inflated.start < kept.start);
        let end = kept.end;
        let from_there = self.list[first..].iter();
        from_there.take_while(move |frame| frame.inflated.end <= end)
    }

    fn push(&mut self, stored: Range<u64>, inflated: Range<u64>) {
        if inflated.is_empty() {
            return;
        }
        let is_full = self.list.len() as u64 > FREE_FRAMES + inflated.end / BYTES_PER_FRAME;
        match self.list.last_mut() {
            Some(last) if is_full => {
                // What comes after something that must not be copied is not told at all.
                if last.stored.end == stored.start && last.inflated.end == inflated.start {
                    (last.stored.end, last.inflated.end) = (stored.end, inflated.end);
                }
            }
            _ => self.list.push(Frame { stored, inflated }),
        }
    }
}

/// Inflates a zstd blob to its end, gives `sink` the bytes in order until it wants no more, and returns the frames.
///
/// # Errors
/// When the blob cannot be read, is damaged or ends inside a frame.
pub(super) fn inflate(
    mut input: impl Read,
    mut sink: impl FnMut(&[u8]) -> bool,
) -> io::Result<Frames> {
    let mut frames = Frames::default();
    let mut decoder = Decoder::new()?;
    let (mut packed, mut plain) = (vec![0; CHUNK], vec![0; CHUNK]);
    let (mut unread, mut stored, mut inflated) = (0..0, 0..0, 0..0);
    let mut is_inside = false;
    loop {
        if unread.is_empty() {
            unread = 0..input.read(&mut packed)?;
            if unread.is_empty() {
                break;
            }
        }
        // Output that does not fit waits in the decoder, also when all input is taken.
        loop {
            let status = decoder.run_on_buffers(&packed[unread.clone()], &mut plain)?;
            unread.start += status.bytes_read;
            stored.end += status.bytes_read as u64;
            inflated.end += status.bytes_written as u64;
            if status.bytes_written > 0 && !sink(&plain[..status.bytes_written]) {
                return Ok(frames);
            }
            is_inside = status.remaining > 0;
            if !is_inside {
                frames.push(stored.clone(), inflated.clone());
                (stored.start, inflated.start) = (stored.end, inflated.end);
            }
            if unread.is_empty() && (!is_inside || status.bytes_written < plain.len()) {
                break;
            }
        }
    }
    if is_inside {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the last frame is cut short",
        ));
    }
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SKIPPABLE: &[u8] = b"\x50\x2a\x4d\x18\x03\0\0\0xyz";

    fn inflated(blob: &[u8]) -> io::Result<(Vec<u8>, Frames)> {
        let mut content = Vec::new();
        let frames = inflate(blob, |bytes| {
            content.extend_from_slice(bytes);
            true
        })?;
        Ok((content, frames))
    }

    #[test]
    fn frames_are_told_apart_and_skippable_ones_left_out() {
        let contents: [Vec<u8>; 4] = [
            vec![b'a'; 700_000],
            Vec::new(),
            (0..600_000_u32).flat_map(u32::to_le_bytes).collect(),
            b"end".to_vec(),
        ];
        let mut blob = SKIPPABLE.to_vec();
        let mut expected = Vec::new();
        let mut at = 0;
        for content in &contents {
            let start = blob.len() as u64;
            blob.extend(zstd::encode_all(&content[..], 1).unwrap());
            let len = content.len() as u64;
            expected.push(Frame {
                stored: start..blob.len() as u64,
                inflated: at..at + len,
            });
            at += len;
            blob.extend(SKIPPABLE);
        }
        expected.remove(1);
        let (content, frames) = inflated(&blob).unwrap();
        assert!(content == contents.concat());
        assert_eq!(frames.list, expected);
        for (kept, found) in [
            (0..at, 0..3),
            (1..at, 1..3),
            (700_000..at - 1, 1..2),
            (700_001..at - 3, 0..0),
            (at..at, 0..0),
        ] {
            let within: Vec<_> = frames.within(&kept).cloned().collect();
            assert_eq!(within, expected[found], "{kept:?}");
        }
        for cut in [12, 40, 100, 200_000, blob.len() - 1, blob.len() - 12] {
            assert!(inflated(&blob[..cut]).is_err(), "cut to {cut}");
        }
        let garbage = [&blob[..], b"garbage"].concat();
        assert!(inflated(&garbage).is_err());
    }

    #[test]
    fn tiny_frames_share_entries_once_there_are_many() {
        let tiny = zstd::encode_all(&b"x"[..], 1).unwrap();
        let (content, frames) = inflated(&tiny.repeat(20_000)).unwrap();
        assert_eq!(content.len(), 20_000);
        assert!(frames.list.len() < 4200, "{}", frames.list.len());
        assert_eq!(frames.list.last().unwrap().inflated.end, 20_000);
        let apart = [&tiny[..], SKIPPABLE].concat().repeat(20_000);
        let (_, frames) = inflated(&apart).unwrap();
        assert!(frames.list.len() < 4200, "{}", frames.list.len());
        let alone = |frame: &Frame| frame.stored.end - frame.stored.start == tiny.len() as u64;
        assert!(frames.list.iter().all(alone));
    }
}
