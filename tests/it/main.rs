//! The integration tests: one binary, a file for each theme, and the support code that builds and judges images.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod alike;
#[cfg(feature = "tui")]
mod browse;
mod budget;
mod check;
mod compression;
mod dive;
mod documents;
mod foreseen;
mod guesses;
mod hard_links;
mod hostile;
mod interop;
mod merge;
mod oracle;
mod packages;
mod properties;
mod regroup;
mod restore;
mod run;
mod shapes;
mod side_tables;
mod signals;
mod sources;
mod special_files;
mod splice;
mod splice_tools;
mod support;
mod tidy;
mod usage;
mod whiteouts;
mod zstd_frames;
