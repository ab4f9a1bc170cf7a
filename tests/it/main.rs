//! The integration tests.

mod splice;
mod splice_tools;
