//! A blob as a range of a file that many threads read at once, each at its own place.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::digest::{Digest, Hasher};
use crate::error::{Error, Result};
use crate::pages::Pages;

use super::gaps::{Gaps, Held};

/// How much is read and hashed at a time, in bytes.
const HASHED: usize = 256 << 10;

/// A range of bytes of an open file: a blob, a member of an archive, or an inflated layer in the temp dir.
#[derive(Clone, Debug)]
pub struct Blob {
    file: Arc<File>,
    path: Arc<PathBuf>,
    range: Range<u64>,
    gaps: Option<Arc<Gaps>>,
}

impl Blob {
    /// Takes `range` of `file`, which was opened as `path`.
    pub fn new(file: Arc<File>, path: PathBuf, range: Range<u64>) -> Self {
        Self {
            file,
            path: Arc::new(path),
            range,
            gaps: None,
        }
    }

    /// The same blob, whose file has these gaps, and may get others.
    #[must_use]
    pub fn with_gaps(self, gaps: Gaps) -> Self {
        let gaps = Some(Arc::new(gaps));
        Self { gaps, ..self }
    }

    /// Takes a whole file.
    ///
    /// # Errors
    /// When its length cannot be told.
    pub fn whole(file: File, path: PathBuf) -> Result<Self> {
        let len = file
            .metadata()
            .map_err(|source| Error::Read {
                path: path.clone(),
                source,
            })?
            .len();
        Ok(Self::new(Arc::new(file), path, 0..len))
    }

    /// Returns the part of this blob at `range`, which must lie inside it.
    pub fn part(&self, range: Range<u64>) -> Self {
        assert!(
            range.start <= range.end && range.end <= self.len(),
            "a part lies inside its blob"
        );
        Self {
            file: Arc::clone(&self.file),
            path: Arc::clone(&self.path),
            range: self.range.start + range.start..self.range.start + range.end,
            gaps: self.gaps.clone(),
        }
    }

    /// The number of bytes.
    pub fn len(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// The file and the range in it, for a copy inside the kernel; gaps are not filled.
    pub fn file(&self) -> (&File, Range<u64>) {
        (&self.file, self.range.clone())
    }

    /// The file's path, for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Fills `buffer` from `offset` on.
    ///
    /// # Errors
    /// When the blob ends before the buffer is full, or the file cannot be read.
    pub fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        let read = if end.is_some_and(|end| end <= self.len()) {
            let _held = self.hold(offset, buffer.len())?;
            self.file.read_exact_at(buffer, self.range.start + offset)
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        };
        read.map_err(|source| Error::Read {
            path: self.path.to_path_buf(),
            source,
        })
    }

    /// Fills the gaps if `length` bytes from `offset` on reach into one, and keeps them filled.
    fn hold(&self, offset: u64, length: usize) -> Result<Option<Held<'_>>> {
        let start = self.range.start + offset;
        let gaps = self.gaps.as_deref();
        gaps.map(|gaps| gaps.hold(&(start..start + length as u64)))
            .transpose()
    }

    /// Gives back the room that the whole file of this blob takes, where that can be filled again. Reading it takes long then.
    pub fn give_back(&self) {
        if let Some(gaps) = &self.gaps {
            gaps.give_back(&self.file);
        }
    }

    /// Reads all of it; meant for documents, whose size the caller has bounded.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_all(&self) -> Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(self.len()).unwrap_or(usize::MAX)];
        self.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    /// Returns the digest of all of it, and its length in bytes as read.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn hash(&self) -> Result<(Digest, u64)> {
        let mut hasher = Hasher::default();
        let mut reader = self.reader(0);
        let mut chunk = Pages::new(HASHED);
        loop {
            let n = reader.read(&mut chunk).map_err(|source| Error::Read {
                path: self.path.to_path_buf(),
                source,
            })?;
            if n == 0 {
                return Ok(hasher.finish());
            }
            hasher.update(&chunk[..n]);
        }
    }

    /// Returns a reader from `offset` to the end.
    pub fn reader(&self, offset: u64) -> BlobReader<'_> {
        BlobReader { blob: self, offset }
    }
}

/// Reads a [`Blob`] from a place to its end.
#[derive(Debug)]
pub struct BlobReader<'a> {
    blob: &'a Blob,
    offset: u64,
}

impl Read for BlobReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.blob.len() - self.offset).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let held = self.blob.hold(self.offset, wanted);
        let _held = held.map_err(io::Error::other)?;
        let n = self
            .blob
            .file
            .read_at(&mut buffer[..wanted], self.blob.range.start + self.offset)?;
        if n == 0 && wanted > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.offset += n as u64;
        Ok(n)
    }
}
