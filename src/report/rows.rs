//! The rows of an image's report that speak of paths.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use crate::layer::Kind;
use crate::path;
use crate::rules::{Decisions, Edit, Reason};
use crate::tree::{NodeId, Tree};

use super::count::{self, Hidden, freed, kind_name};
use super::value::{EditedRow, HiddenBytes, HiddenRow, KeptRow, PathBytes, RemovedRow, RuleRow};

/// How many paths a rule's row names.
const LARGEST: usize = 10;

/// One row a rule, the one that freed most first; equal ones in the order in which they came to act.
pub(super) fn rules(tree: &Tree, decisions: &Decisions, hidden: &[Hidden]) -> Vec<RuleRow> {
    let mut by_node: HashMap<NodeId, (u64, u64)> = HashMap::new();
    for hidden in hidden {
        let counted = by_node.entry(hidden.node).or_default();
        counted.0 += 1;
        counted.1 += hidden.bytes;
    }
    let mut rows: BTreeMap<usize, RuleRow> = BTreeMap::new();
    let mut tops: BTreeMap<(usize, NodeId), u64> = BTreeMap::new();
    let edits = decisions.edits().map(|(node, reason, _)| (node, reason));
    for (node, reason) in decisions.removals().chain(edits) {
        let row = rows
            .entry(reason)
            .or_insert_with(|| empty_row(&decisions.reasons()[reason]));
        let bytes = freed(tree, decisions, node);
        let (files, hidden_bytes) = by_node.get(&node).copied().unwrap_or_default();
        row.paths += 1;
        row.files += u64::from(tree.kind(node) == Kind::File);
        row.bytes += bytes;
        row.hidden_files += files;
        row.hidden_bytes += hidden_bytes;
        *tops
            .entry((reason, top(tree, decisions, node, reason)))
            .or_default() += bytes;
    }
    for (reason, row) in &mut rows {
        let own = tops.range((*reason, NodeId::ROOT)..);
        let own = own.take_while(|((of, _), _)| of == reason);
        let mut largest: Vec<PathBytes> = own
            .filter(|(_, bytes)| **bytes > 0)
            .map(|((_, node), &bytes)| PathBytes {
                path: path::display(&tree.path(*node)),
                bytes,
            })
            .collect();
        largest.sort_by(|a, b| (b.bytes, &a.path).cmp(&(a.bytes, &b.path)));
        largest.truncate(LARGEST);
        row.largest = largest;
    }
    let mut rows: Vec<RuleRow> = rows.into_values().collect();
    rows.sort_by_key(|row| Reverse(row.bytes));
    rows
}

fn empty_row(reason: &Reason) -> RuleRow {
    RuleRow {
        name: path::display(reason.rule.as_bytes()),
        origin: reason.origin.to_string(),
        paths: 0,
        files: 0,
        bytes: 0,
        hidden_files: 0,
        hidden_bytes: 0,
        largest: Vec::new(),
    }
}

/// The highest directory around `node` that went for the same reason, or `node`.
fn top(tree: &Tree, decisions: &Decisions, node: NodeId, reason: usize) -> NodeId {
    let mut at = node;
    while at != NodeId::ROOT && decisions.removed(tree.parent(at)) == Some(reason) {
        at = tree.parent(at);
    }
    at
}

/// The hidden files, the largest first; `whole` tells which layers the result has as they were.
pub(super) fn hidden(tree: &Tree, hidden: &[Hidden], whole: impl Fn(u16) -> bool) -> HiddenBytes {
    let mut paths: Vec<HiddenRow> = hidden
        .iter()
        .map(|hidden| HiddenRow {
            path: path::display(&tree.path(hidden.node)),
            bytes: hidden.bytes,
            layer: hidden.at.layer.into(),
            by: hidden.by.into(),
            how: hidden.how.name(),
            freed: !whole(hidden.at.layer),
        })
        .collect();
    paths.sort_by(|a, b| (b.bytes, &a.path, a.layer).cmp(&(a.bytes, &b.path, b.layer)));
    let freed = paths.iter().filter(|row| row.freed);
    HiddenBytes {
        files: paths.len() as u64,
        bytes: paths.iter().map(|row| row.bytes).sum(),
        freed: freed.map(|row| row.bytes).sum(),
        paths,
    }
}

/// Each path that went, by path.
pub(super) fn removed(tree: &Tree, decisions: &Decisions) -> Vec<RemovedRow> {
    by_path(tree, decisions.removals(), |(node, _)| *node)
        .map(|(path, (node, reason))| {
            let reason = &decisions.reasons()[reason];
            RemovedRow {
                path,
                kind: kind_name(tree.kind(node)),
                bytes: freed(tree, decisions, node),
                rule: path::display(reason.rule.as_bytes()),
                origin: reason.origin.to_string(),
            }
        })
        .collect()
}

/// Each path with other content, by path.
pub(super) fn edited(tree: &Tree, decisions: &Decisions) -> Vec<EditedRow> {
    by_path(tree, decisions.edits(), |(node, ..)| *node)
        .map(|(path, (node, reason, edit))| {
            let reason = &decisions.reasons()[reason];
            let (before, after) = match edit {
                Edit::Content(bytes) => (count::stored(tree, node), bytes.len() as u64),
                Edit::Target(target) => {
                    let before = tree.symlink_target(node).unwrap_or_default();
                    (before.len() as u64, target.len() as u64)
                }
            };
            EditedRow {
                path,
                rule: path::display(reason.rule.as_bytes()),
                origin: reason.origin.to_string(),
                before,
                after,
            }
        })
        .collect()
}

/// Each path that a rule asked for and did not get, by path.
pub(super) fn kept(tree: &Tree, decisions: &Decisions) -> Vec<KeptRow> {
    by_path(tree, decisions.kept.iter(), |kept| kept.node)
        .map(|(path, kept)| {
            let reason = &decisions.reasons()[kept.asked];
            KeptRow {
                path,
                rule: path::display(reason.rule.as_bytes()),
                origin: reason.origin.to_string(),
                because: path::display(kept.because.as_bytes()),
            }
        })
        .collect()
}

/// Sorts by the paths' bytes and gives each its text.
fn by_path<T>(
    tree: &Tree,
    rows: impl Iterator<Item = T>,
    node: impl Fn(&T) -> NodeId,
) -> impl Iterator<Item = (String, T)> {
    let mut rows: Vec<(Vec<u8>, T)> = rows.map(|row| (tree.path(node(&row)), row)).collect();
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    rows.into_iter()
        .map(|(path, row)| (path::display(&path), row))
}
