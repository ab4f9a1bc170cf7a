//! What a container sees, case by case.

use super::stack::Tar;
use crate::layer::{Entries, Kind};
use crate::verify::{Fault, Flat, flatten};

/// Lists what is there as `path`, `path/` (`path//` when implied), `path -> target`, `path = first name of its inode`.
fn list(flat: &Flat<'_>) -> Vec<String> {
    let text = |number: u32| String::from_utf8(flat.path(number).to_vec()).unwrap();
    let mut lines: Vec<String> = flat
        .numbers()
        .skip(1)
        .map(|number| {
            let path = text(number);
            let Some(inode) = flat.inode(number) else {
                return format!("{path}//");
            };
            let is_same =
                |other: &u32| flat.inode(*other).is_some_and(|other| other.id == inode.id);
            let first = flat.numbers().filter(is_same).map(text).min().unwrap();
            match inode.entry.kind {
                Kind::Dir => format!("{path}/"),
                Kind::Symlink => {
                    let target = inode.entries.target(inode.entry);
                    format!("{path} -> {}", String::from_utf8(target.to_vec()).unwrap())
                }
                _ if first != path => format!("{path} = {first}"),
                _ => format!("{path} {}.{}", inode.layer, inode.entry.stored),
            }
        })
        .collect();
    lines.sort();
    lines
}

fn check(layers: &[Tar], expected: &[&str]) {
    let layers: Vec<Entries> = layers.iter().map(Tar::entries).collect();
    let layers: Vec<&Entries> = layers.iter().collect();
    let flat = flatten(&layers).unwrap();
    assert_eq!(list(&flat), expected);
    assert_eq!(flat.len(), expected.len() + 1);
}

fn fault(layers: &[Tar]) -> Fault {
    let layers: Vec<Entries> = layers.iter().map(Tar::entries).collect();
    let layers: Vec<&Entries> = layers.iter().collect();
    flatten(&layers).unwrap_err()
}

#[test]
fn whiteouts_act_on_lower_layers_wherever_they_stand() {
    let lower = Tar::new()
        .dir("d")
        .file("d/a", b"1")
        .file("d/b", b"1")
        .file("ab", b"1")
        .file("a", b"1");
    check(
        &[
            lower.clone(),
            Tar::new().file("d/a", b"22").whiteout("d/a").whiteout("a"),
        ],
        &["ab 0.1", "d/", "d/a 1.2", "d/b 0.1"],
    );
    check(
        &[lower.clone(), Tar::new().file("d/c", b"22").opaque("d")],
        &["a 0.1", "ab 0.1", "d/", "d/c 1.2"],
    );
    check(&[lower.clone(), Tar::new().opaque("")], &[]);
    check(
        &[lower.clone(), Tar::new().whiteout("d").file("d/c", b"22")],
        &["a 0.1", "ab 0.1", "d//", "d/c 1.2"],
    );
    check(
        &[Tar::new().file("a", b"1").whiteout("a").opaque("")],
        &["a 0.1"],
    );
    check(
        &[
            lower,
            Tar::new()
                .whiteout("missing")
                .whiteout("missing/x")
                .opaque("a"),
        ],
        &["a 0.1", "ab 0.1", "d/", "d/a 0.1", "d/b 0.1"],
    );
}

#[test]
fn a_tree_made_anew_does_not_bring_back_the_old_one() {
    check(
        &[
            Tar::new().dir("d").dir("d/e").file("d/e/old", b"1"),
            Tar::new().whiteout("d"),
            Tar::new().dir("d").dir("d/e").file("d/e/new", b"1"),
        ],
        &["d/", "d/e/", "d/e/new 2.1"],
    );
    check(
        &[
            Tar::new().dir("d").dir("d/e").file("d/e/old", b"1"),
            Tar::new().opaque("d"),
            Tar::new().file("d/e/new", b"1"),
        ],
        &["d/", "d/e//", "d/e/new 2.1"],
    );
}

#[test]
fn what_is_replaced_goes_and_directories_merge() {
    let lower = Tar::new()
        .dir("d")
        .file("d/a", b"1")
        .symlink("l", "d")
        .file("f", b"1");
    check(
        &[lower.clone(), Tar::new().mode(0o700).dir("d")],
        &["d/", "d/a 0.1", "f 0.1", "l -> d"],
    );
    check(
        &[lower.clone(), Tar::new().file("d", b"22")],
        &["d 1.2", "f 0.1", "l -> d"],
    );
    check(
        &[lower.clone(), Tar::new().file("d", b"22").dir("d")],
        &["d/", "f 0.1", "l -> d"],
    );
    check(
        &[lower.clone(), Tar::new().dir("l").file("l/b", b"22")],
        &["d/", "d/a 0.1", "f 0.1", "l/", "l/b 1.2"],
    );
    check(
        &[lower, Tar::new().file("f/g", b"22")],
        &["d/", "d/a 0.1", "f//", "f/g 1.2", "l -> d"],
    );
}

