//! A layer in the making: entries in the order in which they are added, or any bytes at all.

use std::fmt;

use super::codec::Codec;
use super::entry::Entry;
use super::flatten::parse;

/// A layer: an uncompressed tar and how it is to be stored.
#[derive(Clone, Default)]
pub(crate) struct Layer {
    tar: Vec<u8>,
    end: End,
    pub(crate) codec: Codec,
    pub(crate) instruction: Option<String>,
}

/// What follows the last entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum End {
    /// Two zero blocks.
    #[default]
    TwoBlocks,
    /// Exactly these bytes.
    Raw(Vec<u8>),
    /// Nothing, not even the padding of the last entry, a plain file.
    Unpadded,
}

impl Layer {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn add(self, entry: Entry) -> Self {
        self.raw(entry.bytes())
    }

    /// Adds bytes as they are.
    pub(crate) fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.tar.extend_from_slice(bytes.as_ref());
        self
    }

    pub(crate) fn file(self, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.add(Entry::file(name, content))
    }

    pub(crate) fn dir(self, name: impl AsRef<[u8]>) -> Self {
        self.add(Entry::dir(name))
    }

    pub(crate) fn symlink(self, name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.add(Entry::symlink(name, target))
    }

    pub(crate) fn hardlink(self, name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.add(Entry::hardlink(name, target))
    }

    /// Adds the marker that deletes `path` from lower layers.
    pub(crate) fn whiteout(self, path: impl AsRef<[u8]>) -> Self {
        let path = path.as_ref();
        let at = path.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
        self.file([&path[..at], b".wh.", &path[at..]].concat(), b"")
    }

    /// Adds the marker that deletes all that lower layers put into `dir`; the empty path is the root.
    pub(crate) fn opaque(self, dir: impl AsRef<[u8]>) -> Self {
        let dir = dir.as_ref();
        let slash: &[u8] = if dir.is_empty() { b"" } else { b"/" };
        self.file([dir, slash, b".wh..wh..opq"].concat(), b"")
    }

    pub(crate) fn end(self, end: End) -> Self {
        Self { end, ..self }
    }

    pub(crate) fn codec(self, codec: Codec) -> Self {
        Self { codec, ..self }
    }

    /// Names the instruction that the image's history tells for this layer.
    pub(crate) fn instruction(self, text: &str) -> Self {
        Self {
            instruction: Some(text.into()),
            ..self
        }
    }

    /// The uncompressed tar.
    pub(crate) fn tar(&self) -> Vec<u8> {
        match &self.end {
            End::TwoBlocks => [&self.tar[..], &[0; 1024]].concat(),
            End::Raw(bytes) => [&self.tar[..], bytes].concat(),
            End::Unpadded => {
                let last = parse(&self.tar).pop();
                let stored = last.map_or(0, |file| file.stored);
                let padding = stored.next_multiple_of(512) - stored;
                self.tar[..self.tar.len() - padding].to_vec()
            }
        }
    }
}

/// A line an entry, for the failures of properties.
impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tar = self.tar();
        writeln!(f, "{:?}, {} bytes", self.codec, tar.len())?;
        let Ok(items) = std::panic::catch_unwind(|| parse(&tar)) else {
            return write!(f, "{}", tar.escape_ascii());
        };
        for item in items {
            let (name, link) = (item.name.escape_ascii(), item.link.escape_ascii());
            let kind = char::from(item.typeflag);
            let (mode, size) = (item.mode, item.content.len());
            writeln!(f, "  {kind} {name} {link} {mode:o} {size} bytes")?;
        }
        Ok(())
    }
}
