//! Indexes a tar stream as it flows by: pushes in, entries out. Content is passed over, never held.
//!
//! The rules are those of Go's `archive/tar` and of the runtimes above it; `SEMANTICS` tests name each case.

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::path;

use super::contents::{Contents, Map};
use super::entry::{Entries, Entry, Kind};
use super::header::{self, BLOCK, Fields};
use super::sparse::{self, Fragment};
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
    /// Where the entry in progress began; `None` between entries.
    start: Option<u64>,
    extensions: Extensions,
    /// The entry whose sparse maps are being read.
    sparse: Option<Box<Fields>>,
    contents: Option<Contents>,
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

/// What extension headers said about the entry to come.
#[derive(Debug, Default)]
struct Extensions {
    pax: Vec<u8>,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
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
            start: None,
            extensions: Extensions::default(),
            sparse: None,
            contents: None,
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
                if let Some(contents) = &mut self.contents {
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

    /// Ends the index and returns the entries and what a user should know of them.
    ///
    /// # Errors
    /// When the stream ends inside an entry.
    pub fn finish(mut self) -> Result<(Entries, Vec<String>)> {
        let between = self.start.is_none() && self.gathered.is_empty() && self.skip == 0;
        if !between && !matches!(self.expect, Expect::End) {
            return Err(self.fault("the layer ends inside it"));
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
        if made.is_aufs {
            self.warnings.push(format!(
                "`{}`, metadata of AUFS, was ignored, as runtimes do",
                path::display(&made.path)
            ));
            return Ok(());
        }
        self.entries
            .push(made.entry, &made.path, &made.target, &made.xattrs);
        if let Some(contents) = &mut self.contents {
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

/// An entry with its texts, before it goes into the arena.
struct Made {
    entry: Entry,
    path: Vec<u8>,
    target: Vec<u8>,
    xattrs: Vec<u8>,
    map: Map,
    is_aufs: bool,
}

type Faulty<T> = Result<T, (Vec<u8>, &'static str)>;

/// Puts header, PAX records and long names together. `data` is where the bytes after the headers begin.
fn build(mut fields: Fields, extensions: &Extensions, start: u64, data: u64) -> Faulty<Made> {
    let mut said = Said::of(&mut fields);
    let records = pax::records(&extensions.pax).map_err(|fault| (fields.name.clone(), fault))?;
    for (key, value) in records {
        said.apply(key, value)
            .map_err(|fault| (fields.name.clone(), fault))?;
    }
    if let Some(name) = &extensions.long_name {
        said.name.clone_from(name);
    }
    if let Some(link) = &extensions.long_link {
        said.link.clone_from(link);
    }
    said.settle(&fields, start, data)
        .map_err(|fault| (said.name.clone(), fault))
}

/// What header and records say together.
struct Said {
    name: Vec<u8>,
    link: Vec<u8>,
    uid: i64,
    gid: i64,
    size: i64,
    mtime: (i64, u32),
    xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    sparse_name: Option<Vec<u8>>,
    sparse_size: Option<i64>,
    sparse: bool,
    fragments: Vec<Fragment>,
    /// The offset of a fragment whose length has not been said yet (PAX 0.0).
    fragment_offset: Option<i64>,
    /// Whether the map comes with the content (PAX 1.0).
    is_map_stored: bool,
}

impl Said {
    fn of(fields: &mut Fields) -> Self {
        let sparse = fields.typeflag == b'S';
        Self {
            name: fields.name.clone(),
            link: fields.link.clone(),
            uid: fields.uid,
            gid: fields.gid,
            size: fields.size,
            mtime: (fields.mtime, 0),
            xattrs: Vec::new(),
            sparse_name: None,
            sparse_size: sparse.then_some(fields.gnu_real_size),
            sparse,
            fragments: std::mem::take(&mut fields.gnu_fragments),
            fragment_offset: None,
            is_map_stored: false,
        }
    }

    /// Applies one PAX record; a later one of the same key wins, an empty value leaves the header's.
    fn apply(&mut self, key: &[u8], value: &[u8]) -> Result<(), &'static str> {
        const NO_NUMBER: &str = "a PAX record holds no number where one must be";
        let number = || pax::decimal(value).ok_or(NO_NUMBER);
        if let Some(name) = key.strip_prefix(b"SCHILY.xattr.") {
            self.xattrs.retain(|(known, _)| known != name);
            self.xattrs.push((name.to_vec(), value.to_vec()));
            return Ok(());
        }
        if value.is_empty() {
            return Ok(());
        }
        match key {
            b"path" => self.name = value.to_vec(),
            b"linkpath" => self.link = value.to_vec(),
            b"uid" => self.uid = number()?,
            b"gid" => self.gid = number()?,
            b"size" => self.size = number()?,
            b"mtime" => self.mtime = pax::time(value).ok_or(NO_NUMBER)?,
            b"GNU.sparse.name" => self.sparse_name = Some(value.to_vec()),
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => self.sparse_size = Some(number()?),
            b"GNU.sparse.major" => {
                self.is_map_stored = number()? == 1;
                self.sparse |= self.is_map_stored;
            }
            b"GNU.sparse.map" => {
                self.sparse = true;
                self.fragments = sparse::read_list(value)?;
            }
            b"GNU.sparse.offset" => self.fragment_offset = Some(number()?),
            b"GNU.sparse.numbytes" => {
                self.sparse = true;
                let offset = self.fragment_offset.take();
                let offset = offset.ok_or("a PAX sparse record without an offset")?;
                sparse::push(&mut self.fragments, offset, number()?)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn settle(&mut self, fields: &Fields, start: u64, data: u64) -> Result<Made, &'static str> {
        if let Some(name) = self.sparse_name.take() {
            self.name = name;
        }
        let kind = self.kind(fields.typeflag)?;
        let stored = if kind == Kind::File {
            u64::try_from(self.size).map_err(|_| "a negative size")?
        } else {
            0
        };
        let size = match self
            .sparse_size
            .filter(|_| self.sparse && kind == Kind::File)
        {
            Some(size) => u64::try_from(size).map_err(|_| "a negative size")?,
            None => stored,
        };
        if data
            .checked_add(stored)
            .is_none_or(|end| end > u64::MAX >> 1)
        {
            return Err("a size beyond all files");
        }
        let path = path::clean(&self.name).map_err(fault_text)?;
        let (kind, path, is_aufs) = marker(kind, path)?;
        check_name(&path, kind)?;
        let map = self.map(kind, size, stored)?;
        let target = match &map {
            Map::Whole => self.target(kind)?,
            Map::Stored => sparse::STORED_MAP.to_vec(),
            Map::Fragments(fragments) => sparse::encode(fragments),
        };
        let entry = Entry {
            kind,
            sparse: self.sparse && kind == Kind::File,
            mode: u32::try_from(fields.mode & 0o7777).expect("12 bits"),
            uid: u64::try_from(self.uid).map_err(|_| "a negative owner")?,
            gid: u64::try_from(self.gid).map_err(|_| "a negative group")?,
            device: self.device(kind, fields)?,
            mtime: self.mtime.0,
            mtime_nanos: self.mtime.1,
            start,
            data,
            stored,
            size,
            path: (0, 0),
            target: (0, 0),
            xattrs: (0, 0),
        };
        Ok(Made {
            entry,
            path,
            target,
            xattrs: self.xattr_records(),
            map,
            is_aufs,
        })
    }

    fn kind(&self, typeflag: u8) -> Result<Kind, &'static str> {
        Ok(match typeflag {
            0 if self.name.ends_with(b"/") => Kind::Dir,
            0 | b'0' | b'7' | b'S' => Kind::File,
            b'1' => Kind::HardLink,
            b'2' => Kind::Symlink,
            b'3' => Kind::CharDevice,
            b'4' => Kind::BlockDevice,
            b'5' => Kind::Dir,
            b'6' => Kind::Fifo,
            _ => return Err("a type of entry that runtimes refuse"),
        })
    }

    fn map(&mut self, kind: Kind, size: u64, stored: u64) -> Result<Map, &'static str> {
        if kind != Kind::File || !self.sparse {
            return Ok(Map::Whole);
        }
        if self.is_map_stored {
            return Ok(Map::Stored);
        }
        let fragments = std::mem::take(&mut self.fragments);
        sparse::check(&fragments, size, stored)?;
        Ok(Map::Fragments(fragments))
    }

    fn target(&self, kind: Kind) -> Result<Vec<u8>, &'static str> {
        match kind {
            Kind::HardLink => path::clean(&self.link).map_err(fault_text),
            Kind::Symlink if self.link.is_empty() => Err("a symbolic link to nothing"),
            Kind::Symlink if self.link.contains(&0) => Err("a link target with a NUL byte"),
            Kind::Symlink => Ok(self.link.clone()),
            _ => Ok(Vec::new()),
        }
    }

    fn device(&self, kind: Kind, fields: &Fields) -> Result<(u32, u32), &'static str> {
        if !matches!(kind, Kind::CharDevice | Kind::BlockDevice) {
            return Ok((0, 0));
        }
        let number = |n: i64| u32::try_from(n).map_err(|_| "a device number out of range");
        Ok((number(fields.device.0)?, number(fields.device.1)?))
    }

    fn xattr_records(&mut self) -> Vec<u8> {
        self.xattrs.sort();
        let mut area = Vec::new();
        for (name, value) in &self.xattrs {
            pax::append(&mut area, name, value);
        }
        area
    }
}

fn fault_text(fault: path::PathFault) -> &'static str {
    match fault {
        path::PathFault::Escapes => "the name leads out of the image's root",
        path::PathFault::Nul => "the name holds a NUL byte",
    }
}

/// Recognises whiteouts (image-spec layer.md) and AUFS's own files (`.wh..wh.plnk` and the like, which moby skips).
fn marker(kind: Kind, path: Vec<u8>) -> Result<(Kind, Vec<u8>, bool), &'static str> {
    let name = path::name(&path);
    if name == b".wh..wh..opq" {
        return Ok((Kind::Opaque, path::parent(&path).to_vec(), false));
    }
    if path::components(&path).any(|component| component.starts_with(b".wh..wh.")) {
        return Ok((kind, path, true));
    }
    match name.strip_prefix(b".wh.") {
        None => Ok((kind, path, false)),
        Some(b"" | b"." | b"..") => Err("a whiteout of nothing"),
        Some(hidden) => {
            let hidden = path::join(path::parent(&path), hidden);
            Ok((Kind::Whiteout, hidden, false))
        }
    }
}

/// Refuses what no Linux file system can hold.
fn check_name(path: &[u8], kind: Kind) -> Result<(), &'static str> {
    if path.is_empty() && !matches!(kind, Kind::Dir | Kind::Opaque) {
        return Err("the root can be nothing but a directory");
    }
    if path.len() > 4095 || path::components(path).any(|component| component.len() > 255) {
        return Err("a name longer than file systems allow");
    }
    Ok(())
}
