//! How far back zstd is to look for repeats in a layer that is made by what it holds.

use zstd::bulk::Compressor;

use crate::error::Result;
use crate::layer::Layer;
use crate::plan::Piece;

use super::zstd::failed;

/// How far back repeats are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// As the level has it.
    Usual,
    /// Next to nowhere: there are none. It takes little memory, so that such a layer can be written beside another one.
    Near,
    /// As far as there are any, for 64 MiB of memory, with whoever reads the layer too.
    Far,
}

/// So much is packed for a look, in bytes, in so many places of a layer.
const SAMPLE: u64 = 16 << 10;
const SAMPLES: u64 = 64;

impl Reach {
    /// How far is worth it for a layer of these pieces, which are not alike: not far where what is in them is packed already,
    /// as in archives and media.
    ///
    /// # Errors
    /// When a source layer cannot be read back.
    pub(super) fn of(layers: &[Layer], pieces: &[Piece]) -> Result<Self> {
        let copies = || {
            pieces.iter().filter_map(|piece| match piece {
                Piece::Copy { layer, span } => {
                    let layer = usize::from(*layer);
                    // The last entry may lack its padding.
                    let end = span.end.min(layers[layer].inflated.len());
                    Some((layer, span.start..end))
                }
                _ => None,
            })
        };
        let all: u64 = pieces.iter().map(Piece::copied).sum();
        let step = (all / SAMPLES).max(SAMPLE);
        let mut compressor = Compressor::new(1).map_err(failed)?;
        let (mut plain, mut packed) = (0, 0);
        // How far the next sample is from here.
        let mut next = 0;
        let mut sample = Vec::new();
        for (layer, span) in copies() {
            let mut at = span.start;
            while at + next < span.end {
                at += next;
                let len = SAMPLE.min(span.end - at);
                sample.resize(usize::try_from(len).expect("a sample is short"), 0);
                layers[layer].inflated.read_exact_at(&mut sample, at)?;
                plain += sample.len();
                packed += compressor.compress(&sample).map_err(failed)?.len();
                next = step;
            }
            next -= span.end - at;
        }
        Ok(match packed * 16 >= plain * 15 {
            true => Self::Near,
            false => Self::Far,
        })
    }
}
