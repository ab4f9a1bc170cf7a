//! The staging area: a directory beside the destination in which a result grows, and from which it appears in one step.
//!
//! It is removed when it goes out of scope, on every way out. Nothing here changes a blob.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::{BufWriter, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{TempDir, TempPath};

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::source::{Blob, Form, Source, sized};

use super::archive::{self, MARKER};
use super::area::Area;
use super::place::{self, write_fault};
use super::syncing::Syncing;
use super::unfinished::{Unfinished, undisturbed};
use super::{Destination, copy, naming};

/// Where the blobs of a result wait for its documents.
#[derive(Debug)]
pub struct Staging {
    destination: Destination,
    force: bool,
    /// The destination's true path.
    path: Option<PathBuf>,
    work: TempDir,
    _unfinished: Unfinished,
    temp_dir: Option<PathBuf>,
    permissions: Permissions,
    /// Nothing where the blobs go into an archive.
    syncing: Option<Syncing>,
    blobs: Mutex<BTreeMap<Digest, Staged>>,
}

/// A blob of the result.
#[derive(Debug)]
enum Staged {
    /// In the staging area.
    Here { size: u64 },
    /// In the source, from which an archive is written without a copy between.
    There(Blob),
}

impl Staging {
    /// Makes a staging area beside the destination; for standard output in `temp_dir`, or else the system's.
    ///
    /// # Errors
    /// When the destination is there already and `force` does not replace it, or its directory cannot be written.
    pub fn new(destination: &Destination, temp_dir: Option<&Path>, force: bool) -> Result<Self> {
        let path = destination
            .path
            .as_deref()
            .map(|path| place::check(path, destination.form, force))
            .transpose()?;
        if path.is_none() && std::io::stdout().is_terminal() {
            let fault = std::io::Error::other("it is a terminal, and an archive is no text");
            return Err(write_fault(Path::new("standard output"), fault));
        }
        let dir = path
            .as_deref()
            .map(place::parent)
            .or_else(|| temp_dir.map(Path::to_path_buf))
            .unwrap_or_else(std::env::temp_dir);
        let work = tempfile::Builder::new()
            .prefix(".oci-slim-")
            .tempdir_in(&dir)
            .map_err(|fault| write_fault(&dir, fault))?;
        let blobs = work.path().join("layout/blobs/sha256");
        fs::create_dir_all(&blobs).map_err(|fault| write_fault(&blobs, fault))?;
        let marker = work.path().join("layout/oci-layout");
        fs::write(&marker, MARKER).map_err(|fault| write_fault(&marker, fault))?;
        // Temporary files are private; the result is as open as any file that the user makes.
        let permissions = fs::metadata(&marker)
            .map_err(|fault| write_fault(&marker, fault))?
            .permissions();
        let syncing = (destination.form == Form::Layout).then(Syncing::start);
        let (destination, temp_dir) = (destination.clone(), temp_dir.map(Path::to_path_buf));
        Ok(Self {
            destination,
            force,
            path,
            _unfinished: Unfinished::enter(work.path()),
            work,
            temp_dir,
            permissions,
            syncing,
            blobs: Mutex::default(),
        })
    }

    /// A directory for files that are to be adopted, on the destination's file system.
    pub fn dir(&self) -> &Path {
        self.work.path()
    }

    /// A directory for what is only looked at: the temp dir that was asked for, or else the staging area.
    pub fn spool_dir(&self) -> &Path {
        self.temp_dir.as_deref().unwrap_or(self.dir())
    }

