//! The last word on what goes: a link that stays keeps what it leads to in a cache, and what stays keeps its directories.

use crate::layer::Kind;
use crate::path;
use crate::rules::decision::{Decisions, Kept};
use crate::tree::{NodeId, Tree};

/// No reason: the path stays.
const STAYS: u32 = 0;

/// Enters what goes into the decisions. `gone` has each directory before what it holds; `caches` are the reasons of rules
/// that name a cache: package managers can link into theirs (uv's link mode `symlink`, bazel's convenience links).
pub(super) fn settle(
    tree: &Tree,
    gone: &[(NodeId, usize)],
    caches: &[usize],
    decisions: &mut Decisions,
) {
    let mut reasons = vec![STAYS; tree.len()];
    for &(node, reason) in gone {
        reasons[node.index()] = u32::try_from(reason + 1).expect("there are fewer rules than that");
    }
    keep_linked(tree, caches, &mut reasons, decisions);
    for &(node, _) in gone.iter().rev() {
        if tree.kind(node) == Kind::Dir
            && tree
                .children(node)
                .any(|(_, child)| reasons[child.index()] == STAYS)
        {
            reasons[node.index()] = STAYS;
        }
    }
    for &(node, reason) in gone
        .iter()
        .filter(|(node, _)| reasons[node.index()] != STAYS)
    {
        decisions.remove(node, reason);
    }
}

fn keep_linked(tree: &Tree, caches: &[usize], reasons: &mut [u32], decisions: &mut Decisions) {
    let in_cache = |reason: u32| {
        caches
            .iter()
            .any(|&cache| u32::try_from(cache + 1) == Ok(reason))
    };
    if !reasons.iter().any(|&reason| in_cache(reason)) {
        return;
    }
    let stays = |node: &NodeId, reasons: &[u32]| {
        reasons[node.index()] == STAYS && tree.symlink_target(*node).is_some()
    };
    let mut links: Vec<NodeId> = tree.walk().filter(|node| stays(node, reasons)).collect();
    links.reverse();
    while let Some(link) = links.pop() {
        let at = tree.path(link);
        for node in tree.hops(&at).unwrap_or_default() {
            let reason = reasons[node.index()];
            if !in_cache(reason) {
                continue;
            }
            let because = format!("link {}", path::display(&at));
            decisions.kept.push(Kept {
                node,
                asked: reason as usize - 1,
                because,
            });
            let mut kept = vec![node];
            while let Some(node) = kept.pop() {
                reasons[node.index()] = STAYS;
                if tree.symlink_target(node).is_some() {
                    links.push(node);
                }
                kept.extend(tree.children(node).map(|(_, child)| child));
            }
        }
    }
}
