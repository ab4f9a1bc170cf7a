//! Writes a layer that is made by what it holds, or finds a blob that holds the same already.
//!
//! It is compressed anew even where blocks of the source would do: those depend on what lay around them, so that the same
//! content would be another blob once a neighbour changed. With that, blobs of an earlier release are found by digest.

use crate::digest::Digest;
use crate::error::Result;
use crate::layer::{Claim, Codec, Layer};
use crate::source::Blob;

use super::content::Run;
use super::doing::{Step, reuse};
use super::layer::Desk;
use super::layers::Manner;
use super::place::write_fault;
use super::reach::Reach;
use super::seeing::{Seeing, read};
use super::{Encoding, How, Output, Written, copy};

/// A layer of an earlier release, whose blob will do where the same layer is to be written.
#[derive(Clone, Debug)]
pub struct Known {
    /// What is claimed of it, and was found true.
    pub claim: Claim,
    /// How the blob is compressed.
    pub codec: Codec,
    /// The size of the inflated layer in bytes.
    pub inflated: u64,
    /// The blob.
    pub blob: Blob,
}

/// Begins the layer of these runs; `anew` tells that blobs of another codec will not do, `reach` how far repeats may be.
///
/// # Errors
/// When a blob cannot be read or the temp dir cannot be written.
pub(super) fn begin_grouped<'scope>(
    desk: Desk<'scope, '_>,
    from: &[usize],
    runs: Vec<Run>,
    (encoding, anew): (Encoding, bool),
    reach: Reach,
) -> Result<Step<'scope>> {
    let Desk { layers, manner, .. } = desk;
    let encoding = encoding.of_group(manner.splices, reach);
    let will_do = |codec: Codec| codec == encoding.codec || !anew;
    for (number, layer) in layers.iter().enumerate() {
        if will_do(layer.codec) && is_layer(layers, number, &runs)? {
            return Ok(Step::Whole(reuse(layer, number)));
        }
    }
    let length = Run::total(&runs);
    let is_as_long = |known: &&Known| known.inflated == length && will_do(known.codec);
    let mut known = manner.known.iter().filter(is_as_long).peekable();
    if known.peek().is_some() {
        let seen = read(layers, &runs, Seeing::default())?;
        if let Some(known) = known.find(|known| known.claim.diff_id == seen.diff_id) {
            let entries = seen.entries;
            let taken = take(known, from, Written { entries, runs }, &manner)?;
            return Ok(Step::Whole(taken));
        }
    }
    desk.begin(from, runs, encoding).map(Step::Begun)
}

/// Computes the diff ID of a layer of these runs.
///
/// # Errors
/// When a source layer cannot be read back.
pub fn diff_id(layers: &[Layer], runs: &[Run]) -> Result<Digest> {
    Ok(read(layers, runs, Seeing::default())?.diff_id)
}

/// Whether the runs are a source layer, all of it and in its place.
fn is_layer(layers: &[Layer], number: usize, runs: &[Run]) -> Result<bool> {
    let inflated = &layers[number].inflated;
    let mut at = 0;
    for run in runs {
        if let Run::Copy { layer, range } = run
            && (*layer != number || range.start != at)
        {
            return Ok(false);
        }
        at += run.len();
    }
    if at != inflated.len() {
        return Ok(false);
    }
    let mut at = 0;
    for run in runs {
        if let Run::Made(bytes) = run {
            let mut there = vec![0; bytes.len()];
            inflated.read_exact_at(&mut there, at)?;
            if there != *bytes {
                return Ok(false);
            }
        }
        at += run.len();
    }
    Ok(true)
}

/// Takes the blob of an earlier release for what was to be written.
fn take(known: &Known, from: &[usize], written: Written, manner: &Manner<'_>) -> Result<Output> {
    let blob = manner.area.begin()?;
    let copied = copy::to_file(&known.blob, &blob.file);
    copied.map_err(|fault| write_fault(&blob.path, fault))?;
    blob.sync();
    Ok(Output {
        from: from.to_vec(),
        codec: known.codec,
        digest: known.claim.digest.clone(),
        size: known.claim.size,
        diff_id: known.claim.diff_id.clone(),
        inflated: known.inflated,
        how: How::Previous,
        title: None,
        written: Some(written),
        file: Some(blob.path),
    })
}
