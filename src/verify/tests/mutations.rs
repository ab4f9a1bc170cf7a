//! A good result is proved, and each single falsification of it is told.

use std::sync::Arc;

use super::result::Part::{self, Copy, Headers, Made};
use super::result::{REMOVED, base, good, promoted, upper, write};
use super::stack::{Tar, index};
use crate::error::Error;
use crate::layer::Entries;
use crate::rules::Edit;
use crate::verify::{Equated, ResultLayer, equate};
use crate::write::Written;

fn prove(result: &[Vec<Part>], removed: &[&str], edits: &[(&str, Edit)]) -> Result<Equated, Error> {
    let source = [base().bytes(), upper().bytes()];
    let entries: Vec<Entries> = source.iter().map(|bytes| index(bytes)).collect();
    let entries: Vec<&Entries> = entries.iter().collect();
    let written: Vec<Written> = result.iter().map(|parts| write(&source, parts)).collect();
    let layers: Vec<ResultLayer<'_>> = written.iter().map(ResultLayer::Written).collect();
    let edits: Vec<(Vec<u8>, &Edit)> = edits
        .iter()
        .map(|(path, edit)| (path.as_bytes().to_vec(), edit))
        .collect();
    equate(&entries, &layers, removed, &edits)
}

fn content(bytes: &[u8]) -> Edit {
    Edit::Content(Arc::from(bytes))
}

