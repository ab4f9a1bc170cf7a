//! Whether the dynamic loaders find all that programs and plugins ask for.

use std::collections::{BTreeMap, BTreeSet};

use crate::closure::elf;
use crate::closure::loader::Loader;
use crate::distroless::{loader_settings, objects};
use crate::layer::Kind;
use crate::path;
use crate::tree::{NodeId, Tree};

use super::finding::Finding;
use super::{Pair, View};

pub(super) fn check(pair: &Pair<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let candidates: Vec<NodeId> = pair
        .after
        .tree
        .walk()
        .filter(|&node| may_be_program(pair.after.tree, node))
        .collect();
    let after = missing(pair.after, &candidates);
    let reached = pair.found.programs.iter().map(|program| program.node);
    let reached: BTreeSet<NodeId> = reached.collect();
    if !after.is_empty() {
        let suspects = after
            .iter()
            .filter_map(|row| pair.before.tree.find(&row.object));
        let suspects: BTreeSet<NodeId> = suspects.collect();
        let suspects: Vec<NodeId> = suspects.into_iter().collect();
        let before = missing(pair.before, &suspects);
        // A library that others than what runs ask for, with who does.
        let mut idle: BTreeMap<&[u8], Vec<&Missing>> = BTreeMap::new();
        for row in after.difference(&before) {
            let (object, by) = (path::display(&row.object), path::display(&row.by));
            let name = path::display(&row.name);
            let over = if object == by {
                String::new()
            } else {
                format!(" (over `/{by}`)")
            };
            let text = format!("`/{object}` needs `{name}`{over}, which is not there any more");
            let is_reached = || {
                let node = pair.before.tree.find(&row.object);
                node.is_some_and(|node| reached.contains(&node))
            };
            if row.is_program && is_reached() {
                findings.push(Finding::error("library", text));
            } else {
                idle.entry(&row.name).or_default().push(row);
            }
        }
        findings.extend(idle.into_iter().map(|(name, rows)| {
            let (name, first) = (path::display(name), path::display(&rows[0].object));
            let who = match rows.len() {
                1 => format!("`/{first}` needs"),
                more => format!("`/{first}` and {} others need", more - 1),
            };
            let text = format!("{who} `{name}`, which is not there any more");
            Finding::warning("plugin-library", text)
        }));
    }
    findings.extend(preloaded(pair));
    findings
}

/// Something that a loader would not find.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Missing {
    /// What was to be loaded.
    object: Vec<u8>,
    /// Who asked.
    by: Vec<u8>,
    name: Vec<u8>,
    /// Whether the object is a program, not a library by itself.
    is_program: bool,
}

fn missing(view: View<'_>, candidates: &[NodeId]) -> BTreeSet<Missing> {
    let objects = objects(view.tree, view.contents);
    let Ok(settings) = loader_settings(view.tree, view.contents, view.facts) else {
        return BTreeSet::new();
    };
    let loader = Loader::new(view.tree, &objects, &settings);
    let mut rows = BTreeSet::new();
    for &node in candidates {
        let Some(elf) = objects(node) else { continue };
        for (by, name) in loader.load(node).missing {
            rows.insert(Missing {
                object: view.tree.path(node),
                by: view.tree.path(by),
                name,
                is_program: elf.interpreter.is_some() && is_executable(view.tree, node),
            });
        }
    }
    rows
}

fn is_executable(tree: &Tree, node: NodeId) -> bool {
    tree.attributes(node)
        .is_some_and(|entry| entry.mode & 0o111 != 0)
}

fn may_be_program(tree: &Tree, node: NodeId) -> bool {
    let name = tree.name(node);
    tree.kind(node) == Kind::File
        && tree.size(node) > 64
        && (is_executable(tree, node)
            || name.ends_with(b".node")
            || name.windows(3).any(|part| part == b".so"))
}

/// `ld.so.preload` and `LD_PRELOAD`; and the library that libc loads to end a thread.
fn preloaded(pair: &Pair<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut names = pair
        .before
        .facts
        .variable("LD_PRELOAD")
        .unwrap_or_default()
        .to_owned();
    let file = pair.before.tree.resolve(b"etc/ld.so.preload");
    if let Some(file) = file.filter(|&file| pair.before.tree.kind(file) == Kind::File) {
        let bytes = pair
            .before
            .contents
            .read(file, elf::HEAD)
            .unwrap_or_default();
        names.push(' ');
        names.push_str(&String::from_utf8_lossy(&bytes));
    }
    for name in names
        .split([' ', ':', '\n'])
        .filter(|name| name.contains('/'))
    {
        if pair.lost(name.as_bytes()) {
            // The loader says so and goes on (ld.so(8)).
            let text = format!("`{name}` is loaded before all else and is not there any more");
            findings.push(Finding::warning("preload", text));
        }
    }
    const ENDS: [&[u8]; 3] = [b"backtrace", b"pthread_cancel", b"pthread_exit"];
    let has_runtime = |tree: &Tree| {
        let all = tree.walk();
        all.into_iter()
            .any(|node| tree.name(node).starts_with(b"libgcc_s.so"))
    };
    let ends = pair.found.programs.iter().find_map(|program| {
        let import = program
            .imports
            .iter()
            .find(|name| ENDS.contains(&&name[..]));
        import.map(|name| (program.node, name))
    });
    if let Some((node, function)) = ends
        && has_runtime(pair.before.tree)
        && !has_runtime(pair.after.tree)
    {
        let name = pair.before.tree.name(node);
        let (program, function) = (pair.show(node), String::from_utf8_lossy(function));
        let text = format!(
            "`/{program}` calls `{function}`, for which libc loads `libgcc_s.so.1`, which is not there any more"
        );
        let is_program = !name.windows(3).any(|part| part == b".so");
        findings.push(if is_program && function == "pthread_cancel" {
            Finding::error("libgcc", text)
        } else {
            Finding::warning("libgcc", text)
        });
    }
    findings
}
