//! Indexes a tar stream as it flows by: pushes in, entries out. Content is passed over, never held.
//!
//! The rules are those of Go's `archive/tar` and of the runtimes above it; `SEMANTICS` tests name each case.

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::path;

use super::build::{Extensions, Made, build};
use super::contents::{Contents, Map};
use super::entry::Entries;
use super::header::{self, BLOCK, Fields};
use super::sparse;
use crate::pax;

/// The longest extension header that Go reads.
const EXTENSION_MAX: i64 = 1 << 20;
/// Bounds on a layer, far above real ones: 2 million entries are the largest seen.
const ENTRIES_MAX: usize = 8 << 20;
const NAMES_MAX: usize = 1 << 30;

/// An index in the making.
#[derive(Debug)]
pub struct Indexer {
    blob: Digest,
    entries: Entries,
    warnings: Vec<String>,
    /// Bytes seen so far.
    at: u64,
    /// The block or extension area being gathered, and how long it must become.
    gathered: Vec<u8>,
    wanted: usize,
    expect: Expect,
    /// Bytes to pass over before the next block.
    skip: u64,
    /// Where the stored bytes of the last entry end; padding follows.
    stored_end: u64,
    /// Where the entry in progress began; `None` between entries.
    start: Option<u64>,
    extensions: Extensions,
    /// The entry whose sparse maps are being read.
    sparse: Option<Box<Fields>>,
    contents: Option<Contents>,
    /// Checks the map that the entry in progress stores with its content, where contents are not looked at.
    stored_map: Option<Contents>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Header,
    Extension(u8, usize),
    SparseMap,
    /// One zero block was seen: another ends the archive.
    SecondZero,
    /// Past the end: all bytes count for the diff ID and mean nothing.
    End,
}

impl Indexer {
    /// Starts the index of a layer; `blob` is its digest, for messages.
    pub fn new(blob: Digest) -> Self {
        Self {
            blob,
            entries: Entries::default(),
            warnings: Vec::new(),
            at: 0,
            gathered: Vec::with_capacity(BLOCK),
            wanted: BLOCK,
            expect: Expect::Header,
            skip: 0,
            stored_end: 0,
            start: None,
            extensions: Extensions::default(),
            sparse: None,
            contents: None,
            stored_map: None,
        }
    }

    /// As [`Indexer::new`]; the entries will have digests of what each regular file holds ([`Entries::content`]).
    pub fn with_contents(blob: Digest) -> Self {
        Self {
            contents: Some(Contents::default()),
            ..Self::new(blob)
        }
    }

