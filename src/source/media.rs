//! Media types: which documents and blobs make an image, in OCI's and Docker's words.
//!
//! Nothing here opens a blob.

/// An OCI index.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// An OCI manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// An OCI config.
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// An OCI layer that is not compressed; `+gzip` and `+zstd` are appended for others.
pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";

/// What a descriptor in an index points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Index,
    Manifest,
    Unknown,
}

pub(crate) fn target(media_type: &str) -> Target {
    match media_type {
        INDEX | DOCKER_LIST => Target::Index,
        MANIFEST | DOCKER_MANIFEST => Target::Manifest,
        _ => Target::Unknown,
    }
}

pub(crate) fn is_config(media_type: &str) -> bool {
    matches!(media_type, CONFIG | DOCKER_CONFIG)
}

/// Whether a manifest's annotations are part of its specification; Docker's schema 2 has none.
pub fn has_annotations(manifest: &str) -> bool {
    manifest != DOCKER_MANIFEST
}

/// Whether a layer is one that runtimes unpack, compressed or not.
pub(crate) fn is_layer(media_type: &str) -> bool {
    let suffix = |base: &str| media_type.strip_prefix(base);
    suffix(LAYER).is_some_and(|suffix| matches!(suffix, "" | "+gzip" | "+zstd"))
        || suffix(DOCKER_LAYER).is_some_and(|suffix| matches!(suffix, "" | ".gzip" | ".zstd"))
}

/// Whether a layer is one that must not be passed on with the image, and so may not be here.
pub(crate) fn is_foreign(media_type: &str) -> bool {
    media_type.starts_with("application/vnd.oci.image.layer.nondistributable.")
        || media_type.starts_with("application/vnd.docker.image.rootfs.foreign.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_told_by_their_type() {
        for (media_type, is) in [
            ("application/vnd.oci.image.layer.v1.tar", true),
            ("application/vnd.oci.image.layer.v1.tar+gzip", true),
            ("application/vnd.oci.image.layer.v1.tar+zstd", true),
            ("application/vnd.docker.image.rootfs.diff.tar", true),
            ("application/vnd.docker.image.rootfs.diff.tar.gzip", true),
            ("application/vnd.docker.image.rootfs.diff.tar.zstd", true),
            (
                "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
                false,
            ),
            ("application/vnd.oci.image.layer.v1.tar.gzip", false),
            (
                "application/vnd.oci.image.layer.nondistributable.v1.tar",
                false,
            ),
            ("application/vnd.in-toto+json", false),
        ] {
            assert_eq!(is_layer(media_type), is, "{media_type}");
        }
    }
}