fn edits() -> [(&'static str, Edit); 1] {
    [("db", content(b"new rows, more of them"))]
}

#[test]
fn a_good_result_is_proved() {
    let equated = prove(&good(), &REMOVED, &edits()).unwrap();
    assert_eq!(
        equated,
        Equated {
            paths: 13,
            removed: 5,
            vanished: vec![b"left".to_vec()]
        }
    );
}

/// Expects that the result, falsified, is refused for this path and reason.
fn check(falsify: impl FnOnce(&mut [Vec<Part>; 2]), path: &str, why: &str) {
    let mut result = good();
    falsify(&mut result);
    refused(prove(&result, &REMOVED, &edits()), path, why);
}

fn refused(result: Result<Equated, Error>, path: &str, why: &str) {
    match result {
        Err(Error::Proof { path: found, fault }) => {
            assert!(
                found == path && fault.contains(why),
                "{found}: {fault}, not {path}: {why}"
            );
        }
        other => panic!("{other:?}, not {path}: {why}"),
    }
}

fn at(parts: &mut [Part], path: &str) -> usize {
    let is_it = |part: &Part| match part {
        Copy(_, of) => *of == path,
        Headers(tar, ..) | Made(tar) => {
            let entries = tar.entries();
            entries.path(&entries.list()[0]) == path.as_bytes()
        }
    };
    parts.iter().position(is_it).unwrap()
}

#[test]
fn wrong_attributes_are_told() {
    let b = || Tar::new().mtime(7).owner(1, 2);
    for (path, tar, why) in [
        ("bin/w", b().mode(0o600).file("bin/w", b"a program"), "mode"),
        (
            "bin/w",
            b().owner(1, 3).file("bin/w", b"a program"),
            "owner",
        ),
        (
            "bin/w",
            b().owner(2, 2).file("bin/w", b"a program"),
            "owner",
        ),
        ("bin/w", b().mtime(8).file("bin/w", b"a program"), "mtime"),
        (
            "bin/w",
            b().record("mtime", b"7.000000001")
                .file("bin/w", b"a program"),
            "mtime",
        ),
        (
            "bin/w",
            b().record("SCHILY.xattr.user.a", b"")
                .file("bin/w", b"a program"),
            "extended attributes",
        ),
        ("bin/w", b().file("bin/w", b"a progra"), "size"),
        (
            "bin/w",
            b().record("GNU.sparse.map", b"1,9")
                .record("GNU.sparse.size", b"10")
                .file("bin/w", b"a program"),
            "size",
        ),
        (
            "bin/w",
            b().record("GNU.sparse.map", b"0,9")
                .record("GNU.sparse.size", b"9")
                .file("bin/w", b"a program"),
            "sparse map",
        ),
        (
            "holes",
            b().record("GNU.sparse.map", b"0,3,101,2")
                .record("GNU.sparse.size", b"200")
                .file("holes", b"12345"),
            "sparse map",
        ),
    ] {
        let headers = Headers(tar, 0, path, 0);
        check(
            |[lower, _]| {
                *lower
                    .iter_mut()
                    .find(|part| matches!(part, Copy(_, of) if *of == path))
                    .unwrap() = headers;
            },
            path,
            why,
        );
    }
    for (path, tar, why) in [
        ("bin/w", b().mode(0o644).dir("bin/w"), "type"),
        ("bin/w", b().mode(0o644).symlink("bin/w", "x"), "type"),
        ("l", b().symlink("l", "etc/b"), "link target"),
        ("null", b().device("null", 1, 5), "device number"),
        ("null", b().device("null", 2, 3), "device number"),
        ("etc", b().mode(0o700).dir("etc"), "mode"),
        ("bin/w", b().mtime(7).file("bin/w", b"a program"), "content"),
        ("bin/w", b().mtime(7).file("bin/w", b"a pr0gram"), "content"),
    ] {
        check(
            |[lower, _]| {
                *lower
                    .iter_mut()
                    .find(|part| matches!(part, Copy(_, of) if *of == path))
                    .unwrap() = Made(tar);
            },
            path,
            why,
        );
    }
}

#[test]
fn other_bytes_are_told() {
    let w = || Tar::new().mtime(7).owner(1, 2).file("bin/w", b"a program");
    // The same bytes from another place count as others, too.
    for headers in [
        Headers(w(), 0, "bin/w", 1),
        Headers(w(), 0, "bin/x", 0),
        Headers(w(), 1, "etc/a", 0),
    ] {
        check(
            |[lower, _]| {
                let at = at(lower, "bin/w");
                lower[at] = headers;
            },
            "bin/w",
            "content",
        );
    }
    check(
        |[lower, _]| {
            let at = at(lower, "bin/y");
            lower[at] = Headers(promoted(), 0, "bin/w", 0);
        },
        "bin/y",
        "content",
    );
    check(|[_, upper]| upper[0] = Copy(0, "etc/a"), "etc/a", "owner");
}

#[test]
fn missing_and_risen_paths_are_told() {
    for path in ["bin/w", "l", "null", "new/implied", "holes", "db", "bin/y"] {
        // Without `bin/y` the link `bin/z` has no target.
        let told = if path == "bin/y" { "bin/z" } else { path };
        let why = if path == "bin/y" {
            "not there"
        } else {
            "missing"
        };
        check(
            |[lower, _]| {
                let at = at(lower, path);
                lower.remove(at);
            },
            told,
            why,
        );
    }
    check(
        |[lower, _]| {
            lower.remove(0);
        },
        "etc",
        "directory entry",
    );
    check(
        |[_, upper]| {
            upper.clear();
        },
        "etc/a",
        "missing",
    );
    for (tar, why) in [
        (Tar::new().mode(0o750).dir("new"), "mode"),
        (Tar::new().owner(0, 1).dir("new"), "owner"),
        (
            Tar::new().record("SCHILY.xattr.a", b"1").dir("new"),
            "extended attributes",
        ),
    ] {
        check(|[lower, _]| lower.push(Made(tar)), "new", why);
    }
    let mut described = good();
    described[0].push(Made(Tar::new().dir("new")));
    described[1].push(Made(Tar::new().dir("left")));
    assert_eq!(
        prove(&described, &REMOVED, &edits())
            .unwrap()
            .vanished
            .len(),
        0
    );
    for path in ["cache", "cache/1", "left/alone"] {
        let told = if path == "cache/1" { "cache" } else { path };
        check(
            |[lower, _]| lower.push(Copy(0, path)),
            told,
            "removed and is there",
        );
    }
    check(
        |[_, upper]| upper.push(Made(Tar::new().file("cache/3", b""))),
        "cache",
        "removed and is there",
    );
    check(
        |[lower, _]| lower.push(Copy(0, "etc/b")),
        "etc/b",
        "the source does not show it",
    );
    check(
        |[_, upper]| upper.push(Made(Tar::new().dir("more"))),
        "more",
        "the source does not show it",
    );
    check(
        |[_, upper]| upper.push(Made(Tar::new().whiteout("bin/w"))),
        "bin/w",
        "missing",
    );
    check(
        |[_, upper]| upper.push(Made(Tar::new().opaque("bin"))),
        "bin/y",
        "missing",
    );
}

#[test]
fn other_groups_are_told() {
    let z = || {
        Tar::new()
            .mtime(7)
            .owner(1, 2)
            .record("SCHILY.xattr.security.capability", b"\x01\n\0")
            .mode(0o4755)
            .file("bin/z", b"a program")
    };
    check(
        |[lower, _]| {
            let at = at(lower, "bin/z");
            lower[at] = Headers(z(), 0, "bin/x", 0);
        },
        "bin/z",
        "hard links",
    );
    // Two empty files.
    let twins = Tar::new().file("a", b"").file("b", b"");
    let source = twins.bytes();
    let linked = [Copy(0, "a"), Made(Tar::new().link("b", "a"))];
    let written = write(std::slice::from_ref(&source), &linked);
    let entries = index(&source);
    let result = equate::<&str>(&[&entries], &[ResultLayer::Written(&written)], [], &[]);
    refused(result, "b", "hard links");
    // A target behind its link, and one that is not there.
    check(|[lower, _]| lower.swap(2, 3), "bin/z", "not there");
    check(
        |[lower, _]| {
            let at = at(lower, "bin/z");
            lower[at] = Made(Tar::new().link("bin/z", "bin/x"));
        },
        "bin/z",
        "not there",
    );
}

#[test]
fn needless_markers_are_told() {
    check(
        |[lower, _]| lower.push(Made(Tar::new().whiteout("cache"))),
        "cache",
        "deletes nothing",
    );
    check(
        |[_, upper]| upper.push(Made(Tar::new().whiteout("etc/b"))),
        "etc/b",
        "deletes nothing",
    );
    check(
        |[_, upper]| upper.push(Made(Tar::new().opaque("cache"))),
        "cache",
        "opaque",
    );
    // A whiteout that deletes what the lower layer shows, with one for what is in it.
    let topmost = |whiteouts: Tar| {
        let mut result = good();
        result[0].push(Copy(0, "cache"));
        result[0].push(Copy(0, "cache/1"));
        result[1].push(Made(whiteouts));
        prove(&result, &REMOVED, &edits())
    };
    topmost(Tar::new().whiteout("cache")).unwrap();
    refused(
        topmost(Tar::new().whiteout("cache/1").whiteout("cache")),
        "cache/1",
        "of a directory above",
    );
    refused(
        topmost(Tar::new().whiteout("cache").whiteout("cache/1")),
        "cache/1",
        "deletes nothing",
    );
}

#[test]
fn wrong_lists_are_told() {
    let result = good();
    refused(
        prove(&result, &[&REMOVED[..], &["nothing"]].concat(), &edits()),
        "nothing",
        "listed as removed",
    );
    refused(
        prove(&result, &[&REMOVED[..], &["etc/b"]].concat(), &edits()),
        "etc/b",
        "listed as removed",
    );
    refused(
        prove(&result, &[&REMOVED[..], &["bin/w"]].concat(), &edits()),
        "bin/w",
        "removed and is there",
    );
    refused(
        prove(&result, &[&REMOVED[..], &["db"]].concat(), &edits()),
        "db",
        "as changed and as removed",
    );
    refused(
        prove(&result, &REMOVED[..4], &edits()),
        "left/alone",
        "missing",
    );
    refused(prove(&result, &REMOVED, &[]), "db", "size");
    refused(
        prove(
            &result,
            &REMOVED,
            &[("db", content(b"new rows, none of them"))],
        ),
        "db",
        "content",
    );
    refused(
        prove(&result, &REMOVED, &[("db", content(b"new rows"))]),
        "db",
        "size",
    );
    refused(
        prove(&result, &REMOVED, &[("new", content(b""))]),
        "new",
        "listed as changed",
    );
    let both = [("bin/y", content(b"1")), ("bin/z", content(b"2"))];
    refused(prove(&result, &REMOVED, &both), "bin/z", "different things");
    let link = [
        ("db", content(b"new rows, more of them")),
        ("l", Edit::Target(b"etc/x".to_vec())),
    ];
    refused(prove(&result, &REMOVED, &link), "l", "link target");
    let mut result = good();
    let at = at(&mut result[0], "l");
    result[0][at] = Made(Tar::new().mtime(7).owner(1, 2).symlink("l", "etc/x"));
    prove(&result, &REMOVED, &link).unwrap();
    refused(prove(&result, &REMOVED, &edits()), "l", "link target");
}

#[test]
fn reused_layers_must_stand_in_their_order() {
    let source = [
        Tar::new().file("a", b"1").file("b", b"2").entries(),
        Tar::new().file("a", b"3").entries(),
    ];
    let source: Vec<&Entries> = source.iter().collect();
    let layers = |numbers: &[usize]| {
        numbers
            .iter()
            .map(|&number| ResultLayer::Reused(number))
            .collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(
        equate(&source, &layers(&[0, 1]), none, &[]).unwrap().paths,
        3
    );
    refused(equate(&source, &layers(&[1, 0]), none, &[]), "a", "content");
    refused(equate(&source, &layers(&[0]), none, &[]), "a", "content");
    refused(equate(&source, &layers(&[1]), none, &[]), "b", "missing");
    refused(
        equate(
            &source,
            &layers(&[0, 1]),
            none,
            &[(b"b".to_vec(), &content(b"9"))],
        ),
        "b",
        "content",
    );
    refused(
        equate(
            &source,
            &layers(&[0, 1]),
            none,
            &[(b"b".to_vec(), &content(b""))],
        ),
        "b",
        "size",
    );
}
