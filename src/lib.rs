//! Takes a container image after the build and writes a smaller one that still runs.

pub mod digest;
pub mod error;
pub mod image;
pub mod layer;
pub mod path;
pub mod plan;
pub mod rules;
pub mod source;
pub mod tree;
pub mod verify;
pub mod write;
