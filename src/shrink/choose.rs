//! Which mode serves an aim best, foreseen from the plans of each; nothing is written for it.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::image::Image;
use crate::layer::Layer;
use crate::plan::{Aim, Forecast, LAYERS, Marks, Mode, Owners, Plan, predict, settle};

use super::decide::Deciding;

/// What was foreseen of each mode, the chosen one first.
pub(super) fn choose(
    layers: &[Layer],
    deciding: &Deciding<'_>,
    owners: &Owners,
    base: usize,
    aim: Aim,
) -> Result<Vec<Forecast>> {
    let tree = deciding.tree;
    let decided = deciding.decide()?;
    let mut decisions = decided.decisions;
    settle(tree, &mut decisions, |_| false);
    let sizes: Vec<(u64, u64)> = layers
        .iter()
        .map(|layer| (layer.claim.size, layer.inflated.len()))
        .collect();
    let none = BTreeSet::new();
    let forecast = |mode: Mode| {
        let plan = match mode {
            Mode::Regroup(max) => {
                Plan::regrouped(tree, &decisions, owners, &[], &Marks::new(), max)
            }
            _ => Plan::new(tree, &decisions, mode, &none),
        };
        predict(tree, &plan, mode, owners, &sizes)
    };
    let squash = match base {
        0 => Mode::Squash,
        base => Mode::SquashAbove(base),
    };
    let modes = [Mode::Keep, squash, Mode::Regroup(aim.layers(LAYERS))];
    let mut foreseen: Vec<Forecast> = modes.into_iter().map(forecast).collect();
    // Of equals the first, which changes least.
    foreseen.sort_by_key(|one| one.cost(aim));
    Ok(foreseen)
}

/// How many layers are the base image's: those before the last command that a later layer follows, since base images end
/// with one; none where history does not tell.
pub(super) fn base(image: &Image) -> usize {
    let rows = image.config.value["history"].as_array();
    let rows = rows.map_or(&[][..], Vec::as_slice);
    let is_command = |row: &serde_json::Value| {
        let text = row["created_by"].as_str().unwrap_or_default();
        row["empty_layer"] == true && text.contains("CMD [")
    };
    let above = |row: usize| {
        let mut layers = image.layers.iter();
        layers.any(|layer| layer.history.is_some_and(|own| own > row))
    };
    let mut commands = rows.iter().enumerate().rev();
    let Some((last, _)) = commands.find(|&(row, text)| is_command(text) && above(row)) else {
        return 0;
    };
    let below = |layer: &&crate::image::LayerSource| layer.history.is_some_and(|own| own < last);
    image.layers.iter().filter(below).count()
}
