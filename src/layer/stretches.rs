//! Where a regular file's bytes lie in the inflated layer, holes left out.
//!
//! Nothing here reads content but the map that PAX 1.0 stores before it.

use std::io::{BufReader, Read as _};

use crate::error::{Error, Result};
use crate::path;

use super::entry::Entry;
use super::scan::Layer;
use super::sparse::{self, Fragment, MapReader};

/// A run of bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Where it lies in the file as a container sees it.
    pub offset: u64,
    /// Where it lies in the inflated layer.
    pub at: u64,
    /// Its length in bytes.
    pub len: u64,
}

impl Layer {
    /// Returns the runs of stored bytes of a regular file, first to last; what lies between them is zero.
    ///
    /// # Errors
    /// When a stored map cannot be read or does not fit the file.
    pub fn stretches(&self, entry: &Entry) -> Result<Vec<Stretch>> {
        let whole = Stretch {
            offset: 0,
            at: entry.data,
            len: entry.stored,
        };
        let (fragments, head) = match self.entries.sparse_map(entry) {
            _ if !entry.sparse => return Ok(vec![whole]),
            map if map == sparse::STORED_MAP => self.stored_map(entry)?,
            map => (sparse::decode(map), 0),
        };
        let fits = sparse::check(&fragments, entry.size, entry.stored.saturating_sub(head));
        fits.map_err(|fault| self.entry_fault(entry, fault))?;
        let mut at = entry.data + head;
        let stretches = fragments.into_iter().map(|fragment| {
            let stretch = Stretch {
                offset: fragment.offset,
                at,
                len: fragment.len,
            };
            at += fragment.len;
            stretch
        });
        Ok(stretches.collect())
    }

    /// The map that stands before the content, and its length in bytes.
    fn stored_map(&self, entry: &Entry) -> Result<(Vec<Fragment>, u64)> {
        let mut reader = MapReader::default();
        let stored = self.inflated.reader(entry.data).take(entry.stored);
        for byte in BufReader::new(stored).bytes() {
            let byte = byte.map_err(|source| Error::Read {
                path: self.inflated.path().to_owned(),
                source,
            })?;
            let done = reader.take(byte);
            if done.map_err(|fault| self.entry_fault(entry, fault))? {
                return Ok(reader.finish());
            }
        }
        Err(self.entry_fault(entry, "a sparse map that the file's end cuts off"))
    }

    fn entry_fault(&self, entry: &Entry, fault: &str) -> Error {
        Error::Entry {
            blob: self.claim.digest.clone(),
            entry: path::display(self.entries.path(entry)),
            fault: fault.to_owned(),
        }
    }
}
