//! Writes the layers of a plan in parallel, each into a file of the temp dir, and reuses what need not be written.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::error::Result;
use crate::largest::largest_first;
use crate::layer::{Codec, Layer};
use crate::plan::{Piece, Plan, PlannedLayer};

use super::area::Area;
use super::content::{Run, runs};
use super::encode::{Compress, Encoding};
use super::grouped::{Known, write_grouped};
use super::layer::{ReadsBack, write_layer};
use super::reach::Reach;
use super::spent::Spent;
use super::zstd::Contexts;
use super::{How, Output};

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
    let run = |task: Task<'_>| {
        let output = match task.earlier {
            Some(earlier) => earlier,
            None => {
                let output = write(layers, task.planned, task.reach, &manner)?;
                if let Some(file) = &output.file {
                    manner.area.sync(file);
                }
                output
            }
        };
        if let Some(spent) = manner.spent
            // Else all may be planned anew.
            && !output.grew(layers)
        {
            spent.is_written(task.planned);
        }
        Ok((task.place, output))
    };
    let size = |task: &Task<'_>| copied(layers, task.planned);
    let (mut far, others): (Vec<_>, Vec<_>) =
        tasks.into_iter().partition(|task| task.reach == Reach::Far);
    far.sort_by_key(|task| Reverse(size(task)));
    // One after the other where each takes all threads and much memory.
    let (far, others) = rayon::join(
        || far.into_iter().map(run).collect::<Result<Vec<_>>>(),
        || largest_first(others, size, run),
    );
    let mut outputs = far?;
    outputs.extend(others?);
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

fn write(
    layers: &[Layer],
    planned: &PlannedLayer,
    reach: Reach,
    manner: &Manner<'_>,
) -> Result<Output> {
    let from = planned.from();
    let (encoding, anew) = Encoding::choose(manner.compress, layers, from, manner.saved);
    match planned {
        PlannedLayer::Rewritten { pieces, holds, .. } => {
            let runs = runs(layers, pieces)?;
            match holds {
                None => write_in_manner(layers, from, runs, encoding, manner),
                Some(holds) => Ok(Output {
                    title: Some(holds.title.clone()),
                    ..write_grouped(layers, from, runs, (encoding, anew), reach, manner)?
                }),
            }
        }
        PlannedLayer::Unchanged { layer } if anew => encode_anew(layers, *layer, encoding, manner),
        PlannedLayer::Unchanged { layer } => Ok(reuse(&layers[*layer], *layer)),
    }
}

/// Encodes a layer whose content stays; where that gains nothing the blob stays too.
fn encode_anew(
    layers: &[Layer],
    layer: usize,
    encoding: Encoding,
    manner: &Manner<'_>,
) -> Result<Output> {
    let source = &layers[layer];
    let all = Run::Copy {
        layer,
        range: 0..source.inflated.len(),
    };
    let output = write_in_manner(layers, &[layer], vec![all], encoding, manner)?;
    let smaller = output.size < source.claim.size;
    let wanted = encoding.codec == Codec::Plain || smaller;
    Ok(if wanted {
        Output {
            written: None,
            ..output
        }
    } else {
        reuse(source, layer)
    })
}

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

/// Writes a layer that is none of the result, in gzip, into a file of `area`; nobody reads it back meanwhile.
///
/// # Errors
/// When a source layer cannot be read back or the file not be written.
pub fn write_pack(layers: &[Layer], pieces: &[Piece], area: Area<'_>) -> Result<Output> {
    let all: Vec<usize> = (0..layers.len()).collect();
    write_file(
        layers,
        &all,
        runs(layers, pieces)?,
        Encoding::GZIP,
        area,
        &Contexts::default(),
        None,
    )
}

pub(super) fn write_in_manner(
    layers: &[Layer],
    from: &[usize],
    runs: Vec<Run>,
    encoding: Encoding,
    manner: &Manner<'_>,
) -> Result<Output> {
    let Manner { area, contexts, .. } = manner;
    write_file(
        layers,
        from,
        runs,
        encoding,
        *area,
        contexts,
        manner.reads_back,
    )
}

fn write_file(
    layers: &[Layer],
    from: &[usize],
    runs: Vec<Run>,
    encoding: Encoding,
    area: Area<'_>,
    contexts: &Contexts,
    reads_back: Option<&dyn ReadsBack>,
) -> Result<Output> {
    let blob = area.begin()?;
    let mut output = write_layer(layers, from, runs, encoding, &blob, contexts, reads_back)?;
    output.file = Some(blob.path);
    Ok(output)
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
