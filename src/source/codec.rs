//! How a blob or an archive is compressed: told by its first bytes, as runtimes do, and named by a layer's media type.
//!
//! Nothing here compresses or inflates.

/// A way to compress a layer or an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// A tar as it is.
    Plain,
    /// gzip (RFC 1952), one member or several.
    Gzip,
    /// zstd (RFC 8878), one frame or several, skippable ones among them.
    Zstd,
}

impl Codec {
    /// Tells the codec by the blob's first bytes.
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }

    /// Names the compression that the first bytes tell where it is none of these.
    pub(crate) fn unsupported(head: &[u8]) -> Option<&'static str> {
        match head {
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some("xz"),
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', ..] => Some("bzip2"),
            _ => None,
        }
    }

    /// The word for it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Whether a layer's media type tells this codec.
    pub fn is_told_by(self, media_type: &str) -> bool {
        let told = match media_type.rsplit(['+', '.']).next() {
            Some("gzip") => Self::Gzip,
            Some("zstd") => Self::Zstd,
            _ => Self::Plain,
        };
        self == told
    }

    /// Returns the media type of a layer in this codec, of the same family (OCI or Docker) as `like`.
    ///
    /// Docker's schema 2 knows no zstd: such a layer gets the OCI type, as BuildKit writes it.
    pub fn media_type(self, like: &str) -> &'static str {
        let docker = like.starts_with("application/vnd.docker.");
        match (self, docker) {
            (Self::Plain, true) => "application/vnd.docker.image.rootfs.diff.tar",
            (Self::Gzip, true) => "application/vnd.docker.image.rootfs.diff.tar.gzip",
            (Self::Plain, false) => "application/vnd.oci.image.layer.v1.tar",
            (Self::Gzip, false) => "application/vnd.oci.image.layer.v1.tar+gzip",
            (Self::Zstd, _) => "application/vnd.oci.image.layer.v1.tar+zstd",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell() {
        assert_eq!(Codec::of(b"\x1f\x8b\x08"), Codec::Gzip);
        assert_eq!(Codec::of(b"\x28\xb5\x2f\xfd"), Codec::Zstd);
        assert_eq!(Codec::of(b"\x5e\x2a\x4d\x18"), Codec::Zstd);
        assert_eq!(Codec::of(b"etc/"), Codec::Plain);
        assert_eq!(Codec::of(b""), Codec::Plain);
    }

    #[test]
    fn media_types_tell() {
        for like in [
            "application/vnd.docker.image.rootfs.diff.tar",
            "application/vnd.oci.image.layer.v1.tar",
        ] {
            for codec in [Codec::Plain, Codec::Gzip, Codec::Zstd] {
                let told = codec.media_type(like);
                for other in [Codec::Plain, Codec::Gzip, Codec::Zstd] {
                    assert_eq!(other.is_told_by(told), other == codec, "{told}");
                }
            }
        }
        assert!(Codec::Zstd.is_told_by("application/vnd.docker.image.rootfs.diff.tar.zstd"));
        assert_eq!(Codec::of(b"\x1f"), Codec::Plain);
        assert_eq!(Codec::unsupported(b"\xfd7zXZ\0"), Some("xz"));
        assert_eq!(Codec::unsupported(b"BZh91A"), Some("bzip2"));
        assert_eq!(Codec::unsupported(b"BZhive"), None);
    }
}
