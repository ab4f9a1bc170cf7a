//! Over random stacks and decisions, what is planned is proved.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;

use super::stack::{self, Line, index};
use crate::digest::Digest;
use crate::layer::{Layer, Spool};
use crate::plan::{Mode, Plan, PlannedLayer, settle, with_what_it_leans_on};
use crate::rules::{Decisions, Edit, Origin, Reason};
use crate::tree::{NodeId, Tree};
use crate::verify::{ResultLayer, equate};
use crate::write::{Run, Written, runs};

/// What is to happen to a random path.
#[derive(Clone, Debug)]
enum Wish {
    Remove,
    Empty,
    Fill,
}

fn wishes() -> impl Strategy<Value = Vec<(Index, Wish)>> {
    let wish = prop_oneof![4 => Just(Wish::Remove), 1 => Just(Wish::Empty), 1 => Just(Wish::Fill)];
    prop::collection::vec((any::<Index>(), wish), 0..5)
}

fn modes() -> impl Strategy<Value = Mode> {
    prop_oneof![
        3 => Just(Mode::Keep),
        2 => Just(Mode::Squash),
        2 => (0..3_usize).prop_map(Mode::SquashAbove),
    ]
}

fn scan(lines: &[Line], spool: &Spool) -> Layer {
    let bytes = stack::tar(lines).bytes();
    let (blob, claim) = stack::layer(&bytes, &bytes);
    Layer::scan(blob, claim, spool).unwrap()
}

fn decide(tree: &Tree, wishes: &[(Index, Wish)]) -> Decisions {
    let mut decisions = Decisions::default();
    let reason = decisions.reason(Reason {
        rule: "wish".into(),
        origin: Origin::BuiltIn,
    });
    let nodes: Vec<NodeId> = tree.walk().collect();
    for (at, wish) in wishes.iter().filter(|_| !nodes.is_empty()) {
        let node = *at.get(&nodes);
        if matches!(wish, Wish::Remove) {
            decisions.remove_subtree(tree, node, reason);
        }
    }
    let kept = |node: NodeId, decisions: &Decisions| decisions.removed(node).is_none();
    for (at, wish) in wishes.iter().filter(|_| !nodes.is_empty()) {
        let node = *at.get(&nodes);
        let content: &[u8] = match wish {
            Wish::Remove => continue,
            Wish::Empty => b"",
            Wish::Fill => b"filled",
        };
        let is_said = tree
            .names(node)
            .into_iter()
            .any(|name| decisions.edited(name).is_some());
        if tree.kind(node) == crate::layer::Kind::File && kept(node, &decisions) && !is_said {
            decisions.edit(node, reason, Edit::Content(Arc::from(content)));
        }
    }
    decisions
}

fn write(layers: &[Layer], planned: &PlannedLayer) -> Option<Written> {
    let PlannedLayer::Rewritten { pieces, .. } = planned else {
        return None;
    };
    let runs = runs(layers, pieces).unwrap();
    let mut bytes = Vec::new();
    for run in &runs {
        match run {
            Run::Made(made) => bytes.extend_from_slice(made),
            Run::Copy { layer, range } => {
                let mut copied = vec![0; usize::try_from(run.len()).unwrap()];
                layers[*layer]
                    .inflated
                    .read_exact_at(&mut copied, range.start)
                    .unwrap();
                bytes.extend_from_slice(&copied);
            }
        }
    }
    Some(Written {
        entries: index(&bytes),
        runs,
    })
}

