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
pub(super) enum Target {
    Index,
    Manifest,
    Unknown,
}

pub(super) fn target(media_type: &str) -> Target {
    match media_type {
        INDEX | DOCKER_LIST => Target::Index,
        MANIFEST | DOCKER_MANIFEST => Target::Manifest,
        _ => Target::Unknown,
    }
}

pub(super) fn is_config(media_type: &str) -> bool {
    matches!(media_type, CONFIG | DOCKER_CONFIG)
}

/// Whether a manifest's annotations are part of its specification; Docker's schema 2 has none.
pub fn has_annotations(manifest: &str) -> bool {
    manifest != DOCKER_MANIFEST
}

/// A layer's codec, as its media type says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not compressed.
    Plain,
    /// gzip, one member or several.
    Gzip,
    /// zstd, one frame or several.
    Zstd,
}

impl Packing {
    /// Returns the codec of a layer that runtimes unpack; `None` for any other media type.
    pub fn of(media_type: &str) -> Option<Self> {
        let suffix = media_type
            .strip_prefix(LAYER)
            .or_else(|| media_type.strip_prefix(DOCKER_LAYER))?;
        match (suffix, media_type.starts_with(LAYER)) {
            ("", _) => Some(Self::Plain),
            ("+gzip", true) | (".gzip", false) => Some(Self::Gzip),
            ("+zstd", true) | (".zstd", false) => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Returns the media type of a layer with this codec, in the family (OCI's or Docker's) of `like`.
    pub fn media_type(self, like: &str) -> String {
        let (base, sign) = if like.starts_with(DOCKER_LAYER) {
            (DOCKER_LAYER, ".")
        } else {
            (LAYER, "+")
        };
        match self {
            Self::Plain => base.to_owned(),
            Self::Gzip => format!("{base}{sign}gzip"),
            Self::Zstd => format!("{base}{sign}zstd"),
        }
    }
}

/// Whether a layer is one that must not be passed on with the image, and so may not be here.
pub(super) fn is_foreign(media_type: &str) -> bool {
    media_type.starts_with("application/vnd.oci.image.layer.nondistributable.")
        || media_type.starts_with("application/vnd.docker.image.rootfs.foreign.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_have_the_codec_of_their_type() {
        for (media_type, packing) in [
            (
                "application/vnd.oci.image.layer.v1.tar",
                Some(Packing::Plain),
            ),
            (
                "application/vnd.oci.image.layer.v1.tar+gzip",
                Some(Packing::Gzip),
            ),
            (
                "application/vnd.oci.image.layer.v1.tar+zstd",
                Some(Packing::Zstd),
            ),
            (
                "application/vnd.docker.image.rootfs.diff.tar",
                Some(Packing::Plain),
            ),
            (
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
                Some(Packing::Gzip),
            ),
            (
                "application/vnd.docker.image.rootfs.diff.tar.zstd",
                Some(Packing::Zstd),
            ),
            (
                "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
                None,
            ),
            ("application/vnd.oci.image.layer.v1.tar.gzip", None),
            ("application/vnd.in-toto+json", None),
        ] {
            assert_eq!(Packing::of(media_type), packing, "{media_type}");
            if let Some(packing) = packing {
                assert_eq!(packing.media_type(media_type), media_type);
            }
        }
        assert_eq!(
            Packing::Zstd.media_type(DOCKER_LAYER),
            format!("{DOCKER_LAYER}.zstd")
        );
    }
}
