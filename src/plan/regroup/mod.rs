//! Splits the final tree into layers by what changes together, so that an update changes few of them.
//!
//! How layers are compressed, and which of an earlier release's blobs are taken again, is decided elsewhere.
//!
//! Which layer a file lands in follows from the name and the size of its group alone ([`group`], [`spread`]), so that the
//! same content makes the same layer whatever else is in the image. What a layer holds is laid out by path ([`lay`]).
//! What a build step dated, and small layers on top, change with their steps and stay together ([`steps`]): so an update
//! seldom pulls more than where layers are kept.

mod alike;
mod class;
mod directories;
mod follow;
mod group;
mod lay;
mod owners;
mod places;
mod share;
mod spread;
mod steps;

use std::collections::BTreeSet;

use crate::rules::Decisions;
use crate::tree::Tree;

use super::links::Links;
use super::{Plan, PlannedLayer, Subject, keep};
pub use alike::Marks;
pub(super) use class::Class;
pub use follow::{Follower, Taken};
pub use owners::Owners;
pub(super) use steps::FOR_SIZE;
pub use steps::{MADE, Steps};

impl Plan {
    /// Plans the result as at most `max` layers from what changes least to what changes most; `owners` are those of `tree`.
    /// What was `taken` lies as it is below all else; of the others those that have `marks` in common lie together.
    pub fn regrouped(
        tree: &Tree,
        decisions: &Decisions,
        owners: &Owners,
        taken: &[Taken],
        marks: &Marks,
        max: usize,
    ) -> Self {
        let subject = Subject::new(tree, decisions, Some(0));
        let tops = owners.steps.tops(&subject, max);
        let mut shared = share::share(&subject, owners, &tops, taken, max);
        if !marks.is_empty() {
            shared.shares = alike::gather(shared.shares, tree, marks);
        }
        let laid = lay::lay(&subject, &shared, &tops, taken, max);
        let from: Vec<usize> = (0..tree.layers().len()).collect();
        let layers = laid
            .into_iter()
            .map(|(holds, pieces)| PlannedLayer::Rewritten {
                from: from.clone(),
                pieces,
                holds: Some(holds),
            });
        let tops = tops.into_iter().map(|layer| top(&subject, layer));
        Self {
            layers: layers.chain(tops).collect(),
            emptied: Vec::new(),
        }
    }
}

/// A layer on top, in which nothing hides what no layer below holds any more.
fn top(subject: &Subject<'_>, layer: usize) -> PlannedLayer {
    // All names of its files are in it.
    match keep::rewrite(subject, layer, BTreeSet::new(), &mut Links::default()) {
        None => PlannedLayer::Unchanged { layer },
        Some(pieces) => PlannedLayer::Rewritten {
            from: vec![layer],
            pieces,
            holds: None,
        },
    }
}
