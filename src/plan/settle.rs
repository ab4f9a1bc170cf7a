//! Takes back decisions that a layer which must stay as it is cannot carry out.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::rules::Decisions;
use crate::tree::{EntryRef, Event, NodeId, Tree};

/// What was taken back, by the place of its reason: number of paths and bytes of regular files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Withdrawn {
    /// Reason's place → paths and bytes.
    pub by_reason: BTreeMap<usize, (u64, u64)>,
}

/// Returns `staying` with all layers that must stay as they are because these do.
pub fn with_what_it_leans_on(tree: &Tree, staying: &BTreeSet<usize>) -> BTreeSet<usize> {
    let groups = groups_of_hidden_files(tree);
    let mut all = BTreeSet::new();
    let mut left: Vec<usize> = staying.iter().copied().collect();
    while let Some(layer) = left.pop() {
        if all.insert(layer) {
            left.extend(tree.leans_on(layer));
            let linked = groups.iter().filter(|group| group.contains(&layer));
            left.extend(linked.flat_map(|group| group.range(..layer)));
        }
    }
    all
}

/// The layers of the names of each file whose first name is hidden. Were one of them made anew below one that stays,
/// it would get the bytes, and the one that stays would still name the old file.
fn groups_of_hidden_files(tree: &Tree) -> Vec<BTreeSet<usize>> {
    let mut groups: BTreeMap<EntryRef, BTreeSet<usize>> = BTreeMap::new();
    for node in tree.walk() {
        let (Some(made), Some(data)) = (tree.made_by(node), tree.data(node)) else {
            continue;
        };
        let is_hidden =
            |names: Vec<NodeId>| names.iter().all(|&name| tree.made_by(name) != Some(data));
        if made != data && is_hidden(tree.names(node)) {
            groups
                .entry(data)
                .or_default()
                .insert(usize::from(made.layer));
        }
    }
    groups.into_values().collect()
}

/// Takes back removals and edits of paths that a staying layer holds, and removals of directories in which something stays.
pub fn settle(tree: &Tree, decisions: &mut Decisions, stays: impl Fn(usize) -> bool) -> Withdrawn {
    let mut withdrawn = Withdrawn::default();
    // A directory that no entry describes is there because the layer that first implied it is.
    let held = |node: NodeId| {
        let by = tree.made_by(node).map(|at| at.layer);
        stays(usize::from(by.unwrap_or_else(|| tree.since(node))))
    };
    // A new content goes where the bytes are, which for a hard link may be a lower layer.
    let held_bytes = |node: NodeId| {
        let at = tree.data(node);
        at.is_some_and(|at| stays(usize::from(at.layer)))
    };
    let implied = implied_at_the_top(tree, &stays);
    let said: Vec<(NodeId, usize)> = decisions
        .removals()
        .chain(decisions.edits().map(|(node, reason, _)| (node, reason)))
        .collect();
    for (node, reason) in said {
        let is_edited = decisions.edited(node).is_some();
        if held(node) || implied.contains(&node) || (is_edited && held_bytes(node)) {
            decisions.retain(node);
            let row = withdrawn.by_reason.entry(reason).or_default();
            row.0 += 1;
            row.1 += tree.size(node);
        }
    }
    retain_parents(tree, decisions);
    withdrawn
}

/// The directories in which staying layers above all changing ones have entries, hidden ones too: each such entry
/// implies its parents, and nothing above can hide them.
fn implied_at_the_top(tree: &Tree, stays: impl Fn(usize) -> bool) -> HashSet<NodeId> {
    let mut implied = HashSet::new();
    let count = tree.layers().len();
    let top = (0..count)
        .rposition(|layer| !stays(layer))
        .map_or(0, |last| last + 1);
    if top == count {
        return implied;
    }
    for (node, event) in tree.events() {
        let Event::Wrote(at) = event else { continue };
        let mut dir = tree.parent(*node);
        while usize::from(at.layer) >= top && implied.insert(dir) {
            dir = tree.parent(dir);
        }
    }
    implied
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
