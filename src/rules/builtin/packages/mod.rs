//! Rules that take whole packages: what they ask for is said here, how it is taken in `crate::packages`.

pub(super) mod build_tools;
pub(super) mod dev_dependencies;
