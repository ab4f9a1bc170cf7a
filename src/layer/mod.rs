//! Layers: each blob is read once, verified, inflated and indexed.

mod build;
mod contents;
mod entry;
mod frames;
mod header;
mod index;
mod inflate;
mod outline;
mod relay;
mod remake;
mod scan;
mod sparse;
mod spill;
mod spool;
mod stretches;
#[cfg(test)]
pub(crate) mod testing;

pub use crate::source::Codec;
pub use contents::ContentDigest;
pub use entry::{Entries, Entry, Kind};
pub use frames::{Frame, Frames};
pub use header::BLOCK;
pub use index::Indexer;
pub use relay::{CHUNK, Sink, relay};
pub use remake::{Change, directory, parent, remake, whiteout};
pub use scan::{Claim, Indexed, Layer, index, measure};
pub use spool::{LeavesOut, Spool, give_back};
pub use stretches::Stretch;
