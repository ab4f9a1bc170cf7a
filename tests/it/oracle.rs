//! The oracle and the builder themselves: small layers with answers known from the specification.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::support::compare::{assert_same, differences, without};
use crate::support::entry::{Checksum, Dialect, Entry, base256, pax};
use crate::support::flatten::{Kind, LowerLinks, Tree, flatten, flatten_all, flatten_tars};
use crate::support::image::{Image, image, index};
use crate::support::layer::Layer;
use crate::support::program::scratch;
use crate::support::sparse;
use crate::support::stacks::stacks;

fn tree(image: &Image) -> Tree {
    flatten_tars(&image.tars(), LowerLinks::Followed)
}

/// The paths of an image, with the content of files and the target of links.
fn listing(image: &Image) -> String {
    let show = |(path, kind): (&Vec<u8>, &Kind)| {
        let path = path.escape_ascii();
        match kind {
            Kind::Dir => format!("{path}/"),
            Kind::File(content) => format!("{path}={}", content.escape_ascii()),
            Kind::Symlink(target) => format!("{path}->{}", target.escape_ascii()),
            other => format!("{path} {other:?}"),
        }
    };
    let tree = tree(image);
    let rows = tree.iter().filter(|(path, _)| !path.is_empty());
    let rows: Vec<String> = rows.map(|(path, node)| show((path, &node.kind))).collect();
    rows.join(" ")
}

#[test]
fn layers_are_laid_over_each_other() {
    let base = || {
        image().layer(|l| {
            l.dir("a")
                .file("a/x", b"1")
                .file("a/y", b"2")
                .file("ay", b"3")
        })
    };
    let cases: [(&str, Image, &str); 12] = [
        (
            "a whiteout takes the subtree and no other name",
            base().layer(|l| l.whiteout("a")),
            "ay=3",
        ),
        (
            "a whiteout spares its own layer, before it",
            base().layer(|l| l.file("a/x", b"new").whiteout("a/x")),
            "a/ a/x=new a/y=2 ay=3",
        ),
        (
            "a whiteout spares its own layer, after it",
            base().layer(|l| l.whiteout("a/x").file("a/x", b"new")),
            "a/ a/x=new a/y=2 ay=3",
        ),
        (
            "an opaque marker spares its own layer",
            base().layer(|l| l.file("a/z", b"z").opaque("a")),
            "a/ a/z=z ay=3",
        ),
        (
            "an opaque root",
            base().layer(|l| l.opaque("").file("b", b"")),
            "b=",
        ),
        (
            "markers of the first layer do nothing",
            image().layer(|l| l.file("a", b"1").whiteout("a").opaque("")),
            "a=1",
        ),
        (
            "a directory over a directory keeps its children",
            base().layer(|l| l.dir("a")),
            "a/ a/x=1 a/y=2 ay=3",
        ),
        (
            "a file over a directory drops them",
            base().layer(|l| l.file("a", b"f")),
            "a=f ay=3",
        ),
        (
            "a directory replaces a link",
            image()
                .layer(|l| l.dir("t").symlink("a", "t"))
                .layer(|l| l.dir("a").file("a/x", b"1")),
            "a/ a/x=1 t/",
        ),
        (
            "a link in the way is followed inside the root",
            image().layer(|l| l.dir("t").symlink("a", "/../t").file("a/x", b"1")),
            "a->/../t t/ t/x=1",
        ),
        (
            "names are cleaned",
            image().layer(|l| l.file("/a//b/./c", b"1").file("a/b/../d", b"2")),
            "a/ a/b/ a/b/c=1 a/d=2",
        ),
        (
            "a dot file is deleted by its own name",
            image()
                .layer(|l| l.file(".x", b"1").file("x", b"2"))
                .layer(|l| l.whiteout(".x")),
            "x=2",
        ),
    ];
    for (what, image, expected) in cases {
        assert_eq!(listing(&image), expected, "{what}");
    }
}

#[test]
fn an_overlay_hides_a_lower_link_by_a_directory() {
    let stack = image()
        .layer(|l| l.dir("t").symlink("a", "t"))
        .layer(|l| l.file("a/x", b"1"));
    assert_eq!(listing(&stack), "a->t t/ t/x=1");
    let hidden = flatten_tars(&stack.tars(), LowerLinks::Hidden);
    assert_eq!(hidden[&b"a"[..]].kind, Kind::Dir);
    assert!(hidden.contains_key(&b"a/x"[..]) && !hidden.contains_key(&b"t/x"[..]));
}

#[test]
fn links_share_the_file() {
    let stack = image()
        .layer(|l| l.file("a", b"1").hardlink("b", "a").hardlink("c", "b"))
        .layer(|l| l.file("a", b"new"));
    let tree = tree(&stack);
    assert_eq!(listing(&stack), "a=new b=1 c=1");
    assert_eq!(tree[&b"b"[..]].names, [b"b", b"c"]);
    let left = without(&tree, &["b"]);
    assert!(left[&b"c"[..]].names.is_empty());
}

