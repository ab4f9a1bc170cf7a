//! What the build tools of the JVM leave.

pub(super) mod bazel_cache;
pub(super) mod coursier_cache;
pub(super) mod gradle_cache;
pub(super) mod jdk_headers;
pub(super) mod jdk_sources;
pub(super) mod jdk_tools;
pub(super) mod jvm_temporary;
pub(super) mod maven_build;
pub(super) mod maven_leftovers;
pub(super) mod maven_repository;
pub(super) mod sbt_cache;
