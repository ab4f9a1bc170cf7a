//! The modules that Python and Node load by name, from what the image starts on.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules;
use crate::tree::NodeId;

use super::finding::Finding;
use super::{Pair, node, python};

/// Files that are followed.
const FILES_MAX: usize = 4096;
/// The bytes of one that are read.
const FILE_MAX: usize = 1 << 20;

/// A module that was found before and is not after.
pub(super) struct Lost {
    pub(super) name: String,
    /// Whether it is loaded as soon as the file runs: not from within a function or a `try`.
    pub(super) is_sure: bool,
}

/// What a file loads: files to go on with, and what is lost.
#[derive(Default)]
pub(super) struct Loads {
    pub(super) files: Vec<NodeId>,
    pub(super) lost: Vec<Lost>,
}

pub(super) fn check(pair: &Pair<'_>) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    findings.extend(follow(pair, ".py", &|file, text| {
        python::loads(pair, file, text)
    })?);
    findings.extend(follow(pair, ".js", &|file, text| {
        node::loads(pair, file, text)
    })?);
    Ok(findings)
}

/// Follows what files of one language load, from those that the image starts.
fn follow(
    pair: &Pair<'_>,
    ending: &str,
    loads: &dyn Fn(NodeId, &str) -> Loads,
) -> Result<Vec<Finding>> {
    let first = started(pair, ending);
    let direct: BTreeSet<NodeId> = first.iter().copied().collect();
    let mut known = direct.clone();
    let (mut queue, mut at, mut findings) = (first, 0, Vec::new());
    while at < queue.len().min(FILES_MAX) {
        let file = queue[at];
        at += 1;
        // What is gone itself was told by who names it.
        if !pair.stays(file) {
            continue;
        }
        let bytes = pair.before.contents.read(file, FILE_MAX)?;
        let found = loads(file, &String::from_utf8_lossy(&bytes));
        for lost in found.lost {
            let text = format!(
                "`/{}` loads `{}`, which is not there any more",
                pair.show(file),
                lost.name
            );
            findings.push(if direct.contains(&file) && lost.is_sure {
                Finding::error("module", text)
            } else {
                Finding::warning("module", text)
            });
        }
        queue.extend(found.files.into_iter().filter(|file| known.insert(*file)));
    }
    Ok(findings)
}

/// The files of a language among what the config names: paths, and modules as `gunicorn` and `python -m` take them.
fn started(pair: &Pair<'_>, ending: &str) -> Vec<NodeId> {
    let (tree, facts) = (pair.before.tree, pair.before.facts);
    let scripts = pair.found.scripts.iter().map(|(node, _)| *node);
    let mut found: Vec<NodeId> = scripts.collect();
    for word in facts.commands.iter().flatten() {
        let word = word.split(':').next().unwrap_or_default();
        let as_module = format!("{}{ending}", word.replace('.', "/"));
        for at in [word, &as_module] {
            found.extend(tree.resolve(&rules::place(at, facts)));
        }
    }
    found.retain(|&node| {
        let is_file = tree.kind(node) == Kind::File;
        is_file && (tree.name(node).ends_with(ending.as_bytes()) || is_run_by(pair, node, ending))
    });
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether a script without the ending is one of the language by its first line.
fn is_run_by(pair: &Pair<'_>, node: NodeId, ending: &str) -> bool {
    let head = pair.before.contents.read(node, 128).unwrap_or_default();
    let line = head.split(|&b| b == b'\n').next().unwrap_or_default();
    let interpreter: &[u8] = if ending == ".py" { b"python" } else { b"node" };
    line.starts_with(b"#!") && memchr::memmem::find(line, interpreter).is_some()
}

/// Whether any of the places leads to something in a tree; the first that does.
pub(super) fn first(tree: &crate::tree::Tree, places: &[Vec<u8>]) -> Option<NodeId> {
    places.iter().find_map(|at| tree.resolve(at))
}

/// The directory that holds a file.
pub(super) fn directory(pair: &Pair<'_>, file: NodeId) -> Vec<u8> {
    path::parent(&pair.before.tree.path(file)).to_vec()
}
