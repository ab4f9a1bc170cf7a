//! Puts what is finished in its place in one step, and looks before any work whether it may go there.
//!
//! Nothing here knows what is in it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::error::{Error, Result};
use crate::source::Form;

/// Returns the true path of `path` if a result of this form may be put there.
///
/// A directory is replaced only if it is an image layout: `--force` with a slip of the pen must not cost a home directory.
pub(super) fn check(path: &Path, form: Form, force: bool) -> Result<PathBuf> {
    let refuse = |text: &str| Err(write_fault(path, io::Error::other(text)));
    let kind = match fs::symlink_metadata(path) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(path.to_path_buf()),
        other => other.map_err(|fault| write_fault(path, fault))?.file_type(),
    };
    if kind.is_symlink() {
        let real = path
            .canonicalize()
            .map_err(|fault| write_fault(path, fault))?;
        return check(&real, form, force);
    }
    match form {
        Form::Layout if kind.is_dir() => {
            let mut entries = fs::read_dir(path).map_err(|fault| write_fault(path, fault))?;
            if entries.next().is_none() || (force && path.join("oci-layout").is_file()) {
                return Ok(path.to_path_buf());
            }
            if force {
                return refuse("the directory is no image layout and is not replaced");
            }
        }
        Form::Layout => return refuse("it is there and no directory"),
        _ if kind.is_dir() => return refuse("it is a directory"),
        _ if !kind.is_file() => {
            return refuse("it is no regular file; `-` writes to standard output");
        }
        _ if force => return Ok(path.to_path_buf()),
        _ => {}
    }
    Err(Error::DestinationExists {
        path: path.to_path_buf(),
    })
}

/// Moves `made`, a file or directory in `work`, to `path`; what `force` replaces stays in `work`.
pub(super) fn publish(made: &Path, path: &Path, work: &Path, force: bool) -> Result<()> {
    let moved = if force && path.symlink_metadata().is_ok() {
        exchange(made, path, work)
    } else if made.is_dir() {
        // This replaces an empty directory and nothing else.
        fs::rename(made, path)
    } else {
        rename_new(made, path)
    };
    moved.map_err(|fault| match fault.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
            Error::DestinationExists {
                path: path.to_path_buf(),
            }
        }
        _ => write_fault(path, fault),
    })?;
    sync(&parent(path))
}

/// Flushes a file's bytes, or a directory's names, to the disk.
pub(super) fn sync(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|fault| write_fault(path, fault))
}

/// The directory that holds `path`.
pub(super) fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

pub(super) fn write_fault(path: &Path, source: io::Error) -> Error {
    Error::Write {
        path: path.to_path_buf(),
        source,
    }
}

fn exchange(made: &Path, path: &Path, work: &Path) -> io::Result<()> {
    match renameat_with(CWD, made, CWD, path, RenameFlags::EXCHANGE) {
        Err(fault) if is_unsupported(fault) => {
            let before = work.join("before");
            fs::rename(path, &before)?;
            fs::rename(made, path).inspect_err(|_| {
                // The first failure is the one to tell, whether or not the way back is open.
                let _ = fs::rename(&before, path);
            })
        }
        other => Ok(other?),
    }
}

fn rename_new(made: &Path, path: &Path) -> io::Result<()> {
    match renameat_with(CWD, made, CWD, path, RenameFlags::NOREPLACE) {
        Err(fault) if is_unsupported(fault) && path.symlink_metadata().is_err() => {
            fs::rename(made, path)
        }
        other => Ok(other?),
    }
}

fn is_unsupported(fault: Errno) -> bool {
    matches!(fault, Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_may_be_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("empty")).unwrap();
        fs::create_dir(at("home")).unwrap();
        fs::write(at("home/letter"), "").unwrap();
        fs::create_dir(at("layout")).unwrap();
        fs::write(at("layout/oci-layout"), "").unwrap();
        fs::write(at("file"), "").unwrap();
        symlink("layout", at("link")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        rustix::fs::mkfifoat(CWD, at("fifo"), rustix::fs::Mode::RWXU).unwrap();
        let verdict = |name: &str, form, force| match check(&at(name), form, force) {
            Ok(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
            Err(Error::DestinationExists { .. }) => "exists".into(),
            Err(Error::Write { source, .. }) => source.to_string(),
            Err(other) => panic!("{other}"),
        };
        for (name, form, plain, forced) in [
            ("new", Form::Layout, "new", "new"),
            ("new", Form::OciArchive, "new", "new"),
            ("empty", Form::Layout, "empty", "empty"),
            (
                "home",
                Form::Layout,
                "exists",
                "the directory is no image layout and is not replaced",
            ),
            ("layout", Form::Layout, "exists", "layout"),
            ("link", Form::Layout, "exists", "layout"),
            (
                "file",
                Form::Layout,
                "it is there and no directory",
                "it is there and no directory",
            ),
            ("file", Form::DockerArchive, "exists", "file"),
            (
                "layout",
                Form::OciArchive,
                "it is a directory",
                "it is a directory",
            ),
            (
                "fifo",
                Form::OciArchive,
                "it is no regular file; `-` writes to standard output",
                "it is no regular file; `-` writes to standard output",
            ),
        ] {
            assert_eq!(
                (
                    verdict(name, form, false).as_str(),
                    verdict(name, form, true).as_str()
                ),
                (plain, forced),
                "{name} {form:?}"
            );
        }
        assert!(check(&at("dangling"), Form::OciArchive, true).is_err());
    }

    #[test]
    fn a_result_appears_whole_and_never_over_something_new() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let make_dir = |name: &str, content: &str| {
            fs::create_dir(at(name)).unwrap();
            fs::write(at(name).join("oci-layout"), content).unwrap();
        };
        make_dir("work", "");
        make_dir("work/made", "1");
        publish(&at("work/made"), &at("dest"), &at("work"), false).unwrap();
        make_dir("work/made", "2");
        let said = publish(&at("work/made"), &at("dest"), &at("work"), false);
        assert!(matches!(said, Err(Error::DestinationExists { .. })));
        assert_eq!(fs::read_to_string(at("dest/oci-layout")).unwrap(), "1");
        publish(&at("work/made"), &at("dest"), &at("work"), true).unwrap();
        assert_eq!(fs::read_to_string(at("dest/oci-layout")).unwrap(), "2");
        assert_eq!(
            fs::read_to_string(at("work/made/oci-layout")).unwrap(),
            "1",
            "what was there goes with the work"
        );

        fs::create_dir(at("empty")).unwrap();
        publish(&at("work/made"), &at("empty"), &at("work"), false).unwrap();
        assert!(at("empty/oci-layout").is_file());

        fs::write(at("work/file"), "1").unwrap();
        publish(&at("work/file"), &at("a.tar"), &at("work"), false).unwrap();
        fs::write(at("work/file"), "2").unwrap();
        assert!(matches!(
            publish(&at("work/file"), &at("a.tar"), &at("work"), false),
            Err(Error::DestinationExists { .. })
        ));
        publish(&at("work/file"), &at("a.tar"), &at("work"), true).unwrap();
        assert_eq!(fs::read_to_string(at("a.tar")).unwrap(), "2");
    }
}
