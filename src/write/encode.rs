//! How the layers of the result are compressed.

use std::str::FromStr;

use crate::layer::{Codec, Layer};

use super::reach::Reach;

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
    /// Whether blocks of the source may be copied: not where the user asked for a level.
    pub may_splice: bool,
    /// How far back zstd looks for repeats.
    pub reach: Reach,
}

/// The levels used where none is asked for: what `gzip` and `zstd` use.
const GZIP_LEVEL: i32 = 6;
const ZSTD_LEVEL: i32 = 3;

/// The gzip level of layers that are compressed anew though nobody asked for it: below what others make at their level 6, so
/// that the result is not larger than the source. Measured on 818 MB of a Debian image with Node.js: level 6 makes 266.1 MB
/// in 22.6 seconds of CPU time, 7 264.2 in 34.0, 9 258.9 in 49.5; pigz at level 6 260.9.
const GZIP_LEVEL_UNASKED: i32 = 9;

impl Encoding {
    /// gzip as everybody writes it, its bytes depending on its content alone.
    pub const GZIP: Self = Self {
        codec: Codec::Gzip,
        level: GZIP_LEVEL,
        may_splice: false,
        reach: Reach::Usual,
    };

    /// The encoding of a layer that is made by what it holds: `splices` tells whether blocks of the source will do.
    pub(super) fn of_group(self, splices: bool, reach: Reach) -> Self {
        let was_asked = !self.may_splice;
        let may_splice = self.may_splice && splices;
        let level = match self.codec {
            Codec::Gzip if !was_asked && !may_splice => GZIP_LEVEL_UNASKED,
            _ => self.level,
        };
        Self {
            level,
            may_splice,
            reach,
            ..self
        }
    }

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
        let (codec, level, anew) = match compress {
            Compress::Gzip(level) => (Codec::Gzip, level.cast_signed(), true),
            Compress::Zstd(level) => (Codec::Zstd, level, true),
            Compress::Plain => (Codec::Plain, 0, !all(Codec::Plain)),
            Compress::Keep if all(Codec::Plain) && !saved => (Codec::Plain, 0, false),
            Compress::Keep if all(Codec::Zstd) => (Codec::Zstd, ZSTD_LEVEL, false),
            // gzip where codecs meet: every engine reads it.
            Compress::Keep => (Codec::Gzip, GZIP_LEVEL, all(Codec::Plain)),
        };
        (
            Self {
                codec,
                level,
                may_splice: compress == Compress::Keep,
                reach: Reach::Usual,
            },
            anew,
        )
    }
}

impl FromStr for Compress {
    type Err = String;

    /// Parses `keep`, `gzip[:1-9]`, `zstd[:1-19]` or `none`.
    fn from_str(word: &str) -> Result<Self, String> {
        let (name, level) = word
            .split_once(':')
            .map_or((word, None), |(name, level)| (name, Some(level)));
        let leveled = |default: i32, highest: i32| {
            let level = level.map_or(Some(default), |level| level.parse().ok());
            level
                .filter(|level| (1..=highest).contains(level))
                .ok_or_else(|| format!("the levels of {name} are 1 to {highest}"))
        };
        match (name, level) {
            ("keep", None) => Ok(Self::Keep),
            ("none", None) => Ok(Self::Plain),
            ("gzip", _) => Ok(Self::Gzip(leveled(GZIP_LEVEL, 9)?.unsigned_abs())),
            ("zstd", _) => Ok(Self::Zstd(leveled(ZSTD_LEVEL, 19)?)),
            _ => Err("there are keep, gzip[:1-9], zstd[:1-19] and none".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_levels() {
        for (word, compress) in [
            ("keep", Some(Compress::Keep)),
            ("none", Some(Compress::Plain)),
            ("gzip", Some(Compress::Gzip(6))),
            ("gzip:9", Some(Compress::Gzip(9))),
            ("zstd", Some(Compress::Zstd(3))),
            ("zstd:19", Some(Compress::Zstd(19))),
            ("gzip:0", None),
            ("gzip:10", None),
            ("zstd:20", None),
            ("zstd:", None),
            ("keep:1", None),
            ("xz", None),
        ] {
            assert_eq!(word.parse().ok(), compress, "{word}");
        }
    }
}
