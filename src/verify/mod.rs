//! The independent look at the result: what was promised is shown again from what was written.
//!
//! Nothing here plans or writes. What a container sees is said by a second flattener, [`flatten()`]; the merged tree is
//! asked for nothing but the names of what was decided.

mod compare;
mod expected;
mod field;
mod flatten;
mod follow;
mod links;
mod origin;
mod paths;
mod proof;
mod readback;
mod segments;
mod sight;
#[cfg(test)]
mod tests;
mod typed;

pub use compare::{Changed, Comparison, Row, Totals, compare};
pub use field::Field;
pub use flatten::{Fault, Flat, Inode, flatten};
pub use proof::{Equated, ResultLayer, equate, equate_until};
pub use readback::{Promise, ReadBack};
pub use sight::{Checked, Depth, Sight, look};

use crate::error::Result;
use crate::layer::Entries;
use crate::rules::{Decisions, Edit};
use crate::tree::Tree;
use crate::write::Output;

/// What proof (a) showed, and what proof (b) is to find.
#[derive(Clone, Debug)]
pub struct Proven {
    /// How the result compares with the source.
    pub equated: Equated,
    /// The layers of the result, base layer first.
    pub layers: Vec<Promise>,
}

/// Proof (a): shows from entry lists alone that `outputs`, base layer first, are the image less what was decided.
///
/// # Errors
/// [`Error::Proof`](crate::error::Error::Proof) with the first path that is not as it must be.
pub fn prove(tree: &Tree, decisions: &Decisions, outputs: &[Output]) -> Result<Proven> {
    let source: Vec<&Entries> = tree.layers().iter().map(|entries| &**entries).collect();
    let result: Vec<ResultLayer<'_>> = outputs.iter().map(ResultLayer::of).collect();
    let removed = decisions.removals().map(|(node, _)| tree.path(node));
    let edited: Vec<(Vec<u8>, &Edit)> = decisions
        .edits()
        .map(|(node, _, edit)| (tree.path(node), edit))
        .collect();
    Ok(Proven {
        equated: equate_until(&source, &result, removed, &edited, decisions.latest)?,
        layers: outputs.iter().map(Promise::of).collect(),
    })
}
