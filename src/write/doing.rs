//! Layers that are being written: the blob of one is whole before all that it holds was read, and the next is begun meanwhile.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::error::Result;
use crate::layer::{Codec, Layer};
use crate::plan::PlannedLayer;

use super::layer::{Begun, Desk};
use super::{How, Output};

/// How far a layer is.
pub(super) enum Step<'scope> {
    /// There is nothing left to do.
    Whole(Output),
    /// It is written.
    Begun(Begun<'scope>),
}

/// A layer in the making, and its place.
pub(super) struct Doing<'scope> {
    pub(super) place: usize,
    pub(super) planned: &'scope PlannedLayer,
    pub(super) step: Step<'scope>,
}

/// What was begun and is not finished, the oldest first.
#[derive(Default)]
pub(super) struct UnderWay<'scope>(Mutex<VecDeque<Doing<'scope>>>);

impl<'scope> UnderWay<'scope> {
    /// Adds one that is not whole, and finishes the oldest where they are more than there are threads: each takes memory.
    pub(super) fn add(&self, desk: Desk<'_, '_>, doing: Doing<'scope>) -> Result<Option<Finished>> {
        if let Step::Whole(_) = doing.step {
            return doing.finish(desk).map(Some);
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_back(doing);
        let oldest = (all.len() > rayon::current_num_threads()).then(|| all.pop_front());
        drop(all);
        oldest.flatten().map(|doing| doing.finish(desk)).transpose()
    }

    /// Finishes all of them.
    pub(super) fn finish(self, desk: Desk<'_, '_>) -> Result<Vec<Finished>> {
        let all = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.into_iter().map(|doing| doing.finish(desk)).collect()
    }
}

/// A layer of the result, and its place.
pub(super) type Finished = (usize, Output);

impl Doing<'_> {
    /// Waits until all of it is read, and tells what source layers are not needed any more.
    pub(super) fn finish(self, desk: Desk<'_, '_>) -> Result<Finished> {
        let Desk { layers, manner, .. } = desk;
        let mut output = match (self.step, self.planned) {
            (Step::Whole(output), _) => output,
            (Step::Begun(begun), PlannedLayer::Unchanged { layer }) => {
                unless_larger(begun.finish()?, &layers[*layer], *layer)
            }
            (Step::Begun(begun), PlannedLayer::Rewritten { .. }) => begun.finish()?,
        };
        if let PlannedLayer::Rewritten {
            holds: Some(holds), ..
        } = self.planned
        {
            output.title = Some(holds.title.clone());
        }
        if let Some(spent) = manner.spent
            // Else all may be planned anew.
            && !output.grew(layers)
        {
            spent.is_written(self.planned);
        }
        Ok((self.place, output))
    }
}

/// The new blob of a layer whose content stays, or where it gains nothing the old one.
fn unless_larger(output: Output, source: &Layer, layer: usize) -> Output {
    if output.codec == Codec::Plain || output.size < source.claim.size {
        Output {
            written: None,
            ..output
        }
    } else {
        reuse(source, layer)
    }
}

/// A source layer as it is.
pub(super) fn reuse(source: &Layer, layer: usize) -> Output {
    Output {
        from: vec![layer],
        codec: source.codec,
        digest: source.claim.digest.clone(),
        size: source.claim.size,
        diff_id: source.claim.diff_id.clone(),
        inflated: source.inflated.len(),
        how: How::Reused,
        title: None,
        written: None,
        file: None,
    }
}
