//! Gzip blobs without compressing them again: a new stream is spliced out of the blocks of others.
//!
//! It knows nothing of tar, layers or images.
//!
//! Deflate is a sequence of blocks, and a block refers to no more than the 32 KiB before a byte.
//! [`inflate`] reads a blob once, checks it and notes where each block lies and how far before its
//! start it refers. [`splice`] then makes a stream out of runs of such blobs. A block is copied bit
//! for bit when
//!
//! - all that it inflates to is kept, and
//! - so is all before it that it refers to, in one piece with it.
//!
//! What stands before the block at the distances it refers to is then the same in the new stream.
//! All other bytes, and those that no source has, are compressed anew; they may refer to the 32 KiB
//! before them in the new stream. Each such piece is inflated again before it is written. CRC-32 and
//! length of the trailer come from those of the blocks.
//!
//! Invariants: the new stream is one member that inflates to the runs. It depends on the blobs, the
//! runs and the level alone, not on the number of threads. Memory does not grow with a blob but for
//! its index, 32 bytes a block and no more than a fraction of the inflated length.

mod content;
mod copy;
mod decode;
mod deflate;
mod header;
mod huffman;
mod index;
mod inflate;
mod members;
mod plan;
mod source;
mod splice;
mod tables;
mod window;
mod writer;

pub use content::Run;
pub use index::BlockIndex;
pub use members::{InflateError, inflate};
pub use splice::{Spliced, Stream, compress, is_worth_splicing, splice};
