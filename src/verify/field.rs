//! What two sights of one path can differ in.

use crate::layer::Kind;

use super::flatten::Inode;

/// A property of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// File, directory, link, device or FIFO.
    Kind,
    /// Whether an entry describes the directory; where none does, each runtime makes up its own attributes.
    Described,
    /// Permission bits with setuid, setgid and sticky.
    Mode,
    /// Owner and group.
    Owner,
    /// Major and minor number.
    Device,
    /// The time of the last change, to the nanosecond.
    Mtime,
    /// The size in bytes.
    Size,
    /// Extended attributes: capabilities, labels.
    Xattrs,
    /// What a symbolic link names.
    Target,
    /// Which bytes the file holds.
    Content,
    /// Which fragments of a sparse file are stored.
    Sparse,
    /// Which other names the file has.
    Links,
}

impl Field {
    /// The word for it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind => "type",
            Self::Described => "directory entry",
            Self::Mode => "mode",
            Self::Owner => "owner",
            Self::Device => "device number",
            Self::Mtime => "mtime",
            Self::Size => "size",
            Self::Xattrs => "extended attributes",
            Self::Target => "link target",
            Self::Content => "content",
            Self::Sparse => "sparse map",
            Self::Links => "hard links",
        }
    }
}

/// The fields that entries tell of themselves: all but content and links.
pub(super) fn differing<'a>(
    before: &Inode<'a>,
    after: &Inode<'a>,
) -> impl Iterator<Item = Field> + use<> {
    let (was, is) = (before.entry, after.entry);
    let is_file = was.kind == Kind::File;
    let fields = [
        (Field::Kind, was.kind != is.kind),
        (Field::Mode, was.mode != is.mode),
        (Field::Owner, (was.uid, was.gid) != (is.uid, is.gid)),
        (Field::Device, was.device != is.device),
        (
            Field::Mtime,
            (was.mtime, was.mtime_nanos) != (is.mtime, is.mtime_nanos),
        ),
        (Field::Size, is_file && was.size != is.size),
        (
            Field::Xattrs,
            before.entries.xattrs(was) != after.entries.xattrs(is),
        ),
        (
            Field::Target,
            before.entries.target(was) != after.entries.target(is),
        ),
        (
            Field::Sparse,
            is_file && before.entries.sparse_map(was) != after.entries.sparse_map(is),
        ),
    ];
    fields
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
}

/// The first field in which a described directory is not as runtimes make one that no entry describes.
pub(super) fn differs_from_implied(after: &Inode<'_>) -> Option<Field> {
    let is = after.entry;
    let fields = [
        (Field::Kind, is.kind != Kind::Dir),
        (Field::Mode, is.mode != 0o755),
        (Field::Owner, (is.uid, is.gid) != (0, 0)),
        (Field::Xattrs, !after.entries.xattrs(is).is_empty()),
    ];
    fields
        .into_iter()
        .find_map(|(field, differs)| differs.then_some(field))
}
