//! Splits the final tree into layers by what changes together, so that an update changes few of them.
//!
//! How layers are compressed, and which of an earlier release's blobs are taken again, is decided elsewhere.
//!
//! Which layer a file lands in follows from the name and the size of its group alone ([`group`], [`share`]), so that the
//! same content makes the same layer whatever else is in the image. What a layer holds is laid out by path ([`lay`]).

mod follow;
mod group;
mod lay;
mod places;
mod share;

use crate::rules::Decisions;
use crate::tree::Tree;

use super::{Plan, PlannedLayer, Subject};
pub use follow::{Follower, Taken};
pub(super) use group::Class;
pub use group::Owners;

impl Plan {
    /// Plans the result as at most `max` layers from what changes least to what changes most; `owners` are those of `tree`.
    /// What was `taken` lies as it is below all else.
    pub fn regrouped(
        tree: &Tree,
        decisions: &Decisions,
        owners: &Owners,
        taken: &[Taken],
        max: usize,
    ) -> Self {
        let subject = Subject::new(tree, decisions, Some(0));
        let shared = share::share(&subject, owners, taken, max);
        let laid = lay::lay(&subject, &shared, taken, max);
        let from: Vec<usize> = (0..tree.layers().len()).collect();
        let layers = laid
            .into_iter()
            .map(|(title, pieces)| PlannedLayer::Rewritten {
                from: from.clone(),
                pieces,
                title: Some(title),
            });
        Self {
            layers: layers.collect(),
            emptied: Vec::new(),
        }
    }
}
