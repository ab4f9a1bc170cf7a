//! Digests of what regular files hold, taken as a layer flows by.
//!
//! A digest is of the file as a container sees it, holes filled: two encodings of one content agree. It is none that
//! another program knows, because blocks of zeros are counted and not hashed; a hole of a terabyte costs nothing.

use sha2::{Digest as _, Sha256};

use super::entry::{Entry, Kind};
use super::sparse::{self, Fragment, MapReader};

/// The blocks that are skipped when they hold nothing but zeros.
const BLOCK: usize = 4096;

/// The digest of a file's content.
pub type ContentDigest = [u8; 32];

/// The digests of a layer's entries so far.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    digests: Vec<Option<ContentDigest>>,
    open: Option<Box<Open>>,
}

impl Contents {
    /// Begins the next entry; `map` is that of a sparse file.
    pub(crate) fn begin(&mut self, entry: &Entry, map: Map) -> Result<(), &'static str> {
        self.digests.push(None);
        if entry.kind != Kind::File {
            return Ok(());
        }
        let (fragments, head) = match map {
            Map::Whole => {
                let len = entry.stored;
                (vec![Fragment { offset: 0, len }], None)
            }
            Map::Fragments(fragments) => (fragments, None),
            Map::Stored => (Vec::new(), Some(MapReader::default())),
        };
        self.open = Some(Box::new(Open {
            stored: entry.stored,
            left: entry.stored,
            size: entry.size,
            head,
            fragments: fragments.into_iter(),
            current: Fragment { offset: 0, len: 0 },
            body: Body::new(),
        }));
        self.end_if_all_came()
    }

    /// Takes bytes that follow an entry's headers: its stored bytes, then padding.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        let left = usize::try_from(open.left).unwrap_or(usize::MAX);
        open.take(&bytes[..bytes.len().min(left)])?;
        self.end_if_all_came()
    }

    /// The digests, one for each entry, `None` for what is no regular file.
    pub(crate) fn finish(self) -> Vec<Option<ContentDigest>> {
        self.digests
    }

    fn end_if_all_came(&mut self) -> Result<(), &'static str> {
        if let Some(open) = self.open.take_if(|open| open.left == 0) {
            if open.head.is_some() {
                return Err("a sparse map that the file's end cuts off");
            }
            if let Some(digest) = self.digests.last_mut() {
                *digest = Some(open.body.finish(open.size));
            }
        }
        Ok(())
    }
}

/// Where the stored bytes of an entry belong.
#[derive(Debug)]
pub(crate) enum Map {
    /// They are the file.
    Whole,
    /// They are these fragments, one after the other.
    Fragments(Vec<Fragment>),
    /// They start with the map (PAX 1.0).
    Stored,
}

/// A file whose bytes are coming.
#[derive(Debug)]
struct Open {
    stored: u64,
    left: u64,
    size: u64,
    head: Option<MapReader>,
    fragments: std::vec::IntoIter<Fragment>,
    /// What is left of the fragment that comes now.
    current: Fragment,
    body: Body,
}

impl Open {
    fn take(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        self.left -= bytes.len() as u64;
        while let Some(head) = &mut self.head {
            let Some((&byte, rest)) = bytes.split_first() else {
                return Ok(());
            };
            bytes = rest;
            if head.take(byte)? {
                self.end_map()?;
            }
        }
        while !bytes.is_empty() {
            if self.current.len == 0 {
                self.current = self
                    .fragments
                    .next()
                    .ok_or("a sparse map that does not fit the file")?;
                continue;
            }
            let n = usize::try_from(self.current.len).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(n.min(bytes.len()));
            self.body.put(self.current.offset, now);
            self.current.offset += now.len() as u64;
            self.current.len -= now.len() as u64;
            bytes = later;
        }
        Ok(())
    }

    fn end_map(&mut self) -> Result<(), &'static str> {
        if let Some(head) = self.head.take() {
            let (fragments, len) = head.finish();
            sparse::check(&fragments, self.size, self.stored - len)?;
            self.fragments = fragments.into_iter();
        }
        Ok(())
    }
}

/// Hashes the blocks that are not zero, and where they lie.
#[derive(Debug)]
struct Body {
    blocks: Sha256,
    layout: Sha256,
    /// The first and the last block, exclusive, of the run that was hashed last.
    run: (u64, u64),
    /// The bytes so far of a block that comes in parts, and its number.
    part: Vec<u8>,
    number: u64,
}

impl Body {
    fn new() -> Self {
        Self {
            blocks: Sha256::new(),
            layout: Sha256::new(),
            run: (0, 0),
            part: Vec::new(),
            number: 0,
        }
    }

