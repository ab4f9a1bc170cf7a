//! Unpacks an image's files into a directory, as a runtime would, but for devices.
//!
//! Owners are set where the system lets it.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, lchown, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, Timespec, Timestamps, XattrFlags, lsetxattr, mknodat, utimensat,
};
use tempfile::TempDir;

use crate::error::{Error, Result};
use crate::layer::{CHUNK, Kind, Layer};
use crate::pax;
use crate::tree::{NodeId, Tree};
use crate::write::Unfinished;

/// An unpacked image; it goes when this does.
#[derive(Debug)]
pub(super) struct Unpacked {
    dir: TempDir,
    root: PathBuf,
    _unfinished: Unfinished,
}

impl Unpacked {
    /// An empty root in a directory of its own below `dir`.
    pub(super) fn empty(dir: &Path) -> Result<Self> {
        let made = tempfile::Builder::new()
            .prefix(".oci-slim-run-")
            .tempdir_in(dir)
            .map_err(|source| fault(dir, source))?;
        let root = made.path().join("root");
        fs::create_dir(&root).map_err(|source| fault(&root, source))?;
        Ok(Self {
            _unfinished: Unfinished::enter(made.path()),
            dir: made,
            root,
        })
    }

    /// The image's root.
    pub(super) fn path(&self) -> &Path {
        &self.root
    }

    /// A directory beside it for what a runtime needs.
    pub(super) fn beside(&self) -> &Path {
        self.dir.path()
    }
}

/// Unpacks what a container sees of an image into a directory of its own below `dir`.
///
/// # Errors
/// When a layer cannot be read or a file not be written.
pub(super) fn unpack(tree: &Tree, layers: &[Layer], dir: &Path) -> Result<Unpacked> {
    let unpacked = Unpacked::empty(dir)?;
    let files = Files {
        tree,
        layers,
        root: unpacked.path(),
        is_root: rustix::process::geteuid().is_root(),
    };
    let mut directories = vec![NodeId::ROOT];
    for node in tree.walk() {
        if tree.kind(node) == Kind::Dir {
            directories.push(node);
        }
        if node != NodeId::ROOT {
            files.make(node)?;
        }
    }
    // Innermost first: what is made in a directory changes its time, and one without write permission can be filled.
    for node in directories.into_iter().rev() {
        files.describe(node)?;
    }
    Ok(unpacked)
}

struct Files<'a> {
    tree: &'a Tree,
    layers: &'a [Layer],
    root: &'a Path,
    is_root: bool,
}

impl Files<'_> {
    fn place(&self, node: NodeId) -> PathBuf {
        self.root.join(OsStr::from_bytes(&self.tree.path(node)))
    }

    /// Makes what is at a path. Its parents are directories that were made before: no link is ever walked through.
    fn make(&self, node: NodeId) -> Result<()> {
        let place = self.place(node);
        let names = self.tree.names(node);
        // Another name of the file may have come before.
        let mut twins = names.iter().map(|name| self.place(*name));
        let twin = twins.find(|twin| names.len() > 1 && twin.symlink_metadata().is_ok());
        if let Some(twin) = twin {
            return fs::hard_link(&twin, &place).map_err(|source| fault(&place, source));
        }
        let made = match self.tree.kind(node) {
            Kind::Dir => fs::create_dir(&place),
            Kind::Symlink => {
                let target = self.tree.symlink_target(node).unwrap_or_default();
                symlink(OsStr::from_bytes(target), &place)
            }
            Kind::Fifo => mknodat(CWD, &place, FileType::Fifo, Mode::RUSR, 0).map_err(Into::into),
            Kind::File => return self.file(node, &place),
            _ => return Ok(()),
        };
        made.map_err(|source| fault(&place, source))?;
        match self.tree.kind(node) {
            Kind::Dir => Ok(()),
            _ => self.describe(node),
        }
    }

    fn file(&self, node: NodeId, place: &Path) -> Result<()> {
        let mut file = File::create_new(place).map_err(|source| fault(place, source))?;
        if let Some(at) = self.tree.data(node) {
            let (entry, layer) = (self.tree.entry(at), &self.layers[usize::from(at.layer)]);
            for stretch in layer.stretches(entry)? {
                file.seek(SeekFrom::Start(stretch.offset))
                    .map_err(|source| fault(place, source))?;
                let (mut at, end) = (stretch.at, stretch.at + stretch.len);
                let mut buffer = vec![0; CHUNK];
                while at < end {
                    let len = usize::try_from(end - at).unwrap_or(CHUNK).min(CHUNK);
                    layer.inflated.read_exact_at(&mut buffer[..len], at)?;
                    file.write_all(&buffer[..len])
                        .map_err(|source| fault(place, source))?;
                    at += len as u64;
                }
            }
            file.set_len(entry.size)
                .map_err(|source| fault(place, source))?;
        }
        drop(file);
        self.describe(node)
    }

    /// Gives a path its owner, mode, attributes and time; the attributes come after the owner, which clears some.
    fn describe(&self, node: NodeId) -> Result<()> {
        let place = self.place(node);
        let Some(entry) = self.tree.attributes(node) else {
            let open = Permissions::from_mode(0o755);
            return fs::set_permissions(&place, open).map_err(|source| fault(&place, source));
        };
        if self.is_root {
            let id = |id: u64| u32::try_from(id).ok();
            lchown(&place, id(entry.uid), id(entry.gid)).map_err(|source| fault(&place, source))?;
        }
        if entry.kind != Kind::Symlink {
            let mode = Permissions::from_mode(entry.mode);
            fs::set_permissions(&place, mode).map_err(|source| fault(&place, source))?;
        }
        self.attributes(node, &place)?;
        let time = Timespec {
            tv_sec: entry.mtime,
            tv_nsec: entry.mtime_nanos.into(),
        };
        let times = Timestamps {
            last_access: time,
            last_modification: time,
        };
        utimensat(CWD, &place, &times, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|source| fault(&place, source.into()))
    }

    /// Sets the extended attributes that this file system and this user may set.
    fn attributes(&self, node: NodeId, place: &Path) -> Result<()> {
        let Some(at) = self.tree.data(node) else {
            return Ok(());
        };
        let records = self.layers[usize::from(at.layer)]
            .entries
            .xattrs(self.tree.entry(at));
        let records = pax::records(records).unwrap_or_default();
        for (key, value) in records {
            let key = OsStr::from_bytes(key);
            match lsetxattr(place, key, value, XattrFlags::empty()) {
                Ok(()) | Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::PERM) => {}
                Err(source) => return Err(fault(place, source.into())),
            }
        }
        Ok(())
    }
}

fn fault(path: &Path, source: io::Error) -> Error {
    Error::Write {
        path: path.to_owned(),
        source,
    }
}
