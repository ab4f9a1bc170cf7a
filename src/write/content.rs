//! Turns planned pieces into runs of bytes: ranges of inflated source layers, and the few bytes that are made.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::gzip;
use crate::layer::{BLOCK, Change, Layer, directory, parent, remake, whiteout};
use crate::plan::{Content, Piece, Remade};
use crate::tree::EntryRef;

/// A run of bytes of an output layer, inflated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// Bytes of a source layer, inflated.
    Copy {
        /// Base layer first.
        layer: usize,
        /// In its inflated bytes.
        range: Range<u64>,
    },
    /// Bytes that no source layer has.
    Made(Vec<u8>),
}

impl Run {
    /// The number of bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Copy { range, .. } => range.end - range.start,
            Self::Made(bytes) => bytes.len() as u64,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of bytes of all `runs`.
    pub fn total(runs: &[Self]) -> u64 {
        runs.iter().map(Self::len).sum()
    }
}

impl Run {
    /// The same run as the splicer takes it; its streams are the source layers.
    pub(super) fn for_gzip(&self) -> gzip::Run<'_> {
        match self {
            Self::Copy { layer, range } => gzip::Run::Copy {
                stream: *layer,
                range: range.clone(),
            },
            Self::Made(bytes) => gzip::Run::Made(bytes),
        }
    }
}

/// Makes the runs of a whole layer, from its first entry to the two zero blocks that end a tar.
///
/// # Errors
/// When the inflated bytes cannot be read back.
pub fn runs(layers: &[Layer], pieces: &[Piece]) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Copy { layer, span } => push_copy(&mut runs, layers, *layer, span.clone()),
            Piece::Whiteout(hidden) => push_made(&mut runs, &whiteout(hidden)),
            Piece::Directory(path) => push_made(&mut runs, &directory(path)),
            Piece::Remade(remade) => push_remade(&mut runs, layers, remade)?,
            Piece::Parent { from, path } => push_parent(&mut runs, layers, *from, path)?,
        }
    }
    push_made(&mut runs, &[0; 2 * BLOCK]);
    Ok(runs)
}

fn push_parent(runs: &mut Vec<Run>, layers: &[Layer], from: EntryRef, path: &[u8]) -> Result<()> {
    let layer = &layers[usize::from(from.layer)];
    let entry = &layer.entries.list()[from.entry as usize];
    let made = parent(path, entry, layer.entries.xattrs(entry));
    push_made(runs, &made.map_err(|fault| faulty(layer, path, fault))?);
    Ok(())
}

fn faulty(layer: &Layer, path: &[u8], fault: &str) -> Error {
    Error::Entry {
        blob: layer.claim.digest.clone(),
        entry: crate::path::display(path),
        fault: fault.into(),
    }
}

fn push_remade(runs: &mut Vec<Run>, layers: &[Layer], remade: &Remade) -> Result<()> {
    let layer = &layers[usize::from(remade.from.layer)];
    let entry = &layer.entries.list()[remade.from.entry as usize];
    let mut headers = vec![0; usize::try_from(entry.data - entry.start).unwrap_or(0)];
    layer.inflated.read_exact_at(&mut headers, entry.start)?;
    let new_size = match &remade.content {
        Content::Stored => None,
        Content::New(bytes) => Some(bytes.len() as u64),
    };
    let change = Change {
        path: remade.path.as_deref(),
        target: remade.target.as_deref(),
        size: new_size,
        mtime: remade.mtime,
    };
    let made = remake(&headers, change);
    let made = made.map_err(|fault| faulty(layer, layer.entries.path(entry), fault))?;
    push_made(runs, &made);
    match &remade.content {
        Content::Stored => push_copy(runs, layers, remade.from.layer, entry.data_span()),
        Content::New(bytes) => {
            push_made(runs, bytes);
            let padding = bytes.len().next_multiple_of(BLOCK) - bytes.len();
            push_made(runs, &[0; BLOCK][..padding]);
        }
    }
    Ok(())
}

/// Adds bytes of a source layer; the padding of its last entry is made where the layer ends before it.
fn push_copy(runs: &mut Vec<Run>, layers: &[Layer], layer: u16, span: Range<u64>) {
    let layer = usize::from(layer);
    let range = span.start..span.end.min(layers[layer].inflated.len());
    let missing = usize::try_from(span.end - range.end).expect("a layer holds all but padding");
    match runs.last_mut() {
        _ if range.is_empty() => {}
        Some(Run::Copy {
            layer: last,
            range: before,
        }) if *last == layer && before.end == range.start => before.end = range.end,
        _ => runs.push(Run::Copy { layer, range }),
    }
    push_made(runs, &[0; BLOCK][..missing]);
}

fn push_made(runs: &mut Vec<Run>, bytes: &[u8]) {
    match runs.last_mut() {
        _ if bytes.is_empty() => {}
        Some(Run::Made(before)) => before.extend_from_slice(bytes),
        _ => runs.push(Run::Made(bytes.to_vec())),
    }
}
