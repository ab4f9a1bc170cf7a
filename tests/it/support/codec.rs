//! How layers are stored: plain, gzip in any framing, zstd in any framing; and the way back for the oracle.

use std::io::{Read as _, Write as _};

/// How a layer's tar is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    Plain,
    Gzip(Gzip),
    Zstd(Zstd),
}

/// A gzip stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gzip {
    pub(crate) level: u32,
    /// Into how many members the tar is cut.
    pub(crate) members: usize,
    /// FEXTRA and FNAME in each header.
    pub(crate) fields: bool,
}

/// A zstd stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zstd {
    pub(crate) level: i32,
    /// Into how many frames the tar is cut.
    pub(crate) frames: usize,
    /// A skippable frame before each.
    pub(crate) skippable: bool,
}

impl Default for Codec {
    fn default() -> Self {
        Self::gzip(6)
    }
}

impl Codec {
    pub(crate) fn gzip(level: u32) -> Self {
        Self::Gzip(Gzip {
            level,
            members: 1,
            fields: false,
        })
    }

    pub(crate) fn zstd(level: i32) -> Self {
        Self::Zstd(Zstd {
            level,
            frames: 1,
            skippable: false,
        })
    }

    /// The end of the layer's media type.
    pub(crate) fn suffix(&self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip(_) => "+gzip",
            Self::Zstd(_) => "+zstd",
        }
    }

    pub(crate) fn compress(&self, tar: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain => tar.to_vec(),
            Self::Gzip(gzip) => parts(tar, gzip.members)
                .flat_map(|part| gzip.member(part))
                .collect(),
            Self::Zstd(zstd) => parts(tar, zstd.frames)
                .flat_map(|part| zstd.frame(part))
                .collect(),
        }
    }
}

impl Gzip {
    fn member(&self, bytes: &[u8]) -> Vec<u8> {
        let mut header = flate2::GzBuilder::new();
        if self.fields {
            header = header
                .extra(&b"AB\x04\x00wxyz"[..])
                .filename(&b"layer.tar"[..]);
        }
        let mut encoder = header.write(Vec::new(), flate2::Compression::new(self.level));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }
}

impl Zstd {
    fn frame(&self, bytes: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        if self.skippable {
            frame.extend(skippable(b"a table of contents, or padding"));
        }
        frame.extend(zstd::encode_all(bytes, self.level).unwrap());
        frame
    }
}

/// A frame that zstd decoders pass over.
pub(crate) fn skippable(payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap();
    [
        &0x184d_2a50_u32.to_le_bytes()[..],
        &length.to_le_bytes(),
        payload,
    ]
    .concat()
}

/// The tar inside a stored layer, told by its first bytes.
pub(crate) fn decompress(stored: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    if stored.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(stored)
            .read_to_end(&mut tar)
            .unwrap();
    } else if stored.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
        || stored.get(1..4) == Some(&[0x2a, 0x4d, 0x18])
    {
        zstd::Decoder::new(stored)
            .unwrap()
            .read_to_end(&mut tar)
            .unwrap();
    } else {
        tar.extend_from_slice(stored);
    }
    tar
}

/// Cuts into `count` parts, all but the last of the same length.
fn parts(bytes: &[u8], count: usize) -> impl Iterator<Item = &[u8]> {
    let length = bytes.len().div_ceil(count.max(1)).max(1);
    bytes.chunks(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_codec_comes_back() {
        let tar: Vec<u8> = (0..5000_u32).flat_map(u32::to_le_bytes).collect();
        let gzip = Gzip {
            level: 9,
            members: 3,
            fields: true,
        };
        let zstd = Zstd {
            level: 3,
            frames: 2,
            skippable: true,
        };
        for codec in [
            Codec::Plain,
            Codec::gzip(1),
            Codec::zstd(1),
            Codec::Gzip(gzip),
            Codec::Zstd(zstd),
        ] {
            assert!(decompress(&codec.compress(&tar)) == tar, "{codec:?}");
        }
    }
}