fn check(
    stack: &[Vec<Line>],
    wishes: &[(Index, Wish)],
    mode: Mode,
    pins: &[bool],
) -> Result<(), TestCaseError> {
    let spool = Spool::new(std::env::temp_dir());
    let layers: Vec<Layer> = stack.iter().map(|lines| scan(lines, &spool)).collect();
    let entries: Vec<_> = layers
        .iter()
        .map(|layer| Arc::clone(&layer.entries))
        .collect();
    let blobs: Vec<Digest> = layers
        .iter()
        .map(|layer| layer.claim.digest.clone())
        .collect();
    let tree = Tree::merge(entries, &blobs).unwrap();
    let mut decisions = decide(&tree, wishes);
    let pinned = match mode {
        Mode::Keep => (0..layers.len()).filter(|&layer| pins[layer]).collect(),
        _ => std::collections::BTreeSet::new(),
    };
    let pinned = with_what_it_leans_on(&tree, &pinned);
    let base = if let Mode::SquashAbove(base) = mode {
        base
    } else {
        0
    };
    settle(&tree, &mut decisions, |layer| {
        layer < base || pinned.contains(&layer)
    });
    let plan = Plan::new(&tree, &decisions, mode, &pinned);
    let written: Vec<Option<Written>> = plan
        .layers
        .iter()
        .map(|planned| write(&layers, planned))
        .collect();
    let result: Vec<ResultLayer<'_>> = plan
        .layers
        .iter()
        .zip(&written)
        .map(|(planned, written)| match written {
            Some(written) => ResultLayer::Written(written),
            None => ResultLayer::Reused(planned.from()[0]),
        })
        .collect();
    let source: Vec<_> = layers.iter().map(|layer| &*layer.entries).collect();
    let removed: Vec<Vec<u8>> = decisions
        .removals()
        .map(|(node, _)| tree.path(node))
        .collect();
    let edited: Vec<(Vec<u8>, &Edit)> = decisions
        .edits()
        .map(|(node, _, edit)| (tree.path(node), edit))
        .collect();
    let equated = equate(&source, &result, &removed, &edited);
    match equated {
        Ok(equated) => prop_assert_eq!(equated.removed, removed.len()),
        Err(error) => {
            let layers: Vec<String> = result
                .iter()
                .zip(&written)
                .map(|(layer, written)| match written {
                    None => format!("{layer:?}"),
                    Some(written) => written
                        .entries
                        .list()
                        .iter()
                        .map(|entry| {
                            format!(
                                "{:?} {} ",
                                entry.kind,
                                crate::path::display(written.entries.path(entry))
                            )
                        })
                        .collect(),
                })
                .collect();
            let removed: Vec<String> = removed
                .iter()
                .map(|path| crate::path::display(path))
                .collect();
            prop_assert!(
                false,
                "{error}\nremoved {removed:?}\nedited {edited:?}\nresult {layers:#?}"
            );
        }
    }
    Ok(())
}

/// Leaves out the entries behind symbolic links, as no tool writes them: a layer that stays would be led elsewhere when
/// a layer below it changes. The proof refuses what comes of it.
fn without_paths_behind_links(stack: &mut [Vec<Line>]) {
    let links: Vec<String> = stack
        .iter()
        .flatten()
        .filter_map(|line| match line {
            // A hard link may name a symbolic one.
            Line::Symlink(path, _) | Line::Link(path, _) => Some(format!("{path}/")),
            _ => None,
        })
        .collect();
    let is_behind = |path: &str| links.iter().any(|link| path.starts_with(&link[..]));
    for layer in stack {
        layer.retain(|line| match line {
            Line::Dir(path, _)
            | Line::File(path, _)
            | Line::Symlink(path, _)
            | Line::Fifo(path)
            | Line::Whiteout(path) => !is_behind(path),
            Line::Link(path, target) => !is_behind(path) && !is_behind(target),
            Line::Opaque(dir) => !is_behind(&format!("{dir}/")),
        });
    }
}

proptest! {
    #![proptest_config(stack::cases(2000))]

    #[test]
    fn plans_are_proved(
        stack in stack::stacks(),
        wishes in wishes(),
        mode in modes(),
        pins in prop::collection::vec(prop::bool::weighted(0.3), 4),
    ) {
        let mut stack = stack;
        if pins.contains(&true) {
            without_paths_behind_links(&mut stack);
        }
        check(&stack::without_faults(stack), &wishes, mode, &pins)?;
    }
}
