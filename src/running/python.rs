//! What a Python file imports, by its `import` lines; those of `try` and of functions count too.

use crate::distroless::matching;
use crate::layer::Kind;
use crate::path;
use crate::tree::{NodeId, Tree};

use super::Pair;
use super::modules::{Loads, Lost, directory};

/// Where modules lie; `*` stands for any part of a name.
const LIBRARIES: &[&str] = &[
    "usr/lib/python3.*",
    "usr/lib/python3.*/lib-dynload",
    "usr/lib/python3/dist-packages",
    "usr/lib/python3.*/site-packages",
    "usr/lib64/python3.*",
    "usr/lib64/python3.*/lib-dynload",
    "usr/lib64/python3.*/site-packages",
    "usr/local/lib/python3.*",
    "usr/local/lib/python3.*/lib-dynload",
    "usr/local/lib/python3.*/site-packages",
    "usr/local/lib/python3.*/dist-packages",
    "opt/*/lib/python3.*/site-packages",
    "*/lib/python3.*/site-packages",
    "*/*/lib/python3.*/site-packages",
];

/// What a file imports of modules that are there before.
pub(super) fn loads(pair: &Pair<'_>, file: NodeId, text: &str) -> Loads {
    let mut loads = Loads::default();
    let own = directory(pair, file);
    for (module, is_sure) in imports(text) {
        let is_relative = module.starts_with('.');
        let name = module.trim_start_matches('.');
        let top = name.split('.').next().unwrap_or_default();
        if top.is_empty() {
            continue;
        }
        let above = |tree: &Tree| -> Vec<Vec<u8>> {
            let mut places = vec![own.clone(), path::parent(&own).to_vec()];
            if !is_relative {
                places.extend(libraries(pair, tree));
            }
            places
        };
        let Some(found) = find(pair.before.tree, &above(pair.before.tree), top) else {
            continue;
        };
        match find(pair.after.tree, &above(pair.after.tree), top) {
            None => loads.lost.push(Lost {
                name: module,
                is_sure,
            }),
            Some(_) => loads.files.extend(source(pair.before.tree, found)),
        }
    }
    loads
}

fn libraries(pair: &Pair<'_>, tree: &Tree) -> Vec<Vec<u8>> {
    let search = pair.before.facts.variable("PYTHONPATH").unwrap_or_default();
    let mut dirs: Vec<Vec<u8>> = search
        .split(':')
        .map(|dir| dir.as_bytes().to_vec())
        .collect();
    dirs.retain(|dir| !dir.is_empty());
    dirs.push(pair.before.facts.workdir.clone());
    for pattern in LIBRARIES {
        dirs.extend(
            matching(tree, pattern.as_bytes())
                .into_iter()
                .map(|node| tree.path(node)),
        );
    }
    dirs
}

/// A module or package of that name: text, byte-code or compiled.
fn find(tree: &Tree, dirs: &[Vec<u8>], name: &str) -> Option<NodeId> {
    dirs.iter().find_map(|dir| {
        let dir = tree
            .resolve(dir)
            .filter(|&dir| tree.kind(dir) == Kind::Dir)?;
        let plain = [
            format!("{name}.py"),
            format!("{name}.pyc"),
            format!("{name}.so"),
        ];
        let plain = plain
            .iter()
            .find_map(|name| tree.child(dir, name.as_bytes()));
        let package = || {
            tree.child(dir, name.as_bytes())
                .filter(|&node| tree.kind(node) != Kind::File)
        };
        let compiled = || {
            let stem = format!("{name}.");
            let mut inside = tree.children(dir);
            let found = inside
                .find(|(file, _)| file.starts_with(stem.as_bytes()) && file.ends_with(b".so"));
            found.map(|(_, node)| node)
        };
        plain.or_else(package).or_else(compiled)
    })
}

/// The text of a module, or of a package's first file.
fn source(tree: &Tree, found: NodeId) -> Option<NodeId> {
    let node = tree.resolve(&tree.path(found))?;
    match tree.kind(node) {
        Kind::Dir => tree.child(node, b"__init__.py"),
        Kind::File if tree.name(node).ends_with(b".py") => Some(node),
        _ => None,
    }
}

/// The modules of `import a.b, c` and `from .d import e`, each with whether the line is not indented.
fn imports(text: &str) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = Vec::new();
    for whole in text.lines() {
        let line = whole.trim_start();
        let is_sure = line.len() == whole.len();
        if let Some(names) = line.strip_prefix("import ") {
            let names = names.split('#').next().unwrap_or_default().split(',');
            let names = names.filter_map(|name| name.split_ascii_whitespace().next());
            found.extend(names.map(|name| (name.to_owned(), is_sure)));
        } else if let Some(rest) = line.strip_prefix("from ")
            && rest.contains(" import ")
            && let Some(name) = rest.split_ascii_whitespace().next()
        {
            // `from . import a, b`: modules of the same package.
            if name.bytes().all(|byte| byte == b'.') {
                let names = rest.split_once(" import ").map_or("", |(_, names)| names);
                let names = names
                    .split([',', '(', ')'])
                    .filter_map(|name| name.split_ascii_whitespace().next());
                found.extend(names.map(|module| (format!("{name}{module}"), is_sure)));
                continue;
            }
            found.push((name.to_owned(), is_sure));
        }
    }
    found.retain(|(name, _)| {
        name.chars()
            .all(|c| c.is_alphanumeric() || "._".contains(c))
    });
    // Of one that stands twice, the sure one counts.
    found.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    found.dedup_by(|a, b| a.0 == b.0);
    found
}

#[cfg(test)]
mod tests {
    use super::imports;

    #[test]
    fn import_lines_are_read_wherever_they_stand() {
        let text = "import os, sys as s  # x\nfrom .a import b\nfrom . import f, g\n  from c.d import (\nfrom __future__ import x\nimportant = 1\n";
        let names = [".a", ".f", ".g", "__future__", "c.d", "os", "sys"];
        let expected = names.map(|name| (name.to_owned(), name != "c.d"));
        assert_eq!(imports(text), expected);
    }
}
