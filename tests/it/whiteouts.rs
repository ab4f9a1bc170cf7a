//! Whiteouts and opaque markers: what they delete, in any order, and what is left of them in the result.

use std::path::Path;

use crate::support::compare::assert_same;
use crate::support::entry::Entry;
use crate::support::flatten::{Tree, deletion, flatten, images, parse};
use crate::support::image::{Image, image};
use crate::support::program::{scratch, shrink};

fn base() -> Image {
    image().layer(|l| {
        l.add(Entry::dir("a").mode(0o700).owner(5, 6))
            .file("a/x", vec![b'x'; 2000])
            .dir("a/deep")
            .file("a/deep/y", vec![b'y'; 2000])
            .file("ay", b"other")
            .file(".x", b"dot")
    })
}

/// Shrinks without rules in every mode, compares, and returns the tree and the markers that `keep` left.
fn check(image: &Image) -> (Tree, Vec<String>) {
    let dir = scratch();
    let before = image.write(&dir.path().join("before"));
    let source = flatten(&before);
    for layers in ["keep", "squash", "squash-above=1"] {
        let arguments = ["--disable", "*", "--layers", layers];
        let slim = shrink(&before, dir.path(), layers, &arguments);
        assert_same(&flatten(&slim.layout), &source);
        if layers == "squash" {
            assert_eq!(markers(&slim.layout), Vec::<String>::new());
        }
    }
    (source, markers(&dir.path().join("keep")))
}

fn markers(layout: &Path) -> Vec<String> {
    let image = images(layout).pop_first().unwrap().1;
    let items = image.tars.iter().flat_map(|tar| parse(tar));
    let markers = items.filter(|item| deletion(&item.name).is_some());
    markers
        .map(|item| item.name.escape_ascii().to_string())
        .collect()
}

#[test]
fn deleted_bytes_leave_and_so_does_the_marker() {
    let (tree, markers) = check(&base().layer(|l| l.whiteout("a/x").file("z", b"")));
    assert!(!tree.contains_key(&b"a/x"[..]));
    assert_eq!(
        markers,
        Vec::<String>::new(),
        "a marker that deletes nothing is not written"
    );
}

#[test]
fn a_whiteout_spares_names_that_only_start_alike() {
    let (tree, _) = check(&base().layer(|l| l.whiteout("a").file("z", b"")));
    assert!(tree.contains_key(&b"ay"[..]) && !tree.contains_key(&b"a/x"[..]));
}

#[test]
fn a_whiteout_acts_on_lower_layers_wherever_it_stands() {
    for first in [true, false] {
        let (tree, _) = check(&base().layer(|l| {
            let l = if first { l.whiteout("a/x") } else { l };
            let l = l.file("a/x", b"new");
            if first { l } else { l.whiteout("a/x") }
        }));
        assert!(tree.contains_key(&b"a/x"[..]), "marker first: {first}");
    }
}

#[test]
fn an_opaque_marker_acts_on_lower_layers_wherever_it_stands() {
    for first in [true, false] {
        let (tree, _) = check(&base().layer(|l| {
            let l = if first { l.opaque("a") } else { l };
            let l = l.dir("a/deep").file("a/deep/new", b"new");
            if first { l } else { l.opaque("a") }
        }));
        assert!(
            tree.contains_key(&b"a/deep/new"[..]),
            "marker first: {first}"
        );
        assert!(
            !tree.contains_key(&b"a/deep/y"[..]),
            "marker first: {first}"
        );
    }
}

#[test]
fn an_opaque_marker_without_its_directory_keeps_the_attributes() {
    let (tree, _) = check(&base().layer(|l| l.opaque("a")));
    let node = &tree[&b"a"[..]];
    assert_eq!((node.mode, node.uid, node.gid), (0o700, 5, 6));
}

#[test]
fn an_opaque_root_clears_everything_below() {
    let (tree, markers) = check(&base().layer(|l| l.opaque("").file("only", b"1")));
    assert_eq!(tree.len(), 2, "{tree:?}");
    assert_eq!(markers, Vec::<String>::new());
}

#[test]
fn markers_in_the_first_layer_delete_nothing_and_stay_hidden() {
    let stack = image().layer(|l| l.file("a", b"1").whiteout("a").opaque("").file("b", b"2"));
    let (tree, _) = check(&stack);
    assert_eq!(tree.len(), 3);
}