#[test]
fn every_dialect_says_the_same() {
    let long = format!("{}/{}", "d".repeat(90), "f".repeat(95));
    let entry = |dialect| Entry::file(&long, b"content").owner(7, 8).dialect(dialect);
    let expected = tree(&image().layer(|l| l.add(entry(Dialect::Pax))));
    for dialect in [Dialect::Ustar, Dialect::Gnu] {
        assert_same(&tree(&image().layer(|l| l.add(entry(dialect)))), &expected);
    }
    let short = |dialect, sum| Entry::file("\u{e9}", b"1").dialect(dialect).checksum(sum);
    let expected = tree(&image().layer(|l| l.add(short(Dialect::Pax, Checksum::Usual))));
    for sum in [Checksum::Signed, Checksum::Spaces] {
        let v7 = short(Dialect::V7, sum);
        assert_same(&tree(&image().layer(|l| l.add(v7))), &expected);
    }
}

#[test]
fn every_sparse_form_says_the_same() {
    let fragments: Vec<(u64, &[u8])> = (0..30).map(|n| (n * 2048, &b"fragment"[..])).collect();
    let content = sparse::expanded(65_536, &fragments);
    let expected = tree(&image().layer(|l| l.file("s", &content)));
    let forms = [
        sparse::gnu("s", 65_536, &fragments),
        sparse::pax_0_0("s", 65_536, &fragments).bytes(),
        sparse::pax_0_1("s", 65_536, &fragments).bytes(),
        sparse::pax_1_0("s", 65_536, &fragments).bytes(),
    ];
    for (form, bytes) in forms.iter().enumerate() {
        let sparse = tree(&image().layer(|l| l.raw(bytes)));
        assert!(differences(&sparse, &expected).is_empty(), "form {form}");
    }
}

#[test]
fn records_override_fields_and_the_last_one_counts() {
    let entry = Entry::file("short", b"1")
        .record("path", "real")
        .record("path", "a\nb")
        .record("mtime", "-1.5")
        .patch(108, base256(-7, 8));
    let global = pax(b'g', &[(b"gid".to_vec(), b"5".to_vec())]);
    let tree = tree(&image().layer(|l| l.raw(global).add(entry)));
    let node = &tree[&b"a\nb"[..]];
    // Global records hold for nothing: see the parser.
    assert_eq!((node.uid, node.gid), (-7, 0));
    assert_eq!(node.mtime, Some((-2, 500_000_000)));
}

#[test]
fn several_platforms() {
    let dir = scratch();
    let one = |architecture, content| {
        image()
            .platform("linux", architecture)
            .layer(|l: Layer| l.file("a", content))
    };
    let index = index()
        .image(one("amd64", b"1"))
        .image(one("arm64", b"2"))
        .attested()
        .nested();
    let trees = flatten_all(&index.write(dir.path()));
    let platforms: Vec<&String> = trees.keys().collect();
    assert_eq!(platforms, ["linux/amd64", "linux/arm64"]);
    assert_eq!(
        trees["linux/arm64"][&b"a"[..]].kind,
        Kind::File(b"2".to_vec())
    );
}

#[test]
fn a_difference_is_told() {
    let one = tree(&image().layer(|l| l.file("a", b"1").file("b", b"")));
    let other = tree(&image().layer(|l| l.file("a", b"2").file("c", b"")));
    let text = differences(&one, &other);
    let start = |word: &str| {
        text.lines()
            .filter(|line| line.trim().starts_with(word))
            .count()
    };
    assert_eq!(
        (start("missing"), start("extra"), start("changed")),
        (1, 1, 1),
        "{text}"
    );
}

#[test]
fn random_stacks_hold_what_they_are_for() {
    let mut runner = TestRunner::deterministic();
    let (mut layers, mut links, mut markers, mut hidden, mut through) = (0, 0, 0, 0, 0);
    for _ in 0..200 {
        let image = stacks().new_tree(&mut runner).unwrap().current();
        let dir = scratch();
        let tree = flatten(&image.write(dir.path()));
        links += usize::from(tree.values().any(|node| !node.names.is_empty()));
        let items: Vec<_> = image
            .tars()
            .iter()
            .flat_map(|tar| crate::support::flatten::parse(tar))
            .collect();
        layers += image.tars().len();
        markers += items
            .iter()
            .filter(|i| crate::support::flatten::deletion(&i.name).is_some())
            .count();
        let files = items.iter().filter(|item| item.typeflag == b'0').count();
        let seen = tree
            .values()
            .filter(|node| matches!(node.kind, Kind::File(_)))
            .count();
        hidden += files.saturating_sub(seen);
        through += items
            .iter()
            .filter(|item| crate::support::flatten::deletion(&item.name).is_none())
            .filter(|item| !tree.contains_key(&item.name))
            .count();
    }
    assert!(
        layers > 400 && links > 60 && markers > 50 && hidden > 100 && through > 100,
        "{layers} layers, {links} with links, {markers} markers, {hidden} hidden, {through} by another name"
    );
}
