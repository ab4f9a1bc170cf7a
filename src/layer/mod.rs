//! Layers: each blob is read once, verified, inflated and indexed.

mod entry;
mod header;
mod index;
mod relay;
mod remake;
mod scan;
mod spool;

pub use crate::source::Codec;
pub use entry::{Entries, Entry, Kind};
pub use header::BLOCK;
pub use index::Indexer;
pub use relay::{CHUNK, Sink, relay};
pub use remake::{Change, remake, whiteout};
pub use scan::{Claim, Layer};
pub use spool::Spool;
