//! What cargo and rustup leave.

pub(super) mod cargo_debug;
pub(super) mod cargo_registry;
pub(super) mod cargo_target;
pub(super) mod rust_toolchain;
pub(super) mod rustup_docs;
pub(super) mod rustup_downloads;
