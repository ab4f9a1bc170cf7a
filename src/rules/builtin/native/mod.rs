//! What compilers and builds of native code leave.

pub(super) mod cmake_files;
pub(super) mod compiler_caches;
pub(super) mod cuda_extras;
pub(super) mod cuda_headers;
pub(super) mod cuda_static;
pub(super) mod debug_files;
pub(super) mod headers;
pub(super) mod kernel_headers;
pub(super) mod libtool_archives;
pub(super) mod linker_names;
pub(super) mod static_libraries;
pub(super) mod test_sources;
