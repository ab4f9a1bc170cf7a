//! Where a stream that is being made goes, and from where on it can be read by itself.

use crate::error::Result;

/// Takes a stream in order. Any closure that takes bytes will do.
pub trait Out: Send {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When they cannot be taken; no more will come.
    fn put(&mut self, bytes: &[u8]) -> Result<()>;

    /// All that was put so far inflates to the first `content` bytes of the content. The first block begins here, or the next
    /// one, or the trailer: a reader needs nothing of what was put before but the 32 KiB of content that it inflates to last.
    fn mark(&mut self, _content: u64) {}
}

impl<F: FnMut(&[u8]) -> Result<()> + Send> Out for F {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self(bytes)
    }
}
