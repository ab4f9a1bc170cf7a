//! Gzip blobs without compressing them again: a new stream is spliced out of the blocks of others.
//!
//! It knows nothing of tar, layers or images.
//!
//! Deflate is a sequence of blocks, and a block refers to no more than the 32 KiB before a byte.
//! [`inflate()`] reads a blob once, checks it and notes where each block lies and how far before its
//! start it refers. [`splice()`] then makes a stream out of runs of such blobs. A block is copied bit
//! for bit when
//!
//! - all that it inflates to is kept, and
//! - so is all before it that it refers to, in one piece with it.
//!
//! What stands before the block at the distances it refers to is then the same in the new stream.
//! All other bytes, and those that no source has, are compressed anew; they may refer to the 32 KiB
//! before them in the new stream. Each such piece is inflated again before it is written. CRC-32 and
//! length of the trailer come from those of the blocks. After each 1 MiB or more of content stands an
//! empty stored block, 5 bytes, as zlib's sync flush writes it: from there on the stream can be read by
//! another thread ([`Out::mark`]).
//!
//! Invariants: the new stream is one member that inflates to the runs. It depends on the blobs, the
//! runs and the level alone, not on the number of threads. Memory does not grow with a blob but for
//! its index, 24 bytes a block and no more than a fraction of the inflated length. The only unsafe
//! calls, for instructions that hash, are in `beside.rs`.
//!
//! Measured on layers that buildah wrote (Go's encoder), documentation, manual pages, translations,
//! package archives and lists, headers and static libraries out, in bytes and in MB of inflated
//! bytes a second of CPU time, on two busy cores (`cargo bench --bench gzip -- LAYOUT`):
//!
//! | layer of | inflated | inflate and index (zlib-rs alone) | kept, in runs | splice | copied | bytes out | compressed anew at level 6 |
//! |---|---|---|---|---|---|---|---|
//! | go-web | 653,676,032 | 584 (495) | 324,175,872 in 89 | 2,252 | 98.55 % | 127,838,452 | 123,645,633 at 41 |
//! | go-sample | 465,830,400 | 581 (536) | 216,317,952 in 99 | 6,106 | 99.59 % | 67,104,757 | 64,877,374 at 47 |
//! | node-app | 427,779,584 | 574 (497) | 225,778,688 in 32 | 4,119 | 99.45 % | 91,972,936 | 89,062,611 at 38 |
//!
//! Go's encoder is that much behind zlib-rs; a copy keeps the ratio of whoever compressed the source.
//! The inflater with its index and checksums is faster than zlib-rs and than libdeflate (583 against
//! 553 and 543 on one layer, 722 against 717 and 676 on another, before its last gain of 7 %), so
//! neither is used to read. What it gains by: table lookups that run ahead of the copies (5 %), and
//! copies of 32 bytes at a time. What did not pay: larger or smaller tables (2 to 5 % slower than 11
//! bits), entries for two literals (5 %), AVX2 instructions, and fewer of all: without the checks that
//! no place lies outside a buffer, and with the hash's words kept in registers, it is as fast within 2 %.
//! Two streams in turns on one thread take 0.88 of their time apart, but nothing is hashed beside them.

mod beside;
mod content;
mod copy;
mod decode;
mod deflate;
mod header;
mod huffman;
mod index;
mod inflate;
mod members;
mod out;
mod plan;
mod source;
mod splice;
mod sum;
mod tables;
mod window;
mod writer;

pub use beside::can_hash_beside;
pub(crate) use beside::hash_two;
pub(crate) use content::Content;
pub use content::Run;
pub use index::BlockIndex;
pub(crate) use members::drain_and_hash;
pub use members::{Hashed, InflateError, inflate, inflate_and_hash};
pub use out::Out;
pub use splice::{Spliced, Stream, compress, is_worth_splicing, splice};
pub(crate) use window::{Drain, WINDOW};
