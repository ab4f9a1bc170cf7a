//! Writes the layers of a plan in parallel, each into a file of the temp dir, and reuses what need not be written.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::thread;

use crate::error::Result;
use crate::largest::largest_first;
use crate::layer::{Codec, Layer};
use crate::plan::{Piece, Plan, PlannedLayer};

use super::Output;
use super::area::Area;
use super::content::{Run, runs};
use super::doing::{Doing, Step, UnderWay, reuse};
use super::encode::{Compress, Encoding};
use super::grouped::{Known, begin_grouped};
use super::layer::{Desk, ReadsBack};
use super::pairing::Pairing;
use super::reach::Reach;
use super::spent::Spent;
use super::zstd::Contexts;

/// What earlier rounds of planning wrote: a layer that a new plan leaves alone is not written twice.
pub type Done = HashMap<Vec<usize>, (PlannedLayer, Output)>;

/// How layers are written.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    /// What the user asked for.
    pub compress: Compress,
    /// Whether the source's plain layers are its format's doing and the destination has another format.
    pub saved: bool,
    /// Whether layers that are made by what they hold may have blocks of the source too.
    pub splices: bool,
    /// Layers of an earlier release, whose blobs are taken where they hold the same.
    pub known: &'a [Known],
    /// Who reads packed layers back while they are written.
    pub reads_back: Option<&'a dyn ReadsBack>,
    /// Where new blobs wait.
    pub area: Area<'a>,
    /// What zstd works with.
    pub contexts: &'a Contexts,
    /// What hashes two layers at a time.
    pub pairing: &'a Pairing,
    /// Who is told which source layers need not be there any more.
    pub spent: Option<&'a Spent<'a>>,
}

/// Writes the layers of `plan` and returns them in its order.
///
/// # Errors
/// When a source layer cannot be read back or the temp dir cannot be written.
pub fn write_layers(
    layers: &[Layer],
    plan: &Plan,
    manner: Manner<'_>,
    mut done: Done,
) -> Result<Vec<Output>> {
    let mut tasks = Vec::new();
    for (place, planned) in plan.layers.iter().enumerate() {
        tasks.push(Task {
            place,
            planned,
            earlier: take(&mut done, planned),
            reach: reach(layers, planned, &manner)?,
        });
    }
    let size = |task: &Task<'_>| copied(layers, task.planned);
    let (mut far, others): (Vec<_>, Vec<_>) =
        tasks.into_iter().partition(|task| task.reach == Reach::Far);
    far.sort_by_key(|task| Reverse(size(task)));
    let mut outputs = thread::scope(|readers| {
        let desk = Desk {
            layers,
            manner,
            readers,
        };
        let under_way = UnderWay::default();
        // One after the other where each takes all threads and much memory.
        let (far, others) = rayon::join(
            || {
                let whole = far.into_iter().map(|task| begin(desk, task)?.finish(desk));
                whole.collect::<Result<Vec<_>>>()
            },
            || largest_first(others, size, |task| under_way.add(desk, begin(desk, task)?)),
        );
        let (far, others) = (far?, others?);
        let rest = under_way.finish(desk)?;
        Ok(far
            .into_iter()
            .chain(others.into_iter().flatten())
            .chain(rest)
            .collect::<Vec<_>>())
    })?;
    outputs.sort_by_key(|(place, _)| *place);
    Ok(outputs.into_iter().map(|(_, output)| output).collect())
}

/// A layer to be written.
struct Task<'a> {
    place: usize,
    planned: &'a PlannedLayer,
    /// What an earlier round made of it.
    earlier: Option<Output>,
    reach: Reach,
}

/// How many bytes of source layers it has, inflated.
fn copied(layers: &[Layer], planned: &PlannedLayer) -> u64 {
    match planned {
        PlannedLayer::Unchanged { layer } => layers[*layer].inflated.len(),
        PlannedLayer::Rewritten { pieces, .. } => pieces.iter().map(Piece::copied).sum(),
    }
}

fn reach(layers: &[Layer], planned: &PlannedLayer, manner: &Manner<'_>) -> Result<Reach> {
    let (encoding, _) = Encoding::choose(manner.compress, layers, planned.from(), manner.saved);
    match planned {
        PlannedLayer::Rewritten {
            pieces,
            holds: Some(holds),
            ..
        } if encoding.codec == Codec::Zstd => match holds.repeats {
            true => Ok(Reach::Far),
            false => Reach::of(layers, pieces),
        },
        _ => Ok(Reach::Usual),
    }
}

fn take(done: &mut Done, planned: &PlannedLayer) -> Option<Output> {
    let same = done
        .get(planned.from())
        .is_some_and(|(before, _)| before == planned);
    if same {
        done.remove(planned.from()).map(|(_, output)| output)
    } else {
        None
    }
}

fn begin<'scope>(desk: Desk<'scope, '_>, task: Task<'scope>) -> Result<Doing<'scope>> {
    let Task { place, planned, .. } = task;
    let step = match task.earlier {
        Some(earlier) => Step::Whole(earlier),
        None => begin_planned(desk, planned, task.reach)?,
    };
    Ok(Doing {
        place,
        planned,
        step,
    })
}

fn begin_planned<'scope>(
    desk: Desk<'scope, '_>,
    planned: &PlannedLayer,
    reach: Reach,
) -> Result<Step<'scope>> {
    let Desk { layers, manner, .. } = desk;
    let from = planned.from();
    let (encoding, anew) = Encoding::choose(manner.compress, layers, from, manner.saved);
    let runs = match planned {
        PlannedLayer::Rewritten { pieces, .. } => runs(layers, pieces)?,
        PlannedLayer::Unchanged { layer } if anew => vec![Run::Copy {
            layer: *layer,
            range: 0..layers[*layer].inflated.len(),
        }],
        PlannedLayer::Unchanged { layer } => {
            return Ok(Step::Whole(reuse(&layers[*layer], *layer)));
        }
    };
    if matches!(planned, PlannedLayer::Rewritten { holds: Some(_), .. }) {
        return begin_grouped(desk, from, runs, (encoding, anew), reach);
    }
    desk.begin(from, runs, encoding).map(Step::Begun)
}

/// Writes a layer that is none of the result, in gzip, into a file of `area`; nobody reads it back meanwhile.
///
/// # Errors
/// When a source layer cannot be read back or the file not be written.
pub fn write_pack(layers: &[Layer], pieces: &[Piece], area: Area<'_>) -> Result<Output> {
    let all: Vec<usize> = (0..layers.len()).collect();
    let manner = Manner {
        compress: Compress::Keep,
        saved: false,
        splices: true,
        known: &[],
        reads_back: None,
        area,
        contexts: &Contexts::default(),
        pairing: &Pairing::default(),
        spent: None,
    };
    let runs = runs(layers, pieces)?;
    thread::scope(|readers| {
        let desk = Desk {
            layers,
            manner,
            readers,
        };
        desk.begin(&all, runs, Encoding::GZIP)?.finish()
    })
}

impl Output {
    /// Whether the blob is larger than those it replaces, like compared with like: plain layers are not held against packed ones.
    pub fn grew(&self, layers: &[Layer]) -> bool {
        let before: u64 = self
            .from
            .iter()
            .map(|&layer| layers[layer].claim.size)
            .sum();
        let packed = self
            .from
            .iter()
            .any(|&layer| layers[layer].codec != Codec::Plain);
        let alike = self.codec != Codec::Plain || !packed;
        self.file.is_some() && self.title.is_none() && alike && self.size > before
    }
}
