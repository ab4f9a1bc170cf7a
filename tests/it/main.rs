//! The integration tests.

mod shapes;