    /// Takes the next bytes of the inflated layer.
    ///
    /// # Errors
    /// When they are no tar entries that a runtime would unpack.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let n = if self.expect == Expect::End {
                bytes.len()
            } else if self.skip > 0 {
                let n = usize::try_from(self.skip)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                self.skip -= n as u64;
                if let Some(contents) = self.contents.as_mut().or(self.stored_map.as_mut()) {
                    let taken = contents.take(&bytes[..n]);
                    taken.map_err(|fault| self.last_entry_fault(fault))?;
                }
                n
            } else {
                let n = (self.wanted - self.gathered.len()).min(bytes.len());
                self.gathered.extend_from_slice(&bytes[..n]);
                n
            };
            self.at += n as u64;
            bytes = &bytes[n..];
            if self.gathered.len() == self.wanted && self.expect != Expect::End {
                let gathered = std::mem::replace(&mut self.gathered, Vec::with_capacity(BLOCK));
                self.wanted = BLOCK;
                self.take(&gathered)?;
            }
        }
        Ok(())
    }

    /// The entries that have begun so far.
    pub(super) fn entries(&self) -> &Entries {
        &self.entries
    }

    /// Takes as many of the next `left` bytes as nothing here looks at for seen, and returns how many those are.
    pub(super) fn pass_over(&mut self, left: u64) -> u64 {
        if self.contents.is_some() || self.stored_map.is_some() {
            return 0;
        }
        let passed = match self.expect {
            Expect::End => left,
            _ => self.skip.min(left),
        };
        self.skip -= passed.min(self.skip);
        self.at += passed;
        passed
    }

    /// Ends the index and returns the entries and what a user should know of them.
    ///
    /// # Errors
    /// When the stream ends inside an entry.
    pub fn finish(mut self) -> Result<(Entries, Vec<String>)> {
        let between = self.start.is_none() && self.gathered.is_empty();
        let is_ended = self.expect == Expect::End || (between && self.at >= self.stored_end);
        if !is_ended {
            return Err(self.fault("the layer ends inside it"));
        }
        // umoci and kaniko have left it out (umoci#436, go-containerregistry#364), and Go reads it so.
        if self.skip > 0 {
            self.warnings.push(
                "the padding of its last entry is missing, which runtimes do not mind".into(),
            );
        }
        if let Some(contents) = self.contents.take() {
            self.entries.set_contents(contents.finish());
        }
        self.entries.shrink();
        Ok((self.entries, self.warnings))
    }

    fn take(&mut self, gathered: &[u8]) -> Result<()> {
        match self.expect {
            Expect::Extension(typeflag, size) => {
                self.expect = Expect::Header;
                self.take_extension(typeflag, &gathered[..size])
            }
            Expect::SparseMap => self.take_sparse_map(gathered),
            Expect::Header | Expect::SecondZero if gathered.iter().all(|&b| b == 0) => {
                self.take_zero()
            }
            Expect::SecondZero => Err(self
                .fault("data follows a zero block, which ends the archive for some readers only")),
            Expect::Header => self.take_header(gathered),
            Expect::End => Ok(()),
        }
    }

    fn take_zero(&mut self) -> Result<()> {
        if self.start.is_some() {
            return Err(self.fault("an extension header that no entry follows"));
        }
        self.expect = if self.expect == Expect::Header {
            Expect::SecondZero
        } else {
            Expect::End
        };
        Ok(())
    }

    fn take_header(&mut self, block: &[u8]) -> Result<()> {
        let started = self.at - BLOCK as u64;
        let start = *self.start.get_or_insert(started);
        let block = block.try_into().expect("a header is one block");
        let fields = header::parse(block).map_err(|fault| self.fault(fault))?;
        match fields.typeflag {
            b'x' | b'g' | b'L' | b'K' => {
                if !(0..=EXTENSION_MAX).contains(&fields.size) {
                    return Err(self.fault("an extension header of more than 1 MiB"));
                }
                let size = usize::try_from(fields.size).expect("at most 1 MiB");
                self.wanted = size.next_multiple_of(BLOCK);
                self.expect = Expect::Extension(fields.typeflag, size);
                if size == 0 {
                    self.wanted = BLOCK;
                    self.expect = Expect::Header;
                    return self.take_extension(fields.typeflag, &[]);
                }
                Ok(())
            }
            b'S' if fields.gnu_is_extended => {
                self.sparse = Some(Box::new(fields));
                self.expect = Expect::SparseMap;
                Ok(())
            }
            _ => self.take_entry(start, fields),
        }
    }

    fn take_extension(&mut self, typeflag: u8, area: &[u8]) -> Result<()> {
        match typeflag {
            b'x' => {
                pax::records(area).map_err(|fault| self.fault(fault))?;
                self.extensions.pax = area.to_vec();
            }
            b'g' => self.take_global(area)?,
            b'L' => self.extensions.long_name = Some(until_nul(area)),
            _ => self.extensions.long_link = Some(until_nul(area)),
        }
        Ok(())
    }

    /// Runtimes pass over global PAX headers without applying them (containerd, moby); so does this index.
    fn take_global(&mut self, area: &[u8]) -> Result<()> {
        let records = pax::records(area).map_err(|fault| self.fault(fault))?;
        if records.iter().any(|(key, _)| *key != b"comment") {
            self.warnings
                .push("a global PAX header was ignored, as runtimes do".into());
        }
        // It belongs to no entry: extension headers that came before it still wait for theirs.
        if self.extensions.pax.is_empty()
            && self.extensions.long_name.is_none()
            && self.extensions.long_link.is_none()
        {
            self.start = None;
        }
        Ok(())
    }

    /// Old GNU sparse files have more maps in blocks after the header; the last says that none follows.
    fn take_sparse_map(&mut self, block: &[u8]) -> Result<()> {
        let mut fields = self.sparse.take().expect("a map follows its header");
        sparse::read_gnu(&block[..504], &mut fields.gnu_fragments)
            .map_err(|fault| self.fault(fault))?;
        if block[504] != 0 {
            self.sparse = Some(fields);
            return Ok(());
        }
        self.expect = Expect::Header;
        let start = self.start.expect("a map follows its header");
        self.take_entry(start, *fields)
    }

    fn take_entry(&mut self, start: u64, fields: Fields) -> Result<()> {
        self.start = None;
        let extensions = std::mem::take(&mut self.extensions);
        let made = build(fields, &extensions, start, self.at).and_then(|made| self.bound(made));
        let made = made.map_err(|(name, fault)| self.entry_fault(&name, fault))?;
        self.skip = made.entry.data_span().end - self.at;
        self.stored_end = made.entry.data + made.entry.stored;
        self.stored_map = None;
        if made.is_aufs {
            self.warnings.push(format!(
                "`{}`, metadata of AUFS, was ignored, as runtimes do",
                path::display(&made.path)
            ));
            return Ok(());
        }
        self.entries
            .push(made.entry, &made.path, &made.target, &made.xattrs);
        if self.contents.is_none() && matches!(made.map, Map::Stored) {
            self.stored_map = Some(Contents::default());
        }
        if let Some(contents) = self.contents.as_mut().or(self.stored_map.as_mut()) {
            let begun = contents.begin(&made.entry, made.map);
            begun.map_err(|fault| self.last_entry_fault(fault))?;
        }
        Ok(())
    }

    fn bound(&self, made: Made) -> Result<Made, (Vec<u8>, &'static str)> {
        let names =
            self.entries.arena_len() + made.path.len() + made.target.len() + made.xattrs.len();
        if self.entries.list().len() >= ENTRIES_MAX || names > NAMES_MAX {
            return Err((made.path, "the layer has more entries than any real one"));
        }
        Ok(made)
    }

    fn fault(&self, fault: &str) -> Error {
        let at = self.start.unwrap_or(self.at);
        Error::Entry {
            blob: self.blob.clone(),
            entry: format!("at byte {at}"),
            fault: fault.into(),
        }
    }

    fn last_entry_fault(&self, fault: &str) -> Error {
        let last = self.entries.list().last();
        self.entry_fault(last.map_or(b"", |entry| self.entries.path(entry)), fault)
    }

    fn entry_fault(&self, name: &[u8], fault: &str) -> Error {
        Error::Entry {
            blob: self.blob.clone(),
            entry: path::display(name),
            fault: fault.into(),
        }
    }
}

fn until_nul(area: &[u8]) -> Vec<u8> {
    area.split(|&b| b == 0).next().unwrap_or_default().to_vec()
}
