//! How rules and packages read files of the image: through this trait, as they do no I/O of their own.

use crate::error::Result;
use crate::tree::NodeId;

/// Reads the bytes of files that the tree shows.
pub trait Contents: Sync {
    /// Returns the first `limit` bytes of a regular file, or all when there are fewer.
    ///
    /// # Errors
    /// When the inflated layer cannot be read.
    fn read(&self, file: NodeId, limit: usize) -> Result<Vec<u8>>;
}