#[test]
fn a_missing_target_is_no_error() {
    check(&base().layer(|l| l.whiteout("a/nothing").whiteout("nothing").file("z", b"")));
}

#[test]
fn a_dot_file_is_deleted_by_its_own_name() {
    let (tree, _) = check(&base().layer(|l| l.whiteout(".x").file("x", b"2")));
    assert!(!tree.contains_key(&b".x"[..]) && tree.contains_key(&b"x"[..]));
}

#[test]
fn a_marker_in_the_middle_of_a_name_is_a_name() {
    let (tree, _) = check(&base().layer(|l| l.file("a/x.wh.y", b"1").file("b.wh..wh..opq", b"2")));
    assert!(tree.contains_key(&b"a/x.wh.y"[..]) && tree.contains_key(&b"b.wh..wh..opq"[..]));
}

#[test]
fn a_directory_replaces_a_link_and_spares_its_target() {
    for marker_first in [false, true] {
        let stack = image()
            .layer(|l| {
                l.dir("target")
                    .file("target/x", b"1")
                    .symlink("link", "/target")
            })
            .layer(|l| {
                let l = if marker_first { l.opaque("link") } else { l };
                let l = l.dir("link").file("link/own", b"2");
                if marker_first { l } else { l.opaque("link") }
            });
        let (tree, _) = check(&stack);
        assert!(
            tree.contains_key(&b"target/x"[..]),
            "marker first: {marker_first}"
        );
        assert!(
            tree.contains_key(&b"link/own"[..]),
            "marker first: {marker_first}"
        );
    }
}

#[test]
fn a_deleted_link_leaves_its_target() {
    let stack = image()
        .layer(|l| {
            l.dir("target")
                .file("target/x", b"1")
                .symlink("link", "target")
        })
        .layer(|l| l.whiteout("link").file("z", b""));
    assert!(check(&stack).0.contains_key(&b"target/x"[..]));
}

#[test]
fn deleted_and_made_again() {
    let stack = base()
        .layer(|l| l.whiteout("a").file("z", b""))
        .layer(|l| l.dir("a").file("a/x", b"again"));
    let (tree, _) = check(&stack);
    assert_eq!(tree[&b"a"[..]].mode, 0o755);
}

#[test]
fn a_base_that_stays_needs_the_topmost_marker_and_no_other() {
    let stack = base()
        .layer(|l| l.whiteout("a/x").file("z", b""))
        .layer(|l| l.whiteout("a/deep/y").whiteout("a/deep").file("z2", b""))
        .layer(|l| l.whiteout("a").file("z3", b""));
    let dir = scratch();
    let before = stack.write(&dir.path().join("before"));
    let slim = shrink(
        &before,
        dir.path(),
        "after",
        &["--disable", "*", "--layers", "squash-above=1"],
    );
    let after = images(&slim.layout).pop_first().unwrap().1;
    if after.digests[0] == images(&before).pop_first().unwrap().1.digests[0] {
        assert_eq!(markers(&slim.layout), [".wh.a"]);
    } else {
        assert_eq!(markers(&slim.layout), Vec::<String>::new());
    }
    assert_same(&flatten(&slim.layout), &flatten(&before));
}

#[test]
fn both_readings_of_a_lower_link_in_the_way_survive() {
    use crate::support::flatten::{LowerLinks, flatten_tars};
    let stack = image()
        .layer(|l| {
            l.dir("target")
                .file("target/x", b"1")
                .symlink("link", "target")
                .file("gone", vec![b'g'; 3000])
        })
        .layer(|l| l.file("link/new", b"2").whiteout("gone"));
    let dir = scratch();
    let before = stack.write(&dir.path().join("before"));
    for layers in ["keep", "squash"] {
        let slim = shrink(
            &before,
            dir.path(),
            layers,
            &["--disable", "*", "--layers", layers],
        );
        let after = images(&slim.layout).pop_first().unwrap().1;
        let seen = |links| flatten_tars(&after.tars, links);
        let source = |links| flatten_tars(&stack.tars(), links);
        let (followed, hidden) = (LowerLinks::Followed, LowerLinks::Hidden);
        if layers == "keep" {
            assert_same(&seen(hidden), &source(hidden));
            assert_same(&seen(followed), &source(followed));
        } else {
            // One layer has no lower links: the result is one of the two.
            let one = seen(followed);
            assert!(one == source(followed) || one == source(hidden), "{one:?}");
        }
    }
}
