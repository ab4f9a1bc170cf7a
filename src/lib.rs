//! Takes a container image after the build and writes a smaller one that still runs.

#[cfg(feature = "cli")]
pub mod cli;
pub mod closure;
pub mod config;
pub mod digest;
pub mod distroless;
pub mod error;
pub mod gzip;
pub mod image;
mod largest;
pub mod layer;
pub mod packages;
pub mod path;
mod pax;
pub mod plan;
mod progress;
pub mod report;
pub mod rules;
pub mod running;
mod shrink;
pub mod source;
pub mod study;
pub mod tree;
pub mod verify;
pub mod write;

pub use progress::{Progress, Silent};
pub use shrink::{Options, Proof, Wanted, shrink};
