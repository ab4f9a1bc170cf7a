//! A compiled program's bytes, a piece at a time: one of gigabytes is looked at in no more memory than a small one, and
//! all that looks at a piece finds it in the processor's cache. Measured on the layers image, whose largest program has 47 MB,
//! against reading programs whole: a run takes 48 MiB of memory in place of 90, and looking at programs 0.15 s of CPU time in
//! place of 0.18.

use std::fmt;
use std::ops::Range;

use crate::error::Result;
use crate::pages::Pages;

/// The bytes that each piece adds: as many as stay in the cache of one core.
const NEW: usize = 256 << 10;
/// The bytes behind the last place at which a find may begin, unless the file ends before: as long as finds are at most.
/// The longest is a path of as many names as are followed (`literals`).
pub(super) const BEHIND: usize = 8 << 10;
/// The bytes before the first such place, unless the file begins behind them: who looks back looks no further.
const BEFORE: usize = 4 << 10;
/// The bytes that a piece has of the one before it; whole pages, so that what is read begins one.
const KEPT: usize = BEFORE + BEHIND;

/// Reads a file from a place on into a buffer, and returns how many bytes: fewer than it takes where there are no more.
pub type Read<'a> = &'a dyn Fn(u64, &mut [u8]) -> Result<usize>;

/// A file that is read in pieces, as often as it is asked for; a small one once.
pub struct Pieces<'a> {
    read: Read<'a>,
    buffer: Pages,
    /// Where in the file the buffer's bytes begin, and how many are read.
    at: u64,
    held: usize,
}

impl fmt::Debug for Pieces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.at..self.at + self.held as u64;
        f.debug_struct("Pieces")
            .field("held", &held)
            .finish_non_exhaustive()
    }
}

/// A piece of a file.
#[derive(Debug)]
pub struct Piece<'a> {
    /// Its bytes, with some that lie before and behind those where finds begin.
    pub bytes: &'a [u8],
    /// Where in the file these bytes begin.
    pub at: u64,
    /// The places in `bytes` where finds begin; those of all pieces are all the file's, each once.
    pub fresh: Range<usize>,
}

impl<'a> Piece<'a> {
    /// A file that is there whole.
    pub fn whole(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            fresh: 0..bytes.len(),
        }
    }

    /// The bytes where finds begin, and behind them as many as one that is `longest` bytes long needs.
    pub fn finds(&self, longest: usize) -> &'a [u8] {
        let end = self.fresh.end.saturating_add(longest.saturating_sub(1));
        &self.bytes[self.fresh.start..end.min(self.bytes.len())]
    }
}

impl<'a> Pieces<'a> {
    /// A file of `size` bytes.
    pub fn new(size: u64, read: Read<'a>) -> Self {
        Self::by(size, NEW, read)
    }

    fn by(size: u64, new: usize, read: Read<'a>) -> Self {
        // A byte more than there are tells that there are no more.
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let len = size.saturating_add(1).clamp(KEPT + 1, KEPT + new);
        Self {
            read,
            buffer: Pages::new(len),
            at: 0,
            held: 0,
        }
    }