#[test]
fn links_among_parents_are_followed_inside_the_root() {
    let lower = Tar::new()
        .dir("usr")
        .dir("usr/lib")
        .symlink("lib", "usr/lib")
        .symlink("abs", "/usr")
        .symlink("up", "../../usr")
        .symlink("self", ".")
        .symlink("gone", "usr/new/deep");
    check(
        &[
            lower,
            Tar::new()
                .file("lib/a", b"1")
                .file("abs/b", b"1")
                .file("up/lib/c", b"1")
                .file("self/lib/d", b"1")
                .file("gone/e", b"1")
                .file("self/f", b"1"),
        ],
        &[
            "abs -> /usr",
            "f 1.1",
            "gone -> usr/new/deep",
            "lib -> usr/lib",
            "self -> .",
            "up -> ../../usr",
            "usr/",
            "usr/b 1.1",
            "usr/lib/",
            "usr/lib/a 1.1",
            "usr/lib/c 1.1",
            "usr/lib/d 1.1",
            "usr/new//",
            "usr/new/deep//",
            "usr/new/deep/e 1.1",
        ],
    );
    check(
        &[Tar::new().symlink("l", "x/../y").file("l/a", b"1")],
        &["l -> x/../y", "y//", "y/a 0.1"],
    );
    let looped = fault(&[Tar::new()
        .symlink("a", "b")
        .symlink("b", "a")
        .file("a/x", b"")]);
    assert_eq!((looped.layer, &looped.path[..]), (0, &b"a/x"[..]));
}

#[test]
fn a_marker_behind_a_link_deletes_behind_it_unless_its_layer_replaces_the_link() {
    let lower = Tar::new()
        .dir("t")
        .file("t/a", b"1")
        .file("t/b", b"1")
        .symlink("l", "t");
    check(
        &[lower.clone(), Tar::new().whiteout("l/a")],
        &["l -> t", "t/", "t/b 0.1"],
    );
    check(&[lower.clone(), Tar::new().opaque("l")], &["l -> t", "t/"]);
    check(
        &[lower.clone(), Tar::new().whiteout("l")],
        &["t/", "t/a 0.1", "t/b 0.1"],
    );
    for replaced in [
        Tar::new().dir("l").opaque("l"),
        Tar::new().opaque("l").dir("l"),
        Tar::new().whiteout("l/a").dir("l"),
    ] {
        check(
            &[lower.clone(), replaced],
            &["l/", "t/", "t/a 0.1", "t/b 0.1"],
        );
    }
}

#[test]
fn hard_links_share_the_inode_of_the_moment() {
    let lower = Tar::new()
        .file("a", b"1")
        .link("b", "a")
        .symlink("s", "a")
        .link("t", "s")
        .dir("d")
        .symlink("e", "d")
        .file("d/f", b"1")
        .link("g", "e/f");
    check(
        &[
            lower.clone(),
            Tar::new().file("a", b"22").link("c", "a").whiteout("d/f"),
        ],
        &[
            "a 1.2", "b 0.1", "c = a", "d/", "e -> d", "g 0.1", "s -> a", "t -> a",
        ],
    );
    check(
        &[Tar::new()
            .file("a", b"1")
            .link("b", "a")
            .file("a", b"22")
            .link("c", "a")],
        &["a 0.2", "b 0.1", "c = a"],
    );
    for (tar, why) in [
        (
            Tar::new().link("x", "nothing"),
            "a hard link to a path that is not there",
        ),
        (
            Tar::new().link("x", "a/b"),
            "a hard link to a path that is not there",
        ),
        (Tar::new().link("x", ""), "a hard link to a directory"),
        (Tar::new().link("x", "d"), "a hard link to a directory"),
        (Tar::new().link("a", "a"), "a hard link to what it replaces"),
        (
            Tar::new().link("d/f", "e/f"),
            "a hard link to what it replaces",
        ),
        (
            Tar::new().link("d", "d/f"),
            "a hard link to what it replaces",
        ),
        (Tar::new().link("a/x", "a"), "a hard link to a directory"),
    ] {
        assert_eq!(fault(&[lower.clone(), tar]).fault, why);
    }
}

#[test]
fn idle_whiteouts_are_told() {
    let layers = [
        Tar::new().whiteout("x").file("a", b""),
        Tar::new().whiteout("a").whiteout("b").file("b", b""),
    ];
    let layers: Vec<Entries> = layers.iter().map(Tar::entries).collect();
    let layers: Vec<&Entries> = layers.iter().collect();
    assert_eq!(flatten(&layers).unwrap().idle_whiteouts, [(0, 0), (1, 1)]);
}
