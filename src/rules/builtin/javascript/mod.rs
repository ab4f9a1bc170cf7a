//! What Node.js, npm and their kin leave.

pub(super) mod bun_cache;
pub(super) mod foreign_prebuilds;
pub(super) mod js_build_caches;
pub(super) mod node_dev_files;
pub(super) mod node_docs;
pub(super) mod node_gyp;
pub(super) mod node_readme;
pub(super) mod node_types;
pub(super) mod npm_cache;
pub(super) mod npm_self;
pub(super) mod pnpm_store;
pub(super) mod source_maps;
pub(super) mod yarn_berry_cache;
pub(super) mod yarn_cache;
pub(super) mod yarn_state;
