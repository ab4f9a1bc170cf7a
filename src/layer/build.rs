//! Makes an index entry of a header and the extension headers before it.
//!
//! Content is not seen here; what a map says of it is only kept.

use crate::path;
use crate::pax;

use super::contents::Map;
use super::entry::{Entry, Kind};
use super::header::Fields;
use super::sparse::{self, Fragment};

/// What extension headers said about the entry to come.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub(super) pax: Vec<u8>,
    pub(super) long_name: Option<Vec<u8>>,
    pub(super) long_link: Option<Vec<u8>>,
}

/// An entry with its texts, before it goes into the arena.
pub(super) struct Made {
    pub(super) entry: Entry,
    pub(super) path: Vec<u8>,
    pub(super) target: Vec<u8>,
    pub(super) xattrs: Vec<u8>,
    pub(super) map: Map,
    pub(super) is_aufs: bool,
}

pub(super) type Faulty<T> = Result<T, (Vec<u8>, &'static str)>;

/// Puts header, PAX records and long names together. `data` is where the bytes after the headers begin.
pub(super) fn build(
    mut fields: Fields,
    extensions: &Extensions,
    start: u64,
    data: u64,
) -> Faulty<Made> {
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