    /// Gives each piece to `take`, in their order.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn each(&mut self, mut take: impl FnMut(&Piece<'_>)) -> Result<()> {
        if self.at != 0 || self.held == 0 {
            self.fill(0, 0)?;
        }
        let mut from = 0;
        loop {
            let is_last = self.held < self.buffer.len();
            let behind = if is_last { 0 } else { BEHIND };
            take(&Piece {
                bytes: &self.buffer[..self.held],
                at: self.at,
                fresh: from..self.held - behind,
            });
            if is_last {
                return Ok(());
            }
            let kept = self.held - KEPT;
            self.buffer.copy_within(kept..self.held, 0);
            self.fill(self.at + kept as u64, KEPT)?;
            from = BEFORE;
        }
    }

    /// The bytes from a place on, as many of `length` as there are.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn part(&mut self, from: u64, length: usize) -> Result<Vec<u8>> {
        if self.held == 0 {
            self.fill(0, 0)?;
        }
        let end = if self.is_whole() {
            self.held as u64
        } else {
            u64::MAX
        };
        let there = usize::try_from(end.saturating_sub(from)).unwrap_or(usize::MAX);
        if let Some(bytes) = self.get(from.min(end), length.min(there)) {
            return Ok(bytes.to_vec());
        }
        let mut bytes = vec![0; length];
        let len = (self.read)(from, &mut bytes)?;
        bytes.truncate(len);
        Ok(bytes)
    }

    /// Gives the bytes at each of `places` to `take`, if the file has them all: where they begin, and how many, at most
    /// 8 KiB. Sorts the places, and reads only where they are.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn at(&mut self, mut places: Vec<(u64, usize)>, mut take: impl FnMut(&[u8])) -> Result<()> {
        places.sort_unstable();
        places.dedup();
        let mut left = &places[..];
        while let Some(&(from, length)) = left.first() {
            if self.get(from, length).is_none() && !self.is_whole() {
                self.fill(from, 0)?;
            }
            let there = left
                .iter()
                .map_while(|&(from, length)| self.get(from, length));
            let count = there.inspect(|bytes| take(bytes)).count();
            // The first is not there where the file ends before.
            left = &left[count.max(1)..];
        }
        Ok(())
    }

    /// Reads on behind the first `kept` bytes of the buffer, which begins at `at` in the file.
    fn fill(&mut self, at: u64, kept: usize) -> Result<()> {
        (self.at, self.held) = (at, kept);
        self.held += (self.read)(at + kept as u64, &mut self.buffer[kept..])?;
        Ok(())
    }

    fn is_whole(&self) -> bool {
        self.at == 0 && (1..self.buffer.len()).contains(&self.held)
    }

    /// Bytes of the file that are in the buffer.
    fn get(&self, from: u64, length: usize) -> Option<&[u8]> {
        let from = usize::try_from(from.checked_sub(self.at)?).ok()?;
        self.buffer[..self.held].get(from..from.checked_add(length)?)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Reads a file that is in memory.
    pub(crate) fn reader(file: &[u8]) -> impl Fn(u64, &mut [u8]) -> Result<usize> {
        move |from, buffer| {
            let from = usize::try_from(from).unwrap().min(file.len());
            let len = (file.len() - from).min(buffer.len());
            buffer[..len].copy_from_slice(&file[from..from + len]);
            Ok(len)
        }
    }

    /// Lets `look` look at a file through a whole piece, and through small ones.
    pub(crate) fn both<T: PartialEq + std::fmt::Debug>(
        file: &[u8],
        look: impl Fn(&mut Pieces<'_>) -> T,
    ) -> T {
        let read = reader(file);
        let whole = look(&mut Pieces::new(file.len() as u64, &read));
        assert_eq!(look(&mut Pieces::by(u64::MAX, 100, &read)), whole);
        whole
    }

    fn file(len: usize) -> Vec<u8> {
        (0u32..).flat_map(u32::to_le_bytes).take(len).collect()
    }

    #[test]
    fn every_place_comes_once_with_what_lies_around_it() {
        for len in [0, 1, KEPT, KEPT + 99, KEPT + 100, KEPT + 101, 50_000] {
            let file = file(len);
            let read = reader(&file);
            let mut pieces = Pieces::by(u64::MAX, 100, &read);
            let mut next = 0;
            let look = |piece: &Piece<'_>| {
                let at = usize::try_from(piece.at).unwrap();
                assert_eq!(piece.bytes, &file[at..at + piece.bytes.len()]);
                assert_eq!(at + piece.fresh.start, next);
                next = at + piece.fresh.end;
                assert!(at == 0 || piece.fresh.start == BEFORE);
                assert!(next == len || piece.bytes.len() - piece.fresh.end == BEHIND);
            };
            pieces.each(look).unwrap();
            assert_eq!(next, len);
        }
    }

    #[test]
    fn a_small_file_is_read_once() {
        let file = file(5000);
        let count = std::cell::Cell::new(0);
        let read = |from: u64, buffer: &mut [u8]| {
            count.set(count.get() + 1);
            reader(&file)(from, buffer)
        };
        let mut pieces = Pieces::new(5000, &read);
        pieces.each(|piece| assert_eq!(piece.bytes, file)).unwrap();
        pieces.each(|piece| assert_eq!(piece.bytes, file)).unwrap();
        assert_eq!(pieces.part(4000, 20).unwrap(), file[4000..4020]);
        assert_eq!(pieces.part(4990, 20).unwrap(), file[4990..]);
        assert_eq!(count.get(), 1);
    }

    #[test]
    fn places_are_read_where_they_are() {
        let file = file(100_000);
        let places = [
            (99_999, 1),
            (99_999, 2),
            (7, 9),
            (40_000, 128),
            (7, 9),
            (200_000, 1),
        ];
        let found = both(&file, |pieces| {
            let mut found = Vec::new();
            pieces
                .at(places.to_vec(), |text| found.push(text.to_vec()))
                .unwrap();
            pieces.each(|_| {}).unwrap();
            let mut again = Vec::new();
            pieces
                .at(places.to_vec(), |text| again.push(text.to_vec()))
                .unwrap();
            assert_eq!(again, found);
            found
        });
        assert_eq!(
            found,
            [&file[7..16], &file[40_000..40_128], &file[99_999..]]
        );
    }
}
