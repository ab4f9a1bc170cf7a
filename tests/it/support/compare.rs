//! Trees compared, with a difference that a person can read.

use std::fmt::Write as _;

use super::flatten::{Node, Tree};

/// Fails unless both trees are the same, and says how they differ.
#[track_caller]
pub(crate) fn assert_same(actual: &Tree, expected: &Tree) {
    let differences = differences(actual, expected);
    assert!(
        differences.is_empty(),
        "the result differs from what is expected:\n{differences}"
    );
}

/// `tree` less `removed`, which must be in it; names of files shrink with it.
#[track_caller]
pub(crate) fn without<P: AsRef<[u8]>>(tree: &Tree, removed: &[P]) -> Tree {
    let mut left = tree.clone();
    for path in removed {
        let path = path.as_ref();
        let was_there = left.remove(path).is_some();
        assert!(was_there, "removed, but not there: {}", path.escape_ascii());
    }
    let orphan = left.keys().find(|path| !left.contains_key(parent(path)));
    assert!(
        orphan.is_none(),
        "it stays, but its directory was removed: {}",
        orphan.unwrap().escape_ascii()
    );
    let kept: Vec<Vec<u8>> = left.keys().cloned().collect();
    for node in left.values_mut() {
        node.names.retain(|name| kept.binary_search(name).is_ok());
        if node.names.len() == 1 {
            node.names.clear();
        }
    }
    left
}

/// One line a difference; empty when there is none.
pub(crate) fn differences(actual: &Tree, expected: &Tree) -> String {
    let mut lines = String::new();
    for (path, node) in expected {
        match actual.get(path) {
            None => writeln!(lines, "  missing  {}: {node:?}", path.escape_ascii()).unwrap(),
            Some(other) if !same(other, node) => writeln!(
                lines,
                "  changed  {}:\n    expected {node:?}\n    is       {other:?}",
                path.escape_ascii()
            )
            .unwrap(),
            Some(_) => {}
        }
    }
    for (path, node) in actual {
        if !expected.contains_key(path) {
            writeln!(lines, "  extra    {}: {node:?}", path.escape_ascii()).unwrap();
        }
    }
    lines
}

/// The time of a directory that no entry describes is nobody's business.
fn same(a: &Node, b: &Node) -> bool {
    let timeless = a.mtime.is_none() || b.mtime.is_none();
    let mtime = if timeless { None } else { a.mtime };
    let (a, b) = (Node { mtime, ..a.clone() }, b.clone());
    a == Node {
        mtime: if timeless { None } else { b.mtime },
        ..b
    }
}

/// The directory that holds a path; the root holds itself.
fn parent(path: &[u8]) -> &[u8] {
    let slash = path.iter().rposition(|&b| b == b'/');
    slash.map_or(b"", |slash| &path[..slash])
}
