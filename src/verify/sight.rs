//! Images looked at by themselves: every layer is read to its last byte and verified, and nothing is kept but the entries.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::layer::{Claim, Entries, Indexer, index};
use crate::path;
use crate::source::Blob;

use super::flatten::{Flat, flatten};

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Digests, sizes, diff IDs and entries.
    Entries,
    /// The contents of files, too, so that they can be compared.
    Contents,
}

/// An image whose layers were verified.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Base layer first.
    layers: Vec<Arc<Seen>>,
}

/// A verified layer.
#[derive(Debug)]
struct Seen {
    claim: Claim,
    inflated: u64,
    entries: Entries,
    warnings: Vec<String>,
}

/// What was verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// The number of layers.
    pub layers: usize,
    /// Their blobs' sizes, in bytes.
    pub stored: u64,
    /// Their inflated sizes, in bytes.
    pub inflated: u64,
    /// The number of tar entries.
    pub entries: usize,
    /// The number of paths that a container sees, the root among them.
    pub paths: usize,
    /// What a user should know of the layers.
    pub warnings: Vec<String>,
}

/// Verifies the layers of images, each base layer first, in parallel. Layers that several images share are hashed in
/// each, and inflated once.
///
/// # Errors
/// When size, digest, compression, diff ID or tar of a layer are not what they must be.
pub fn look(images: &[Vec<(Blob, Claim)>], depth: Depth) -> Result<Vec<Sight>> {
    let mut known: HashMap<(&Digest, &Digest), usize> = HashMap::new();
    let mut firsts: Vec<&(Blob, Claim)> = Vec::new();
    let mut others: Vec<&(Blob, Claim)> = Vec::new();
    let mut places: Vec<Vec<usize>> = Vec::new();
    for image in images {
        let place = |layer| {
            let (_, claim): &(Blob, Claim) = layer;
            *known
                .entry((&claim.digest, &claim.diff_id))
                .and_modify(|_| others.push(layer))
                .or_insert_with(|| {
                    firsts.push(layer);
                    firsts.len() - 1
                })
        };
        places.push(image.iter().map(place).collect());
    }
    let (seen, same) = rayon::join(
        || {
            let seen = firsts.par_iter().with_max_len(1);
            seen.map(|(blob, claim)| see(blob, claim, depth).map(Arc::new))
                .collect::<Result<Vec<_>>>()
        },
        || {
            let same = others.par_iter().with_max_len(1);
            same.try_for_each(|(blob, claim)| check_digest(blob, claim))
        },
    );
    let seen = seen?;
    same?;
    let sights = places.into_iter().map(|places| Sight {
        layers: places
            .into_iter()
            .map(|place| Arc::clone(&seen[place]))
            .collect(),
    });
    Ok(sights.collect())
}

fn see(blob: &Blob, claim: &Claim, depth: Depth) -> Result<Seen> {
    let indexer = match depth {
        Depth::Entries => Indexer::new(claim.digest.clone()),
        Depth::Contents => Indexer::with_contents(claim.digest.clone()),
    };
    let indexed = index(blob, claim, indexer)?;
    Ok(Seen {
        claim: claim.clone(),
        inflated: indexed.inflated,
        entries: indexed.entries,
        warnings: indexed.warnings,
    })
}

/// Verifies a blob whose namesake was scanned.
fn check_digest(blob: &Blob, claim: &Claim) -> Result<()> {
    let (digest, size) = blob.hash()?;
    if (&digest, size) == (&claim.digest, claim.size) {
        return Ok(());
    }
    Err(Error::Blob {
        digest: claim.digest.to_string(),
        fault: format!("its content has digest `{digest}` and {size} bytes"),
    })
}

impl Sight {
    /// Adds up what was verified.
    ///
    /// # Errors
    /// When a layer has an entry that no runtime could apply.
    pub fn checked(&self) -> Result<Checked> {
        let mut checked = Checked {
            layers: self.layers.len(),
            paths: self.flatten()?.len(),
            ..Checked::default()
        };
        for layer in &self.layers {
            checked.stored += layer.claim.size;
            checked.inflated += layer.inflated;
            checked.entries += layer.entries.list().len();
            let warnings = layer.warnings.iter();
            checked
                .warnings
                .extend(warnings.map(|text| format!("layer `{}`: {text}", layer.claim.digest)));
        }
        Ok(checked)
    }

    /// Says what a container sees.
    ///
    /// # Errors
    /// When a layer has an entry that no runtime could apply.
    pub fn flatten(&self) -> Result<Flat<'_>> {
        let layers: Vec<&Entries> = self.layers.iter().map(|layer| &layer.entries).collect();
        flatten(&layers).map_err(|fault| Error::Entry {
            blob: self.layers[fault.layer].claim.digest.clone(),
            entry: path::display(&fault.path),
            fault: fault.fault.into(),
        })
    }
}
