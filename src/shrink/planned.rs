//! From decisions to the layers that carry them out; none of them is written here.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::image::{Image, LayerSource};
use crate::layer::Layer;
use crate::plan::{
    Follower, Marks, Mode, Owners, Plan, PlannedLayer, TABLE_ANNOTATION, Withdrawn,
    remove_stale_tables, settle,
};
use crate::rules::Decisions;
use crate::tree::Tree;
use crate::write::{Run, runs};

use super::decide::{Decided, Deciding};
use super::layers::Layout;
use super::marks::marks;

/// What is decided, and the layers that carry it out.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) decided: Decided,
    pub(super) withdrawn: Withdrawn,
    pub(super) plan: Plan,
}

pub(super) fn base(mode: Mode) -> usize {
    match mode {
        Mode::SquashAbove(base) => base,
        _ => 0,
    }
}

/// Plans the result around the layers that must stay.
pub(super) fn plan(
    layers: &[Layer],
    deciding: &Deciding<'_>,
    mode: Mode,
    pinned: &BTreeSet<usize>,
    layout: Layout<'_>,
    owners: &Owners,
) -> Result<Planned> {
    let tree = deciding.tree;
    let stays = |layer| layer < base(mode) || pinned.contains(&layer);
    let mut decided = deciding.around(&stays)?;
    if matches!(mode, Mode::Regroup(_)) {
        decided.decisions.latest = layout.latest;
    }
    let withdrawn = settle(tree, &mut decided.decisions, stays);
    decided.packages.partial = deciding.partial(&decided);
    let marks = match mode {
        Mode::Regroup(_) if layout.wants_marks(layers) => marks(layers, tree, &decided.decisions)?,
        _ => Marks::new(),
    };
    let laid_out = |decisions: &Decisions| match mode {
        Mode::Regroup(max) => {
            let taken = if layout.previous.known.is_empty() {
                Vec::new()
            } else {
                let follower = Follower::new(tree, decisions, owners, max);
                layout.previous.follow(layers, follower)?
            };
            Ok(Plan::regrouped(
                tree, decisions, owners, &taken, &marks, max,
            ))
        }
        _ => Ok(Plan::new(tree, decisions, mode, pinned)),
    };
    let plan = without_stale_tables(tree, &mut decided.decisions, layout.tables, laid_out)?;
    Ok(Planned {
        decided,
        withdrawn,
        plan,
    })
}

/// Plans the layers, and once more where tables of their own contents go that no longer hold.
fn without_stale_tables(
    tree: &Tree,
    decisions: &mut Decisions,
    tables: &BTreeSet<usize>,
    plan: impl Fn(&Decisions) -> Result<Plan>,
) -> Result<Plan> {
    let first = plan(decisions)?;
    let has_table = |layer| tables.contains(&layer);
    match remove_stale_tables(tree, &first, decisions, has_table) {
        true => plan(decisions),
        false => Ok(first),
    }
}

/// Plans what is `decided` and writes none of it: what it would be if no layer grew. Returns the decisions as they are carried
/// out and the size of the layers, inflated.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn foresee(
    layers: &[Layer],
    tree: &Tree,
    decided: &Decided,
    mode: Mode,
    tables: &BTreeSet<usize>,
) -> Result<(Decisions, u64)> {
    let mut decisions = decided.decisions.clone();
    settle(tree, &mut decisions, |_| false);
    let none = BTreeSet::new();
    let plan = without_stale_tables(tree, &mut decisions, tables, |decisions| {
        Ok(Plan::new(tree, decisions, mode, &none))
    })?;
    let size = |one: &PlannedLayer| match one {
        PlannedLayer::Unchanged { layer } => Ok(layers[*layer].inflated.len()),
        PlannedLayer::Rewritten { pieces, .. } => Ok(Run::total(&runs(layers, pieces)?)),
    };
    let sizes: Vec<u64> = plan.layers.iter().map(size).collect::<Result<_>>()?;
    Ok((decisions, sizes.iter().sum()))
}

/// The layers that hold a table of their own contents.
pub(crate) fn tables(image: &Image) -> BTreeSet<usize> {
    let layers = image.layers.iter().enumerate();
    let has_table = |(at, layer): (usize, &LayerSource)| {
        let table = &layer.descriptor["annotations"][TABLE_ANNOTATION];
        table.is_string().then_some(at)
    };
    layers.filter_map(has_table).collect()
}
