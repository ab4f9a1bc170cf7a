//! Takes back decisions that a layer which must stay as it is cannot carry out.

use std::collections::BTreeMap;

use crate::rules::Decisions;
use crate::tree::{NodeId, Tree};

/// What was taken back, by the place of its reason: number of paths and bytes of regular files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Withdrawn {
    /// Reason's place → paths and bytes.
    pub by_reason: BTreeMap<usize, (u64, u64)>,
}

/// Takes back removals and edits of paths that a staying layer holds, and removals of directories in which something stays.
pub fn settle(tree: &Tree, decisions: &mut Decisions, stays: impl Fn(usize) -> bool) -> Withdrawn {
    let mut withdrawn = Withdrawn::default();
    // A directory that no entry describes is there because the layer that first implied it is.
    let held = |node: NodeId| {
        let by = tree.made_by(node).map(|at| at.layer);
        stays(usize::from(by.unwrap_or_else(|| tree.since(node))))
    };
    let said: Vec<(NodeId, usize)> = decisions
        .removals()
        .chain(decisions.edits().map(|(node, reason, _)| (node, reason)))
        .collect();
    for (node, reason) in said {
        if held(node) {
            decisions.retain(node);
            let row = withdrawn.by_reason.entry(reason).or_default();
            row.0 += 1;
            row.1 += tree.size(node);
        }
    }
    retain_parents(tree, decisions);
    withdrawn
}

/// A directory stays while anything in it does.
fn retain_parents(tree: &Tree, decisions: &mut Decisions) {
    let removed: Vec<NodeId> = decisions.removals().map(|(node, _)| node).collect();
    for dir in removed {
        let holds_one_that_stays = tree
            .children(dir)
            .any(|(_, child)| decisions.removed(child).is_none());
        let mut at = dir;
        while holds_one_that_stays && decisions.removed(at).is_some() {
            decisions.retain(at);
            at = tree.parent(at);
        }
    }
}
