//! What the oracle tells of a path.

use std::collections::BTreeMap;
use std::fmt;

/// All paths of an image, cleaned; the root is the empty path.
pub(crate) type Tree = BTreeMap<Vec<u8>, Node>;

/// What a container sees at a path.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) mode: u32,
    pub(crate) uid: i64,
    pub(crate) gid: i64,
    /// Seconds and nanoseconds; `None` for a directory that no entry describes, whose time nobody tells.
    pub(crate) mtime: Option<(i64, u32)>,
    pub(crate) xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    /// All names of the file, sorted; empty when it has but one.
    pub(crate) names: Vec<Vec<u8>>,
}

/// What kind of thing, with what only that kind has.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Dir,
    File(Vec<u8>),
    Symlink(Vec<u8>),
    Char(u32, u32),
    Block(u32, u32),
    Fifo,
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} {:o} {}:{} ",
            self.kind, self.mode, self.uid, self.gid
        )?;
        match self.mtime {
            Some((seconds, nanos)) => write!(f, "{seconds}.{nanos:09}")?,
            None => write!(f, "no time")?,
        }
        for (name, value) in &self.xattrs {
            write!(f, " {}={}", name.escape_ascii(), value.escape_ascii())?;
        }
        for name in &self.names {
            write!(f, " ={}", name.escape_ascii())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dir => write!(f, "dir"),
            Self::File(content) if content.len() > 32 => {
                let start = content[..32].escape_ascii();
                write!(f, "file of {} bytes \"{start}…\"", content.len())
            }
            Self::File(content) => write!(f, "file \"{}\"", content.escape_ascii()),
            Self::Symlink(target) => write!(f, "symlink to {}", target.escape_ascii()),
            Self::Char(major, minor) => write!(f, "char {major},{minor}"),
            Self::Block(major, minor) => write!(f, "block {major},{minor}"),
            Self::Fifo => write!(f, "fifo"),
        }
    }
}