    /// Takes bytes at `offset`, which lies behind all bytes taken before.
    fn put(&mut self, mut offset: u64, mut bytes: &[u8]) {
        const LEN: u64 = BLOCK as u64;
        while !bytes.is_empty() {
            let (number, within) = (offset / LEN, offset % LEN);
            let within = usize::try_from(within).unwrap_or(0);
            if number != self.number {
                self.flush(BLOCK);
                self.number = number;
            }
            let n = if within == 0 && bytes.len() >= BLOCK {
                let n = bytes.len() - bytes.len() % BLOCK;
                self.put_blocks(number, &bytes[..n]);
                n
            } else {
                let n = bytes.len().min(BLOCK - within);
                self.part.resize(within, 0);
                self.part.extend_from_slice(&bytes[..n]);
                n
            };
            offset += n as u64;
            bytes = &bytes[n..];
        }
    }

    /// Hashes whole blocks, each stretch without zero blocks in one go.
    fn put_blocks(&mut self, first: u64, blocks: &[u8]) {
        let mut from = 0;
        for (at, block) in blocks.chunks_exact(BLOCK).enumerate() {
            if is_zero(block) {
                self.emit(first + from as u64, &blocks[from * BLOCK..at * BLOCK]);
                from = at + 1;
            }
        }
        self.emit(first + from as u64, &blocks[from * BLOCK..]);
    }

    /// Hashes the block that came in parts, of which `len` bytes lie in the file.
    fn flush(&mut self, len: usize) {
        let mut part = std::mem::take(&mut self.part);
        if !is_zero(&part) {
            part.resize(len, 0);
            self.emit(self.number, &part);
        }
        part.clear();
        self.part = part;
    }

    fn emit(&mut self, first: u64, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.run.1 != first {
            self.end_run();
            self.run.0 = first;
        }
        self.run.1 = first + bytes.len().div_ceil(BLOCK) as u64;
        self.blocks.update(bytes);
    }

    fn end_run(&mut self) {
        self.layout.update(self.run.0.to_le_bytes());
        self.layout.update(self.run.1.to_le_bytes());
    }

    fn finish(mut self, size: u64) -> ContentDigest {
        const LEN: u64 = BLOCK as u64;
        let is_last = self.number == size / LEN;
        let len = if is_last { size % LEN } else { LEN };
        self.flush(usize::try_from(len).unwrap_or(BLOCK));
        self.end_run();
        let mut whole = Sha256::new();
        whole.update(self.blocks.finalize());
        whole.update(self.layout.finalize());
        whole.update(size.to_le_bytes());
        whole.finalize().into()
    }
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|&b| b == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(size: u64, fragments: &[(u64, &[u8])], step: usize) -> ContentDigest {
        let mut body = Body::new();
        for (offset, bytes) in fragments {
            let mut offset = *offset;
            for bytes in bytes.chunks(step) {
                body.put(offset, bytes);
                offset += bytes.len() as u64;
            }
        }
        body.finish(size)
    }

    #[test]
    fn the_digest_is_of_the_content_and_not_of_how_it_came() {
        let mut whole = vec![0; 40_000];
        whole[5_000..9_000].fill(7);
        whole[20_480..24_576].fill(8);
        whole[39_990..39_995].fill(9);
        let size = whole.len() as u64;
        let expected = digest(size, &[(0, &whole)], 1 << 20);
        for step in [1, 511, 4096, 5000, 20_480] {
            assert_eq!(digest(size, &[(0, &whole)], step), expected, "{step}");
            let fragments = [
                (4_990, &whole[4_990..9_100]),
                (20_480, &whole[20_480..24_576]),
                (39_990, &whole[39_990..39_995]),
            ];
            assert_eq!(digest(size, &fragments, step), expected, "{step}");
        }
    }

    #[test]
    fn different_content_has_different_digests() {
        let block = [1; BLOCK];
        let all = [
            digest(0, &[], 1),
            digest(1, &[(0, &[0])], 1),
            digest(2, &[(0, &[0, 0])], 1),
            digest(2, &[(0, &[1, 0])], 1),
            digest(2, &[(0, &[0, 1])], 1),
            digest(12_288, &[(0, &block)], 99),
            digest(12_288, &[(4096, &block)], 99),
            digest(12_288, &[(8192, &block)], 99),
            digest(12_288, &[(0, &block), (8192, &block)], 99),
            digest(12_288, &[(0, &block), (4096, &block)], 99),
            digest(12_289, &[(0, &block), (4096, &block)], 99),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(!all[i + 1..].contains(one), "{i}");
        }
    }
}
