//! Layers made in the test: each entry is a line, written as a real tar and read by the real index.

use std::io::Write as _;

use proptest::prelude::*;
use tar::{EntryType, Header};

use crate::digest::Digest;
pub(crate) use crate::layer::testing::gzip;
use crate::layer::{Claim, Entries, Indexer, testing};
use crate::source::Blob;
use crate::verify::flatten;

/// One layer's tar in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tar {
    bytes: Vec<u8>,
    records: Vec<u8>,
    mode: Option<u32>,
    owner: (u64, u64),
    mtime: u64,
}

impl Tar {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a PAX record to the next entry.
    pub(crate) fn record(mut self, key: &str, value: &[u8]) -> Self {
        let rest = key.len() + value.len() + 3;
        let mut len = rest + 1;
        while rest + len.to_string().len() != len {
            len = rest + len.to_string().len();
        }
        self.records
            .extend_from_slice(format!("{len} {key}=").as_bytes());
        self.records.extend_from_slice(value);
        self.records.push(b'\n');
        self
    }

    /// Sets the mode of the next entry.
    pub(crate) fn mode(mut self, mode: u32) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Sets owner and group of all entries to come.
    pub(crate) fn owner(mut self, uid: u64, gid: u64) -> Self {
        self.owner = (uid, gid);
        self
    }

    /// Sets the mtime of all entries to come.
    pub(crate) fn mtime(mut self, mtime: u64) -> Self {
        self.mtime = mtime;
        self
    }

    pub(crate) fn dir(self, path: &str) -> Self {
        self.entry(EntryType::Directory, path, "", 0o755, b"")
    }

    pub(crate) fn file(self, path: &str, content: &[u8]) -> Self {
        self.entry(EntryType::Regular, path, "", 0o644, content)
    }

    pub(crate) fn link(self, path: &str, target: &str) -> Self {
        self.entry(EntryType::Link, path, target, 0o644, b"")
    }

    pub(crate) fn symlink(self, path: &str, target: &str) -> Self {
        self.entry(EntryType::Symlink, path, target, 0o777, b"")
    }

    pub(crate) fn fifo(self, path: &str) -> Self {
        self.entry(EntryType::Fifo, path, "", 0o600, b"")
    }

    pub(crate) fn device(self, path: &str, major: u32, minor: u32) -> Self {
        let at = self.bytes.len();
        let mut tar = self.entry(EntryType::Char, path, "", 0o600, b"");
        let mut header = Header::new_ustar();
        header.as_mut_bytes().copy_from_slice(&tar.bytes[at..]);
        header.set_device_major(major).unwrap();
        header.set_device_minor(minor).unwrap();
        header.set_cksum();
        tar.bytes.truncate(at);
        tar.bytes.extend_from_slice(header.as_bytes());
        tar
    }

    /// Whites `path` out.
    pub(crate) fn whiteout(self, path: &str) -> Self {
        let (dir, name) = path
            .rsplit_once('/')
            .map_or(("", path), |(dir, name)| (dir, name));
        let slash = if dir.is_empty() { "" } else { "/" };
        self.file(&format!("{dir}{slash}.wh.{name}"), b"")
    }

    /// Hides all that lower layers have in `dir`.
    pub(crate) fn opaque(self, dir: &str) -> Self {
        let slash = if dir.is_empty() { "" } else { "/" };
        self.file(&format!("{dir}{slash}.wh..wh..opq"), b"")
    }

    fn entry(
        mut self,
        kind: EntryType,
        path: &str,
        target: &str,
        mode: u32,
        content: &[u8],
    ) -> Self {
        let records = std::mem::take(&mut self.records);
        if !records.is_empty() {
            self.push(EntryType::XHeader, "PaxHeaders/x", "", 0o644, &records);
        }
        let mode = self.mode.take().unwrap_or(mode);
        self.push(kind, path, target, mode, content);
        self
    }

