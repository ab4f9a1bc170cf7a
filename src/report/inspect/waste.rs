//! Which paths waste bytes, and what each layer did to the paths below it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::layer::Kind;
use crate::path;
use crate::tree::{Event, NodeId, Tree};

use super::super::count::{Hidden, Hiding};

/// A path of which lower layers hold copies that no container sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WastedPath {
    /// The path.
    pub path: String,
    /// The bytes of the hidden copies: of N copies N - 1 where the last is seen, all where it was deleted.
    pub bytes: u64,
    /// Hidden copies.
    pub copies: u64,
    /// Whether a container sees a copy.
    pub visible: bool,
    /// The layers that hold the hidden copies.
    pub layers: Vec<usize>,
    /// The layer that hid the last of them.
    pub by: usize,
    /// `overwritten` or `deleted`: how it did.
    pub how: &'static str,
    /// The instruction that made that layer.
    pub instruction: Option<String>,
}

/// What a layer did to the paths of the layers below it; directories are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    /// Paths that were not there.
    pub(super) added: u64,
    /// Paths that were.
    pub(super) changed: u64,
    /// Paths that it deleted.
    pub(super) removed: u64,
}

/// Gathers the hidden copies by path, the most bytes first.
pub(super) fn wasted(
    tree: &Tree,
    hidden: &[Hidden],
    instructions: &[Option<String>],
) -> Vec<WastedPath> {
    let mut by_node: BTreeMap<NodeId, Vec<&Hidden>> = BTreeMap::new();
    for one in hidden {
        by_node.entry(one.node).or_default().push(one);
    }
    let mut rows: Vec<WastedPath> = by_node
        .into_iter()
        .map(|(node, copies)| {
            let last = copies.iter().max_by_key(|copy| copy.at);
            let (by, how) = last.map_or((0, Hiding::Deleted), |last| (last.by.into(), last.how));
            WastedPath {
                path: path::display(&tree.path(node)),
                bytes: copies.iter().map(|copy| copy.bytes).sum(),
                copies: copies.len() as u64,
                visible: tree.is_visible(node),
                layers: copies.iter().map(|copy| copy.at.layer.into()).collect(),
                by,
                how: how.name(),
                instruction: instructions.get(by).cloned().flatten(),
            }
        })
        .collect();
    rows.sort_by(|a, b| (Reverse(a.bytes), &a.path).cmp(&(Reverse(b.bytes), &b.path)));
    rows
}

/// Counts for each layer, base layer first.
pub(super) fn touched(tree: &Tree) -> Vec<Touched> {
    let mut rows = vec![Touched::default(); tree.layers().len()];
    let mut before: Option<(NodeId, State)> = None;
    for &(node, event) in tree.events() {
        let was = before.filter(|(known, _)| *known == node);
        let was = was.map_or(State::Absent, |(_, state)| state);
        let (layer, is) = match event {
            Event::Wrote(at) if tree.entry(at).kind == Kind::Dir => (at.layer, State::Dir),
            Event::Wrote(at) => (at.layer, State::Leaf(at.layer)),
            Event::Implied { layer } => (layer, State::Dir),
            Event::Deleted { by } => (by.layer, State::Absent),
        };
        let row = &mut rows[usize::from(layer)];
        match (was, is) {
            // Written twice by one layer: counted once.
            (State::Leaf(known), State::Leaf(_)) if known == layer => {}
            (State::Leaf(_), State::Leaf(_)) => row.changed += 1,
            (_, State::Leaf(_)) => row.added += 1,
            (State::Leaf(known), _) if known != layer => row.removed += 1,
            _ => {}
        }
        before = Some((node, is));
    }
    rows
}

/// What is at a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Absent,
    Dir,
    /// Anything else, with the layer that wrote it.
    Leaf(u16),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::count;
    use crate::report::example::{layer, merge};

    #[test]
    fn copies_but_one_are_wasted_and_the_instruction_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let layers = [
            layer(dir.path(), &[("kubectl", "40"), ("a", "5"), ("b", "1")]),
            layer(
                dir.path(),
                &[(".wh.kubectl", "0"), ("bin/kubectl", "40"), ("a", "6")],
            ),
            layer(dir.path(), &[("a", "7"), ("c/d", "1"), ("c/d", "2")]),
        ];
        let tree = merge(&layers);
        let instructions = [None, Some("RUN mv".into()), Some("RUN b".into())];
        let rows = wasted(&tree, &count::hidden(&tree), &instructions);
        let told: Vec<_> = rows
            .iter()
            .map(|row| (&row.path[..], row.bytes, row.copies, row.visible, row.by))
            .collect();
        assert_eq!(
            told,
            [
                ("kubectl", 40, 1, false, 1),
                ("a", 11, 2, true, 2),
                // Twice in one layer.
                ("c/d", 1, 1, true, 2)
            ]
        );
        assert_eq!(rows[0].instruction.as_deref(), Some("RUN mv"));
        assert_eq!((rows[0].how, rows[1].how), ("deleted", "overwritten"));
        assert_eq!(rows[1].layers, [0, 1]);
        let touched: Vec<_> = touched(&tree)
            .iter()
            .map(|row| (row.added, row.changed, row.removed))
            .collect();
        assert_eq!(touched, [(3, 0, 0), (1, 1, 1), (1, 1, 0)]);
    }
}
