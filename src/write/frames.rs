//! Finds the zstd frames of the sources that stay whole in a new layer.
//!
//! It copies nothing.

use std::ops::Range;

use crate::layer::Layer;

use super::content::Run;

/// A stretch of the new layer: so many bytes, and the frames that hold them if those are copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// In bytes, inflated.
    pub(super) len: u64,
    /// The source layer, and where its blob has them.
    pub(super) frames: Option<(usize, Range<u64>)>,
}

/// Finds the frames that stay whole.
pub(super) fn plan(layers: &[Layer], runs: &[Run]) -> Vec<Step> {
    let mut steps = Vec::new();
    for run in runs {
        let mut left = run.len();
        if let Run::Copy { layer, range } = run {
            let mut at = range.start;
            for frame in layers[*layer].frames.within(range) {
                push_anew(&mut steps, frame.inflated.start - at);
                let len = frame.inflated.end - frame.inflated.start;
                push_copy(&mut steps, len, *layer, frame.stored.clone());
                at = frame.inflated.end;
            }
            left = range.end - at;
        }
        push_anew(&mut steps, left);
    }
    steps
}

fn push_anew(steps: &mut Vec<Step>, len: u64) {
    match steps.last_mut() {
        _ if len == 0 => {}
        Some(Step {
            len: before,
            frames: None,
        }) => *before += len,
        _ => steps.push(Step { len, frames: None }),
    }
}

fn push_copy(steps: &mut Vec<Step>, len: u64, layer: usize, stored: Range<u64>) {
    match steps.last_mut() {
        Some(Step {
            len: before,
            frames: Some((last, frames)),
        }) if *last == layer && frames.end == stored.start => {
            *before += len;
            frames.end = stored.end;
        }
        _ => steps.push(Step {
            len,
            frames: Some((layer, stored)),
        }),
    }
}
