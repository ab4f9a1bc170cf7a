//! What the package managers of other distributions leave.

pub(super) mod nix_docs;
pub(super) mod pacman_cache;
pub(super) mod portage_cache;
pub(super) mod xbps_cache;
