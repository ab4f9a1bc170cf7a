//! Takes a container image after the build and writes a smaller one that still runs.
//!
//! The listing of the modules is the flow of the bytes; each uses only those before it in this list:
//!
//! | stage | what it does |
//! |---|---|
//! | [`source`], [`image`] | open an image, read its documents, pair layers with diff IDs and history |
//! | [`gzip`], [`layer`] | scan each blob once: verified, inflated, indexed; no digest is believed |
//! | [`tree`] | what a container sees, and who hides whom |
//! | [`closure`] | what single files tell of what they need: libraries, commands, paths, recordings of runs |
//! | [`rules`], [`packages`], [`distroless`] | what goes, and why |
//! | [`running`] | whether what ran before still finds what it needs |
//! | [`plan`] | which bytes go where: an output layer is a list of byte spans (no I/O) |
//! | [`write`](mod@write) | layers in parallel, copied where their compressed blocks are still right; documents; one rename |
//! | [`verify`] | the independent look at the result: a second flattener, and the written layers read back |
//! | [`report`], [`study`], [`config`] | one value and its renderings; images that are only looked at; `slim.toml` |
//!
//! What holds for every run: a layer from which nothing goes keeps its blob and digest; kept entries are the same bytes; the
//! result is the source less exactly what the report lists; no layer is larger than what it replaces, but for a little where
//! layers are made by what they hold; the same input, settings and version give the same digests on any number of threads; shrinking twice changes nothing.

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
mod pages;
pub mod path;
mod pax;
pub mod plan;
mod progress;
pub mod report;
pub mod rules;
pub mod run;
pub mod running;
mod shrink;
pub mod source;
mod spares;
pub mod study;
pub mod tree;
pub mod verify;
pub mod write;

pub use progress::{Progress, Silent};
pub use shrink::{Options, Proof, Question, Wanted, restore, shrink, shrink_if};
