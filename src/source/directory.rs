//! Files of a directory that somebody else wrote: only regular files that lie in it are opened.
//!
//! Nothing here knows what the files mean.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::{Blob, Files};
use crate::error::{Error, Result};

/// A directory and its true path.
#[derive(Debug)]
pub(super) struct Directory {
    root: PathBuf,
}

impl Directory {
    /// Takes a directory.
    ///
    /// # Errors
    /// When it is not there, or no directory.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let fault = |source| Error::Read {
            path: path.to_path_buf(),
            source,
        };
        let root = path.canonicalize().map_err(fault)?;
        if !root.is_dir() {
            return Err(fault(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self { root })
    }
}

impl Files for Directory {
    fn find(&self, name: &str) -> Result<Option<Blob>, String> {
        let path = self.root.join(name);
        match path.symlink_metadata() {
            Err(fault) if is_absence(&fault) => return Ok(None),
            Err(fault) => return Err(fault.to_string()),
            Ok(_) => {}
        }
        let real = path.canonicalize().map_err(|fault| fault.to_string())?;
        if !real.starts_with(&self.root) {
            return Err(format!("a symbolic link leads out to `{}`", real.display()));
        }
        let file = open_regular(&real)?;
        Blob::whole(file, path)
            .map(Some)
            .map_err(|fault| fault.to_string())
    }
}

fn is_absence(fault: &io::Error) -> bool {
    matches!(
        fault.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Opens a regular file. What it is is asked before, as opening a device may do something, and after, as it may have
/// been exchanged; a FIFO put there in between does not block.
fn open_regular(path: &Path) -> Result<File, String> {
    let before = fs::symlink_metadata(path).map_err(|fault| fault.to_string())?;
    if !before.is_file() {
        return Err("not a regular file".into());
    }
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
    let flags = i32::try_from(flags.bits()).expect("open's flags fit its argument");
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
        .map_err(|fault| fault.to_string())?;
    let after = file.metadata().map_err(|fault| fault.to_string())?;
    if !after.is_file() || (before.dev(), before.ino()) != (after.dev(), after.ino()) {
        return Err("it was exchanged while it was opened".into());
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_regular_files_inside_are_opened() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "x").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        fs::write(at("sub/plain"), "abc").unwrap();
        symlink("sub/plain", at("inside")).unwrap();
        symlink("sub", at("alias")).unwrap();
        symlink(outside.path().join("secret"), at("outside")).unwrap();
        symlink(outside.path(), at("outer")).unwrap();
        symlink("/dev/zero", at("zero")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        symlink("loop", at("loop")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("fifo"), rustix::fs::Mode::RWXU).unwrap();

        let files = Directory::open(dir.path()).unwrap();
        for name in ["sub/plain", "inside", "alias/plain"] {
            assert_eq!(files.find(name).unwrap().unwrap().len(), 3, "{name}");
        }
        for name in ["missing", "sub/missing", "sub/plain/below"] {
            assert!(files.find(name).unwrap().is_none(), "{name}");
        }
        for (name, fault) in [
            ("sub", "not a regular file"),
            ("fifo", "not a regular file"),
            ("outside", "leads out"),
            ("outer/secret", "leads out"),
            ("zero", "leads out"),
            ("dangling", "No such file"),
            ("loop", "symbolic links"),
        ] {
            let said = files.find(name).unwrap_err();
            assert!(said.contains(fault), "{name}: {said}");
        }
    }
}
