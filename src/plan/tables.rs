//! What eStargz keeps inside a layer to find its files: it goes from a layer that is rewritten, because it no longer holds.

use crate::rules::{Decisions, Origin, Reason};
use crate::tree::Tree;

use super::{Plan, PlannedLayer};

/// The annotation of a layer that has such a table (stargz-snapshotter, `docs/estargz.md`).
pub const TABLE_ANNOTATION: &str = "containerd.io/snapshot/stargz/toc.digest";
/// The table of contents and the marks of what to fetch first, all in the root.
const FILES: [&[u8]; 3] = [
    b"stargz.index.json",
    b".prefetch.landmark",
    b".no.prefetch.landmark",
];

/// Says that the tables of layers that `plan` rewrites go, where `has_table`; returns whether there are any.
pub fn remove_stale_tables(
    tree: &Tree,
    plan: &Plan,
    decisions: &mut Decisions,
    has_table: impl Fn(usize) -> bool,
) -> bool {
    let is_rewritten = |layer: usize| {
        let mut rewritten = plan.layers.iter().filter_map(|planned| match planned {
            PlannedLayer::Rewritten { from, .. } => Some(from),
            PlannedLayer::Unchanged { .. } => None,
        });
        rewritten.any(|from| from.contains(&layer))
    };
    let mut any = false;
    for node in FILES.iter().filter_map(|file| tree.find(file)) {
        let made_by = tree.made_by(node).map(|at| usize::from(at.layer));
        let is_stale = made_by.is_some_and(|layer| has_table(layer) && is_rewritten(layer));
        if is_stale && decisions.removed(node).is_none() {
            let reason = decisions.reason(Reason {
                rule: "stargz-table".into(),
                origin: Origin::BuiltIn,
            });
            decisions.remove(node, reason);
            any = true;
        }
    }
    any
}