    fn push(&mut self, kind: EntryType, path: &str, target: &str, mode: u32, content: &[u8]) {
        let mut header = Header::new_ustar();
        let old = header.as_old_mut();
        old.name[..path.len()].copy_from_slice(path.as_bytes());
        old.linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(self.owner.0);
        header.set_gid(self.owner.1);
        header.set_mtime(self.mtime);
        header.set_size(content.len() as u64);
        header.set_cksum();
        self.bytes.extend_from_slice(header.as_bytes());
        self.bytes.extend_from_slice(content);
        self.bytes.resize(self.bytes.len().next_multiple_of(512), 0);
    }

    /// The whole archive.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [&self.bytes[..], &[0; 1024]].concat()
    }

    pub(crate) fn entries(&self) -> Entries {
        index(&self.bytes())
    }
}

/// Indexes an archive, contents digested.
pub(crate) fn index(bytes: &[u8]) -> Entries {
    let mut indexer = Indexer::with_contents(Digest::of(b""));
    indexer.feed(bytes).unwrap();
    indexer.finish().unwrap().0
}

/// An entry of a random layer.
#[derive(Clone, Debug)]
pub(crate) enum Line {
    Dir(String, u32),
    File(String, Vec<u8>),
    Link(String, String),
    Symlink(String, String),
    Fifo(String),
    Whiteout(String),
    Opaque(String),
}

/// Writes lines as a layer.
pub(crate) fn tar(lines: &[Line]) -> Tar {
    lines.iter().fold(Tar::new(), |tar, line| match line {
        Line::Dir(path, mode) => tar.mode(*mode).dir(path),
        Line::File(path, content) => tar.file(path, content),
        Line::Link(path, target) => tar.link(path, target),
        Line::Symlink(path, target) => tar.symlink(path, target),
        Line::Fifo(path) => tar.fifo(path),
        Line::Whiteout(path) => tar.whiteout(path),
        Line::Opaque(path) => tar.opaque(path),
    })
}

/// Up to four layers of up to eight entries over very few names, so that they meet.
pub(crate) fn stacks() -> impl Strategy<Value = Vec<Vec<Line>>> {
    prop::collection::vec(prop::collection::vec(lines(), 0..8), 1..5)
}

fn paths() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "c"]);
    prop::collection::vec(name, 1..4).prop_map(|names| names.join("/"))
}

fn lines() -> impl Strategy<Value = Line> {
    let targets = prop::sample::select(vec![
        ".", "..", "a", "b", "/a", "/b/c", "../b", "a/../b", "c/a", "/",
    ]);
    prop_oneof![
        3 => (paths(), prop::sample::select(vec![0o755, 0o700])).prop_map(|(path, mode)| Line::Dir(path, mode)),
        4 => (paths(), prop::collection::vec(any::<u8>(), 0..3)).prop_map(|(path, content)| Line::File(path, content)),
        3 => (paths(), paths()).prop_map(|(path, target)| Line::Link(path, target)),
        2 => (paths(), targets).prop_map(|(path, target)| Line::Symlink(path, target.to_owned())),
        1 => paths().prop_map(Line::Fifo),
        3 => paths().prop_map(Line::Whiteout),
        1 => prop_oneof![Just(String::new()), paths()].prop_map(Line::Opaque),
    ]
}

/// Leaves out the lines that no runtime could apply.
pub(crate) fn without_faults(stack: Vec<Vec<Line>>) -> Vec<Vec<Line>> {
    let mut good: Vec<Entries> = Vec::new();
    let mut kept = Vec::new();
    for lines in stack {
        let mut layer = Vec::new();
        for line in lines {
            layer.push(line);
            let entries = tar(&layer).entries();
            let layers: Vec<&Entries> = good.iter().chain([&entries]).collect();
            if flatten(&layers).is_err() {
                layer.pop();
            }
        }
        good.push(tar(&layer).entries());
        kept.push(layer);
    }
    kept
}

/// As many cases, and no files of failures: a failure becomes a test.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    }
}

/// Puts bytes into a nameless file.
pub(crate) fn blob(bytes: &[u8]) -> Blob {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    Blob::whole(file, "a test's blob".into()).unwrap()
}

/// A layer as an image lists it: these bytes, which inflate to `inflated`.
pub(crate) fn layer(bytes: &[u8], inflated: &[u8]) -> (Blob, Claim) {
    (blob(bytes), testing::claim(bytes, inflated))
}
