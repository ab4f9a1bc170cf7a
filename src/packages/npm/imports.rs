//! What the programs that the image starts import, followed through the project's own files.
//!
//! Texts are searched for `require("x")`, `import … from "x"` and `import("x")`; what a program makes up at run time is
//! not found.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::Contents;
use crate::tree::{NodeId, Tree};

/// The bytes of a program that are read, and how many programs.
const PROGRAM_MAX: usize = 8 << 20;
const PROGRAMS_MAX: usize = 4096;

const ENDINGS: &[&str] = &[
    "",
    ".js",
    ".mjs",
    ".cjs",
    ".ts",
    ".mts",
    ".cts",
    ".tsx",
    ".jsx",
    "/index.js",
    "/index.mjs",
    "/index.cjs",
    "/index.ts",
];

/// Returns the names of packages that `programs` and what they import of the project's own files import, each with the
/// first file that does.
pub(super) fn imported(
    tree: &Tree,
    contents: &dyn Contents,
    programs: &[NodeId],
) -> Result<BTreeMap<String, NodeId>> {
    let mut names = BTreeMap::new();
    let mut known: BTreeSet<NodeId> = BTreeSet::new();
    let mut queue: Vec<NodeId> = programs.to_vec();
    while let Some(file) = queue.pop() {
        let is_module = tree
            .path(file)
            .split(|&b| b == b'/')
            .any(|name| name == b"node_modules");
        if is_module || known.len() >= PROGRAMS_MAX || !known.insert(file) {
            continue;
        }
        let bytes = contents.read(file, PROGRAM_MAX)?;
        if bytes.contains(&0) {
            continue;
        }
        for specifier in specifiers(&String::from_utf8_lossy(&bytes)) {
            if specifier.starts_with('.') || specifier.starts_with('/') {
                queue.extend(local(tree, file, specifier));
            } else {
                names.entry(package(specifier)).or_insert(file);
            }
        }
    }
    Ok(names)
}

fn local(tree: &Tree, from: NodeId, specifier: &str) -> Option<NodeId> {
    let base = if specifier.starts_with('/') {
        specifier.as_bytes().to_vec()
    } else {
        path::join(&tree.path(tree.parent(from)), specifier.as_bytes())
    };
    // TypeScript's sources name the files that the compiler makes of them.
    let plain = base.strip_suffix(b".js").map(<[u8]>::to_vec);
    [Some(base), plain].into_iter().flatten().find_map(|base| {
        let mut places = ENDINGS
            .iter()
            .map(|ending| [&base[..], ending.as_bytes()].concat());
        places.find_map(|at| {
            tree.resolve(&at)
                .filter(|&node| tree.kind(node) == Kind::File)
        })
    })
}

/// The package of a specifier: `@a/b/c` means `@a/b`, `a/b` means `a`.
pub(super) fn package(specifier: &str) -> String {
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    let names: Vec<&str> = specifier.split('/').take(parts).collect();
    names.join("/")
}

/// The quoted texts after `require(`, `import(`, `import` and `from`.
fn specifiers(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(['\'', '"', '`']) {
        let before = text[..at].trim_end();
        let before = before.strip_suffix('(').map_or(before, str::trim_end);
        let is_import = ["require", "require.resolve", "import", "from"]
            .iter()
            .filter_map(|word| before.strip_suffix(word))
            // The quote behind `'from'` closes a text.
            .any(|front| !front.ends_with(['\'', '"', '`']));
        let quote = &text[at..=at];
        let inside = &text[at + 1..];
        if is_import && let Some(end) = inside.find(quote).filter(|&end| end > 0 && end < 256) {
            found.push(&inside[..end]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_in_all_their_forms() {
        let text = "const a=require(\"a\"), b = require( 'b/c' );import x from'@s/d/e';import './own.js';\n\
                    export * from `f`; const g = await import('g'); s = 'from'; t = 'require'; u(\"no\");";
        assert_eq!(
            specifiers(text),
            ["a", "b/c", "@s/d/e", "./own.js", "f", "g"]
        );
        assert_eq!(package("@s/d/e"), "@s/d");
        assert_eq!(package("b/c"), "b");
    }
}
