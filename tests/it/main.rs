//! The integration tests.

mod splice;
