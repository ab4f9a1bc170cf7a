//! What the search from the config reached: files that are not there any more, and directories that lost some of theirs.
//!
//! It only warns: what a program names it need not open.

use std::collections::{BTreeMap, BTreeSet};

use crate::layer::Kind;
use crate::path;
use crate::rules;
use crate::tree::NodeId;

use super::Pair;
use super::finding::Finding;

pub(super) fn check(pair: &Pair<'_>) -> Vec<Finding> {
    let mut told = BTreeSet::new();
    let mut findings = files(pair, &mut told);
    findings.extend(directories(pair, &mut told));
    findings.extend(own(pair, &mut told));
    findings
}

/// Files that something asks for, by who asks.
fn files(pair: &Pair<'_>, told: &mut BTreeSet<NodeId>) -> Vec<Finding> {
    let tree = pair.before.tree;
    let mut lost: BTreeMap<Option<NodeId>, Vec<NodeId>> = BTreeMap::new();
    for node in pair.found.needed.nodes() {
        let is_lost = tree.kind(node) != Kind::Dir
            && !pair.stays(node)
            && tree.leads_to(node).is_some()
            && !is_idle(&tree.path(node));
        if is_lost && told.insert(node) {
            let why = pair.found.needed.why(node);
            lost.entry(why.and_then(|why| why.by))
                .or_default()
                .push(node);
        }
    }
    let rows = lost.values().filter_map(|nodes| {
        let (first, why) = (nodes[0], pair.found.needed.chain(tree, nodes[0]));
        let others = match nodes.len() {
            1 => String::new(),
            more => format!(", nor are {} others that it asks for", more - 1),
        };
        let text = format!(
            "{}: `/{}` is not there any more{others}",
            why.last()?,
            pair.show(first)
        );
        Some(Finding::warning("needed", text))
    });
    rows.collect()
}

/// Directories of which anything may be used: modules, character sets, time zones, settings.
fn directories(pair: &Pair<'_>, told: &mut BTreeSet<NodeId>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for &dir in &pair.found.wholes {
        if is_shared(&pair.before.tree.path(dir)) {
            continue;
        }
        let why = pair.found.needed.chain(pair.before.tree, dir);
        let Some(why) = why.last() else { continue };
        findings.extend(inside(pair, dir, told).map(|lost| {
            let text = format!("{why}: {lost}");
            Finding::warning("needed", text)
        }));
    }
    findings
}

/// What lies beside what the image starts, and in its working directory: somebody put it there for it.
fn own(pair: &Pair<'_>, told: &mut BTreeSet<NodeId>) -> Vec<Finding> {
    let (tree, facts) = (pair.before.tree, pair.before.facts);
    let words = facts.commands.iter().flatten();
    let mut dirs: Vec<NodeId> = words
        .filter(|word| word.contains('/'))
        .filter_map(|word| tree.resolve(&rules::place(word, facts)))
        .map(|node| match tree.kind(node) {
            Kind::Dir => node,
            _ => tree.parent(node),
        })
        .collect();
    dirs.extend(tree.resolve(&facts.workdir));
    dirs.retain(|&dir| !is_shared(&tree.path(dir)));
    let mut findings = Vec::new();
    for dir in dirs {
        findings.extend(inside(pair, dir, told).map(|lost| {
            let text = format!("the image starts or works in `/{}`: {lost}", pair.show(dir));
            Finding::warning("own-files", text)
        }));
    }
    findings
}

/// What a directory lost, in words; links to directories are followed.
fn inside(pair: &Pair<'_>, dir: NodeId, told: &mut BTreeSet<NodeId>) -> Option<String> {
    let tree = pair.before.tree;
    let (mut stack, mut known, mut lost) = (vec![dir], BTreeSet::new(), Vec::new());
    while let Some(node) = stack.pop() {
        let at = tree.path(node);
        if is_idle(&at) || !known.insert(node) {
            continue;
        }
        match tree.kind(node) {
            Kind::Dir => stack.extend(tree.children(node).map(|(_, child)| child)),
            kind => {
                let to = tree.leads_to(node);
                let is_lost = to.is_some() && !pair.has(&at);
                if is_lost && told.insert(node) {
                    lost.push(at);
                } else if kind == Kind::Symlink {
                    let to = to.filter(|&to| tree.kind(to) == Kind::Dir);
                    stack.extend(to.filter(|&to| !is_shared(&tree.path(to))));
                }
            }
        }
    }
    lost.sort_unstable();
    let Some(first) = lost.first() else {
        let at = tree.path(dir);
        // Logs and caches are worth nothing, but who writes them needs their directories.
        let is_idle =
            is_idle(&at) && !at.starts_with(b"var/log/") && !at.starts_with(b"var/cache/");
        let is_gone = !is_idle && !pair.stays(dir) && told.insert(dir);
        return is_gone.then(|| format!("`/{}` is not there any more", path::display(&at)));
    };
    let first = path::display(first);
    Some(match lost.len() {
        1 => format!("`/{first}` is not there any more"),
        more => format!("{more} files are not there any more, such as `/{first}`"),
    })
}

/// Whether many use a directory, each something else in it.
fn is_shared(dir: &[u8]) -> bool {
    let is_of_machine = |name: &[u8]| name.windows(7).any(|part| part == b"-linux-");
    rules::is_system(dir)
        || is_of_machine(path::name(dir))
        || matches!(path::name(dir), b"bin" | b"sbin")
}

/// What no program opens to do its work: texts for people, tests, sources for compilers, copies that are made again; and what
/// other checks look at.
pub(super) fn is_idle(at: &[u8]) -> bool {
    const DIRECTORIES: &[&[u8]] = &[
        b"usr/share/doc",
        b"usr/share/info",
        b"usr/share/man",
        b"usr/share/locale",
        b"usr/lib/locale",
        b"usr/share/zoneinfo/posix",
        b"usr/share/zoneinfo/right",
        b"var/cache",
        b"var/log",
        b"var/lib/apt",
        b"var/lib/dpkg",
    ];
    const NAMES: &[&[u8]] = &[
        b"__pycache__",
        b"demo",
        b"doc",
        b"docs",
        b"ensurepip",
        b"examples",
        b"idlelib",
        b"include",
        b"jmods",
        b"legal",
        b"lib2to3",
        b"man",
        b"pod",
        b"pydoc_data",
        b"rdoc",
        b"ri",
        b"test",
        b"tests",
        b"tkinter",
        b"turtledemo",
    ];
    const ENDINGS: &[&[u8]] = &[
        b".a", b".h", b".la", b".map", b".md", b".o", b".pod", b".pyc", b".pyi", b".pyo", b".rst",
        b".d.ts",
    ];
    let name = path::name(at);
    DIRECTORIES.iter().any(|dir| path::is_under(at, dir))
        || path::components(at).any(|part| NAMES.contains(&part))
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
        || name.starts_with(b"libnss_")
}
