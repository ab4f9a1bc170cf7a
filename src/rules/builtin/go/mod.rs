//! What the Go tool chain leaves.

pub(super) mod go_build_cache;
pub(super) mod go_modules;
pub(super) mod go_root;
pub(super) mod go_root_tests;
