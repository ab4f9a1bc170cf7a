//! Layers: each blob is read once, verified, inflated and indexed.

mod entry;

pub use entry::{Entries, Entry, Kind};
