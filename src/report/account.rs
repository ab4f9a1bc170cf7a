//! What a report says of an image's paths: it follows from what is planned, so nobody need wait for what is written.

use crate::layer::{Kind, Layer};
use crate::path;
use crate::plan::{Plan, PlannedLayer};
use crate::rules::Decisions;
use crate::tree::Tree;

use super::build::sizes;
use super::html::MapFile;
use super::totals::Totals;
use super::value::{EditedRow, HiddenBytes, KeptRow, RemovedRow, RuleRow};
use super::{count, rows};

/// The rows that speak of paths, and the totals.
#[derive(Clone, Debug)]
pub struct Account {
    pub(super) before: Totals,
    /// Of the result; the sizes of its layers are missing.
    pub(super) left: Totals,
    pub(super) rules: Vec<RuleRow>,
    pub(super) hidden: HiddenBytes,
    pub(super) removed: Vec<RemovedRow>,
    pub(super) edited: Vec<EditedRow>,
    pub(super) kept: Vec<KeptRow>,
    pub(super) files: Vec<MapFile>,
}

impl Account {
    /// Tells what `plan`, which carries out these decisions, does to the paths of an image.
    pub fn of(layers: &[Layer], tree: &Tree, decisions: &Decisions, plan: &Plan) -> Self {
        let whole = |layer: u16| {
            let is_it = |planned: &PlannedLayer| {
                *planned
                    == PlannedLayer::Unchanged {
                        layer: layer.into(),
                    }
            };
            plan.layers.iter().any(is_it)
        };
        // Each walks the whole tree, and the user waits for them.
        let (files, (hidden, (before, left))) = rayon::join(
            || files(tree, decisions),
            || {
                let counted = || {
                    let before = Totals::of(tree, layers.iter().map(sizes));
                    (before, count::count(tree, decisions, whole))
                };
                rayon::join(|| count::hidden(tree), counted)
            },
        );
        let ((rules, hidden), removed) = rayon::join(
            || {
                let rules = rows::rules(tree, decisions, &hidden);
                (rules, rows::hidden(tree, &hidden, whole))
            },
            || rows::removed(tree, decisions),
        );
        Self {
            before,
            left,
            rules,
            hidden,
            removed,
            edited: rows::edited(tree, decisions),
            kept: rows::kept(tree, decisions),
            files,
        }
    }
}

/// Every visible file, each once, and whether it goes.
fn files(tree: &Tree, decisions: &Decisions) -> Vec<MapFile> {
    let mut files = Vec::new();
    for node in tree.walk() {
        let names = tree.names(node);
        let data = tree.data(node).filter(|_| tree.kind(node) == Kind::File);
        let Some(data) = data.filter(|_| names.first() == Some(&node)) else {
            continue;
        };
        let goes = names.iter().all(|&name| decisions.removed(name).is_some());
        files.push(MapFile {
            path: path::display(&tree.path(node)),
            bytes: count::stored(tree, node),
            layer: data.layer,
            class: goes.into(),
        });
    }
    files
}
