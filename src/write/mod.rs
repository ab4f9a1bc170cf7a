//! Writes the result: layers in parallel, then the documents that name them.

mod archive;
mod area;
mod content;
mod copy;
mod destination;
mod documents;
mod doing;
mod encode;
mod frames;
mod grouped;
mod growing;
mod layer;
mod layers;
mod naming;
mod pairing;
mod place;
mod reach;
mod seeing;
mod spent;
mod staging;
mod syncing;
mod unfinished;
mod zstd;

pub use area::Area;
pub use content::{Run, runs};
pub use destination::Destination;
pub use documents::{GROUP, ImageDocuments, Listed, Record, image_documents, index_document};
pub use encode::{Compress, Encoding};
pub use grouped::{Known, diff_id};
pub use growing::{Following, Growing, Segment};
pub use layer::ReadsBack;
pub use layers::{Done, Manner, write_layers, write_pack};
pub use pairing::Pairing;
pub use reach::Reach;
pub use seeing::{Seeing, Seen};
pub use spent::Spent;
pub use staging::{Staging, View};
pub(crate) use unfinished::Unfinished;
pub use unfinished::remove_unfinished;
pub use zstd::Contexts;

use tempfile::TempPath;

use crate::digest::Digest;
use crate::layer::{Codec, Entries};

/// A layer of the result.
#[derive(Debug)]
pub struct Output {
    /// The source layers in whose place it comes, base layer first.
    pub from: Vec<usize>,
    /// How its blob is compressed.
    pub codec: Codec,
    /// The digest of the blob.
    pub digest: Digest,
    /// The size of the blob in bytes.
    pub size: u64,
    /// The digest of the inflated layer.
    pub diff_id: Digest,
    /// The size of the inflated layer in bytes.
    pub inflated: u64,
    /// Where its bytes come from.
    pub how: How,
    /// The name of what is in it, where layers are made by what they hold.
    pub title: Option<String>,
    /// What was written; `None` where the inflated bytes are those of the source layer.
    pub written: Option<Written>,
    /// The new blob, in the temp dir until the image is committed; `None` where the source's is used.
    pub file: Option<TempPath>,
}

/// The content of a layer that was written, as it was seen on its way out.
#[derive(Debug)]
pub struct Written {
    /// Its entries.
    pub entries: Entries,
    /// Its bytes, in order: from which source layer, or made.
    pub runs: Vec<Run>,
}

/// Where the bytes of an output layer's blob come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The source's blob as it is.
    Reused,
    /// Compressed blocks or frames of the source were copied, the rest compressed anew; in compressed bytes.
    Spliced {
        /// Copied as they were.
        copied: u64,
        /// Compressed anew.
        compressed: u64,
    },
    /// All was compressed anew, or written plain.
    Compressed,
    /// The blob of an earlier release as it is.
    Previous,
}