    /// [`Staging::dir`] for blobs that are brought to the disk while they are written. What fails is told by
    /// [`Staging::commit`].
    pub fn area(&self) -> Area<'_> {
        Area::new(self.dir()).synced_by(self.syncing.as_ref())
    }

    /// Takes a finished file of [`Staging::dir`] as a blob.
    ///
    /// # Errors
    /// When it cannot be moved.
    pub fn adopt(&self, file: TempPath, digest: &Digest) -> Result<()> {
        let path = self.blob_path(digest);
        let size = fs::metadata(&file)
            .map_err(|fault| write_fault(&file, fault))?
            .len();
        fs::set_permissions(&file, self.permissions.clone())
            .map_err(|fault| write_fault(&file, fault))?;
        file.persist(&path)
            .map_err(|fault| write_fault(&path, fault.error))?;
        self.enter(digest, Staged::Here { size });
        Ok(())
    }

    /// Takes a document.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&self, digest: &Digest, bytes: &[u8]) -> Result<()> {
        let path = self.blob_path(digest);
        fs::write(&path, bytes).map_err(|fault| write_fault(&path, fault))?;
        self.enter(
            digest,
            Staged::Here {
                size: bytes.len() as u64,
            },
        );
        Ok(())
    }

    /// Takes a blob of the source as it is: shares its blocks where the file system can. An archive is written from the
    /// source itself.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn copy(&self, blob: &Blob, digest: &Digest) -> Result<()> {
        if self.lock().contains_key(digest) {
            return Ok(());
        }
        if self.destination.form != Form::Layout {
            self.enter(digest, Staged::There(blob.clone()));
            return Ok(());
        }
        let copied = tempfile::Builder::new()
            .prefix("copy-")
            .tempfile_in(self.dir())
            .and_then(|file| {
                copy::to_file(blob, file.as_file())?;
                Ok(file.into_temp_path())
            });
        self.adopt(
            copied.map_err(|fault| write_fault(self.dir(), fault))?,
            digest,
        )
    }

    /// Opens a blob of the result.
    ///
    /// # Errors
    /// When it was never staged or has another size in bytes.
    pub fn blob(&self, digest: &Digest, size: u64) -> Result<Blob> {
        let missing = || Error::Blob {
            digest: digest.to_string(),
            fault: "not in the result".into(),
        };
        sized(self.open(digest)?, digest, size)?.ok_or_else(missing)
    }

    /// The result as a source, with `index` as its `index.json`: what a reader of the destination would see.
    pub fn view<'a>(&'a self, index: &'a [u8]) -> View<'a> {
        View {
            staging: self,
            index,
        }
    }

    /// Puts the result in its place; `index` is its `index.json`.
    ///
    /// # Errors
    /// When it cannot be written there, or something else has come there since. Nothing is left at the destination then.
    pub fn commit(mut self, index: &[u8]) -> Result<()> {
        if let Some(syncing) = self.syncing.take() {
            syncing.finish()?;
        }
        let index = match &self.destination.name {
            Some(name) => naming::named(index, name, self.destination.form)?,
            None => index.to_vec(),
        };
        match (self.destination.form, &self.path) {
            (Form::Layout, Some(path)) => self.commit_layout(&index, path)?,
            (_, Some(path)) => self.commit_file(&index, path)?,
            (_, None) => self.write_archive(
                &index,
                std::io::stdout().lock(),
                Path::new("standard output"),
            )?,
        }
        let dir = self.work.path().to_path_buf();
        self.work.close().map_err(|fault| write_fault(&dir, fault))
    }

    fn commit_layout(&self, index: &[u8], path: &Path) -> Result<()> {
        let made = self.dir().join("layout");
        let file = made.join("index.json");
        fs::write(&file, index).map_err(|fault| write_fault(&file, fault))?;
        for name in ["oci-layout", "index.json", "blobs/sha256", "blobs", ""] {
            place::sync(&made.join(name))?;
        }
        undisturbed(|| place::publish(&made, path, self.dir(), self.force))
    }

    fn commit_file(&self, index: &[u8], path: &Path) -> Result<()> {
        let made = self.dir().join("archive.tar");
        let file = File::create_new(&made).map_err(|fault| write_fault(&made, fault))?;
        self.write_archive(index, BufWriter::with_capacity(64 << 10, &file), &made)?;
        file.sync_all().map_err(|fault| write_fault(&made, fault))?;
        undisturbed(|| place::publish(&made, path, self.dir(), self.force))
    }

    fn write_archive(
        &self,
        index: &[u8],
        mut stream: impl std::io::Write,
        name: &Path,
    ) -> Result<()> {
        let manifest = match self.destination.form {
            Form::DockerArchive => Some(archive::docker_manifest(&self.view(index))?),
            _ => None,
        };
        let mut documents = vec![("oci-layout", MARKER), ("index.json", index)];
        documents.extend(
            manifest
                .as_deref()
                .map(|manifest| ("manifest.json", manifest)),
        );
        let failed = |fault| write_fault(name, fault);
        archive::begin(&mut stream, &documents).map_err(failed)?;
        let digests: Vec<Digest> = self.lock().keys().cloned().collect();
        for digest in digests {
            if let Some(blob) = self.open(&digest)? {
                archive::blob(&mut stream, &digest, &blob).map_err(failed)?;
            }
        }
        archive::end(&mut stream).map_err(failed)
    }

    fn open(&self, digest: &Digest) -> Result<Option<Blob>> {
        let path = self.blob_path(digest);
        let size = match self.lock().get(digest) {
            None => return Ok(None),
            Some(Staged::There(blob)) => return Ok(Some(blob.clone())),
            Some(Staged::Here { size }) => *size,
        };
        let file = File::open(&path).map_err(|source| Error::Read {
            path: path.clone(),
            source,
        })?;
        sized(Some(Blob::whole(file, path)?), digest, size)
    }

    fn blob_path(&self, digest: &Digest) -> PathBuf {
        self.dir().join("layout/blobs/sha256").join(digest.hex())
    }

    fn enter(&self, digest: &Digest, staged: Staged) {
        if let (Staged::Here { .. }, Some(syncing)) = (&staged, &self.syncing) {
            syncing.push(&self.blob_path(digest));
        }
        self.lock().insert(digest.clone(), staged);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Digest, Staged>> {
        // Each change is one insertion, so a panic elsewhere leaves nothing half done.
        self.blobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A result that is not published yet.
#[derive(Debug)]
pub struct View<'a> {
    staging: &'a Staging,
    index: &'a [u8],
}

impl Source for View<'_> {
    fn place(&self) -> &str {
        &self.staging.destination.reference
    }

    fn index(&self) -> Result<Vec<u8>> {
        Ok(self.index.to_vec())
    }

    fn find(&self, digest: &Digest, size: u64) -> Result<Option<Blob>> {
        sized(self.staging.open(digest)?, digest, size)
    }
}
