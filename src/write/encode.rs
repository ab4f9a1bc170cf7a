//! How the layers of the result are compressed.

use crate::layer::{Codec, Layer};

/// What the user asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compress {
    /// Each layer keeps its codec; what does not change is not compressed again.
    Keep,
    /// All layers in gzip at this level, 1 to 9.
    Gzip(u32),
    /// All layers in zstd at this level, 1 to 19.
    Zstd(i32),
    /// All layers plain.
    Plain,
}

/// A codec with its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// The codec.
    pub codec: Codec,
    /// Its level; 0 where it has none.
    pub level: i32,
}

/// The levels used where none is asked for: what `gzip` and `zstd` use.
const GZIP_LEVEL: i32 = 6;
const ZSTD_LEVEL: i32 = 3;

impl Encoding {
    /// Returns the encoding of an output layer made from `from`, and whether even an unchanged one must be encoded anew.
    ///
    /// `saved` tells that the source is a docker-archive and the destination is not: its plain layers, which only that
    /// format unpacks for free, become gzip.
    pub fn choose(
        compress: Compress,
        layers: &[Layer],
        from: &[usize],
        saved: bool,
    ) -> (Self, bool) {
        let all = |codec: Codec| from.iter().all(|&layer| layers[layer].codec == codec);
        match compress {
            Compress::Gzip(level) => (
                Self {
                    codec: Codec::Gzip,
                    level: level.cast_signed(),
                },
                true,
            ),
            Compress::Zstd(level) => (
                Self {
                    codec: Codec::Zstd,
                    level,
                },
                true,
            ),
            Compress::Plain => (
                Self {
                    codec: Codec::Plain,
                    level: 0,
                },
                !all(Codec::Plain),
            ),
            Compress::Keep if all(Codec::Plain) && !saved => (
                Self {
                    codec: Codec::Plain,
                    level: 0,
                },
                false,
            ),
            Compress::Keep if all(Codec::Zstd) => (
                Self {
                    codec: Codec::Zstd,
                    level: ZSTD_LEVEL,
                },
                false,
            ),
            // gzip where codecs meet: every engine reads it.
            Compress::Keep => (
                Self {
                    codec: Codec::Gzip,
                    level: GZIP_LEVEL,
                },
                all(Codec::Plain),
            ),
        }
    }
}
