//! The index of a layer: one record per tar entry, all names in one arena.
//!
//! A record says where the entry's bytes lie in the inflated layer and what a runtime would make of it. It holds no content.

use std::ops::Range;

use super::contents::ContentDigest;

/// What an entry makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A regular file (typeflag `0`, NUL, `7`, GNU or PAX sparse).
    File,
    /// A directory.
    Dir,
    /// A symbolic link.
    Symlink,
    /// Another name of a file that is there already.
    HardLink,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A FIFO.
    Fifo,
    /// `.wh.NAME`: deletes NAME from lower layers. The record's path is NAME's.
    Whiteout,
    /// `.wh..wh..opq`: deletes all that lower layers put in a directory. The record's path is the directory's.
    Opaque,
}

/// One entry of a layer. Offsets and sizes are in bytes of the inflated layer.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// What it makes.
    pub kind: Kind,
    /// Whether the stored bytes are a sparse file's fragments (GNU `S` or PAX sparse): the size is then not the stored length.
    pub sparse: bool,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Major and minor number of a device; 0 for others.
    pub device: (u32, u32),
    /// Seconds since the epoch.
    pub mtime: i64,
    /// The nanoseconds that belong to `mtime`.
    pub mtime_nanos: u32,
    /// Where the entry starts: its first extension header, or its header.
    pub start: u64,
    /// Where its stored bytes start: after its header and, for GNU sparse, the maps that follow it.
    pub data: u64,
    /// How many bytes are stored, without padding.
    pub stored: u64,
    /// The file's size as a container sees it; equals `stored` unless sparse.
    pub size: u64,
    pub(crate) path: (u32, u32),
    pub(crate) target: (u32, u32),
    pub(crate) xattrs: (u32, u32),
}

impl Entry {
    /// All bytes of the entry: extension headers, header, stored bytes and padding to 512, which may be missing where the layer
    /// ends.
    pub fn span(&self) -> Range<u64> {
        self.start..(self.data + self.stored).next_multiple_of(512)
    }

    /// The stored bytes and their padding.
    pub fn data_span(&self) -> Range<u64> {
        self.data..(self.data + self.stored).next_multiple_of(512)
    }
}

/// The entries of one layer, in the order of its tar.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    list: Vec<Entry>,
    arena: Vec<u8>,
    /// One for each entry, or none at all.
    contents: Vec<Option<ContentDigest>>,
}

impl Entries {
    /// The records.
    pub fn list(&self) -> &[Entry] {
        &self.list
    }

    /// The cleaned path that an entry writes; for a whiteout the path it deletes, for an opaque marker the directory it empties.
    pub fn path(&self, entry: &Entry) -> &[u8] {
        self.text(entry.path)
    }

    /// A symbolic link's target as written; a hard link's target as a cleaned path; empty for others.
    pub fn target(&self, entry: &Entry) -> &[u8] {
        match entry.kind {
            Kind::Symlink | Kind::HardLink => self.text(entry.target),
            _ => &[],
        }
    }

    /// A sparse file's map as the headers say it: equal bytes mean equal maps; empty for others.
    pub fn sparse_map(&self, entry: &Entry) -> &[u8] {
        match entry.kind {
            Kind::File => self.text(entry.target),
            _ => &[],
        }
    }

    /// The digest of the content of the regular file at this place, if the scan was asked for it.
    pub fn content(&self, place: usize) -> Option<&ContentDigest> {
        self.contents.get(place)?.as_ref()
    }

    /// The extended attributes as PAX records `LEN key=value\n`, sorted by key: equal bytes mean equal attributes.
    pub fn xattrs(&self, entry: &Entry) -> &[u8] {
        self.text(entry.xattrs)
    }

    /// Adds `entry` with its texts; only the scan makes indexes.
    pub(crate) fn push(&mut self, mut entry: Entry, path: &[u8], target: &[u8], xattrs: &[u8]) {
        entry.path = self.store(path);
        entry.target = self.store(target);
        entry.xattrs = self.store(xattrs);
        self.list.push(entry);
    }

    /// Enters the digests of the contents.
    pub(crate) fn set_contents(&mut self, contents: Vec<Option<ContentDigest>>) {
        self.contents = contents;
    }

    /// Gives back memory that growth reserved.
    pub(crate) fn shrink(&mut self) {
        self.list.shrink_to_fit();
        self.arena.shrink_to_fit();
    }

    /// The number of bytes that all names take together, to bound a hostile layer.
    pub(crate) fn arena_len(&self) -> usize {
        self.arena.len()
    }

    fn store(&mut self, text: &[u8]) -> (u32, u32) {
        let start = u32::try_from(self.arena.len()).expect("the scan bounds the arena below 4 GiB");
        self.arena.extend_from_slice(text);
        (
            start,
            u32::try_from(text.len()).expect("the scan bounds the arena below 4 GiB"),
        )
    }

    /// A text of the arena by its start and length.
    pub(crate) fn text(&self, (start, len): (u32, u32)) -> &[u8] {
        &self.arena[start as usize..start as usize + len as usize]
    }
}
