//! Where images come from.

mod blob;

pub use blob::{Blob, BlobReader};
