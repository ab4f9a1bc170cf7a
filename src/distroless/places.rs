//! What a path's place says of its use: directories that many share, sources that are only named, programs.
//!
//! It follows nothing.

use crate::layer::Kind;
use crate::rules;
use crate::tree::{NodeId, Tree};

/// A directory that so many packages share says nothing of what is needed in it.
const SHARED: usize = 4;

/// Directories whose name says nothing of what is needed in them.
const WORDLESS: &[&str] = &[
    "etc/ssl",
    "etc/ssl/certs",
    "etc/default",
    "etc/init.d",
    "usr/share/doc",
    "usr/share/man",
    "usr/share/info",
    "usr/share/locale",
    "usr/lib/locale",
    "usr/share/i18n",
    "usr/lib/debug",
    "etc/alternatives",
    "var/lib/dpkg",
    "etc/apt",
    "var/lib/apt",
    "usr/src",
    "usr/share/ca-certificates",
    "usr/share/fonts",
];

/// Ends of the names of sources.
const SOURCES: &[&str] = &[
    ".go", ".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".s", ".S", ".rs", ".y", ".l",
];

/// Whether a directory that a text names says nothing of what is needed in it; `sharers` are the packages that have it.
pub(super) fn is_common(tree: &Tree, dir: NodeId, sharers: usize) -> bool {
    let at = tree.path(dir);
    rules::is_system(&at)
        || WORDLESS.iter().any(|common| common.as_bytes() == at)
        || sharers >= SHARED
        || is_in_go(tree, dir)
}

/// Whether a program names a path only to tell where a fault would be: its sources, and what lies in a Go tool chain.
pub(super) fn is_of_build(tree: &Tree, node: NodeId) -> bool {
    let name = tree.name(node);
    SOURCES
        .iter()
        .any(|ending| name.ends_with(ending.as_bytes()))
        || is_in_go(tree, node)
}

/// Whether a path lies in a Go tool chain: programs hold the places of their sources in it, for stack traces.
fn is_in_go(tree: &Tree, node: NodeId) -> bool {
    let mut at = node;
    while at != NodeId::ROOT {
        let has = |name: &[u8], below: &[u8]| {
            let inside = tree.child(at, name);
            inside.is_some_and(|inside| {
                tree.kind(inside) == Kind::Dir && tree.child(inside, below).is_some()
            })
        };
        if has(b"bin", b"go") || has(b"src", b"runtime") {
            return true;
        }
        at = tree.parent(at);
    }
    false
}

/// Whether a path lies where programs are.
pub(super) fn is_program(tree: &Tree, node: NodeId) -> bool {
    tree.kind(node) == Kind::File && matches!(tree.name(tree.parent(node)), b"bin" | b"sbin")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::example;

    #[test]
    fn places_tell_their_use() {
        let (tree, _) = example::image(&[
            ("opt/go/bin/go", "x"),
            ("opt/go/src/fmt/print.txt", "x"),
            ("opt/app/main.c", "x"),
            ("opt/app/main.conf", "x"),
            ("usr/share/doc/app/a", "x"),
        ]);
        let at = |path: &str| tree.find(path.as_bytes()).unwrap();
        assert!(is_of_build(&tree, at("opt/go/src/fmt/print.txt")));
        assert!(is_of_build(&tree, at("opt/app/main.c")));
        assert!(!is_of_build(&tree, at("opt/app/main.conf")));
        assert!(is_program(&tree, at("opt/go/bin/go")) && !is_program(&tree, at("opt/go/bin")));
        for (path, sharers, is) in [
            ("usr/share/doc", 0, true),
            ("usr/share/doc/app", 0, false),
            ("usr/share/doc/app", SHARED, true),
            ("opt/go/src", 0, true),
            ("opt/app", 1, false),
        ] {
            assert_eq!(is_common(&tree, at(path), sharers), is, "{path} {sharers}");
        }
    }
}
