//! What the Python programs that the image starts import, followed through modules beside them.
//!
//! Lines that begin with `import` or `from` are read; what a program makes up at run time is not found.

use std::collections::{BTreeMap, BTreeSet};

use crate::closure::script;
use crate::error::Result;
use crate::layer::Kind;
use crate::tree::{NodeId, Tree};

use super::super::inventory::Inventory;
use super::show;

/// The bytes of a program that are read, and how many programs.
const PROGRAM_MAX: usize = 4 << 20;
const PROGRAMS_MAX: usize = 4096;

/// Returns the names of top-level modules that are imported, each with who imports it.
///
/// # Errors
/// When a program cannot be read.
pub(super) fn imported(inventory: &Inventory<'_>) -> Result<BTreeMap<String, String>> {
    let (tree, contents) = (inventory.tree, inventory.contents);
    let mut names = BTreeMap::new();
    for words in &inventory.facts.commands {
        for pair in words.windows(2).filter(|pair| pair[0] == "-m") {
            let why = format!("a command names `-m {}`", pair[1]);
            names.entry(top(&pair[1]).to_owned()).or_insert(why);
        }
    }
    let started = inventory.started()?.iter();
    let mut queue: Vec<NodeId> = started.map(|reference| reference.node).collect();
    let mut known = BTreeSet::new();
    while let Some(file) = queue.pop() {
        if tree.kind(file) != Kind::File || known.len() >= PROGRAMS_MAX || !known.insert(file) {
            continue;
        }
        let head = contents.read(file, 256)?;
        let mut words = script::interpreter(&head).into_iter();
        let is_python = tree.name(file).ends_with(b".py") || words.any(|w| w.contains("python"));
        if !is_python {
            continue;
        }
        let bytes = contents.read(file, PROGRAM_MAX)?;
        for name in modules(&String::from_utf8_lossy(&bytes)) {
            queue.extend(beside(tree, file, name));
            let why = || format!("`{}` imports it", show(tree, file));
            names.entry(name.to_owned()).or_insert_with(why);
        }
    }
    Ok(names)
}

/// The files of a module that lies beside the program that imports it.
fn beside(tree: &Tree, program: NodeId, name: &str) -> Vec<NodeId> {
    let directory = tree.parent(program);
    let file = tree.child(directory, format!("{name}.py").as_bytes());
    let mut found: Vec<NodeId> = file.into_iter().collect();
    let mut packages: Vec<NodeId> = tree.child(directory, name.as_bytes()).into_iter().collect();
    while let Some(package) = packages.pop() {
        for (name, child) in tree.children(package) {
            match tree.kind(child) {
                Kind::Dir => packages.push(child),
                Kind::File if name.ends_with(b".py") => found.push(child),
                _ => {}
            }
        }
    }
    found
}

/// The top-level modules that a text imports.
fn modules(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines().map(str::trim_start) {
        if let Some(list) = line.strip_prefix("import ") {
            found.extend(list.split(',').map(top));
        } else if let Some(from) = line.strip_prefix("from ") {
            found.push(top(from));
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// `a` of `a.b as c`.
fn top(written: &str) -> &str {
    let written = written.trim_start();
    let end = written.find(|c: char| !c.is_alphanumeric() && c != '_');
    &written[..end.unwrap_or(written.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_top_level_names() {
        let text = "import os, yaml.loader as y\n  from flask.json import x\nfrom . import own\nimportant = 1\n";
        assert_eq!(modules(text), ["os", "yaml", "flask"]);
    }
}
