//! What gem and bundler leave.

pub(super) mod gem_build;
pub(super) mod gem_cache;
pub(super) mod gem_docs;
pub(super) mod gem_tests;
