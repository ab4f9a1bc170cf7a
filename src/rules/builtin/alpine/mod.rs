//! What apk leaves.

pub(super) mod apk_cache;
pub(super) mod apk_scripts;
