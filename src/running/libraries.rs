//! Whether the dynamic loaders find all that programs and plugins ask for.

use std::collections::{BTreeMap, BTreeSet};

use crate::closure::elf;
use crate::closure::loader::Loader;
use crate::distroless::{loader_settings, objects, preloaded};
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
    findings.extend(preloads(pair));
    findings.extend(thread_ends(pair));
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
                is_program: elf.interpreter.is_some() && view.tree.is_executable(node),
            });
        }
    }
    rows
}

fn may_be_program(tree: &Tree, node: NodeId) -> bool {
    let name = tree.name(node);
    tree.kind(node) == Kind::File
        && tree.size(node) > 64
        && (tree.is_executable(node) || elf::may_be_library(name))
}

/// What `ld.so.preload` and `LD_PRELOAD` name by a path: the loader says that it is not there, and goes on (ld.so(8)).
fn preloads(pair: &Pair<'_>) -> Vec<Finding> {
    let View {
        tree,
        contents,
        facts,
    } = pair.before;
    let names = preloaded(tree, contents, facts);
    let lost = |name: &&String| name.contains('/') && pair.lost(name.as_bytes());
    let finding = |name: &String| {
        let text = format!("`{name}` is loaded before all else and is not there any more");
        Finding::warning("preload", text)
    };
    names.iter().filter(lost).map(finding).collect()
}

/// The library that libc loads to end a thread.
fn thread_ends(pair: &Pair<'_>) -> Option<Finding> {
    const ENDS: [&[u8]; 3] = [b"backtrace", b"pthread_cancel", b"pthread_exit"];
    let has_runtime = |tree: &Tree| {
        let all = tree.walk();
        all.into_iter()
            .any(|node| tree.name(node).starts_with(b"libgcc_s.so"))
    };
    if !has_runtime(pair.before.tree) || has_runtime(pair.after.tree) {
        return None;
    }
    let (node, function) = pair.found.programs.iter().find_map(|program| {
        let mut imports = program.imports.iter();
        let import = imports.find(|name| ENDS.contains(&&name[..]));
        import.map(|name| (program.node, String::from_utf8_lossy(name)))
    })?;
    let text = format!(
        "`/{}` calls `{function}`, for which libc loads `libgcc_s.so.1`, which is not there any more",
        pair.show(node)
    );
    let is_program = !elf::may_be_library(pair.before.tree.name(node));
    Some(if is_program && function == "pthread_cancel" {
        Finding::error("libgcc", text)
    } else {
        Finding::warning("libgcc", text)
    })
}
