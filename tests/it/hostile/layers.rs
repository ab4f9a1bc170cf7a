//! Layers that no runtime would unpack, or that would lead one out of the image's root.

use super::{Arena, assert_refused};
use crate::support::codec::Codec;
use crate::support::entry::{Checksum, Dialect, Entry, base256, pax, raw_pax};
use crate::support::image::image;
use crate::support::layer::{End, Layer};
use crate::support::layout::layer_digests;
use crate::support::sparse;

/// Puts each layer on top of a good one; each is refused with its digest and what stands beside it.
#[track_caller]
fn refuse(cases: &[(&str, &str, Layer)]) {
    for (what, entry, layer) in cases {
        let arena = Arena::new();
        let good = image().layer(|l| l.dir("etc").file("etc/passwd", b"root").dir("d"));
        good.add(layer.clone().codec(Codec::gzip(6)))
            .write(&arena.image());
        let digest = &layer_digests(&arena.image())[1];
        assert_refused(what, &arena, &[digest, entry]);
    }
}

fn with(entry: Entry) -> Layer {
    Layer::new().file("before", b"1").add(entry)
}

/// A layer that ends after these bytes, without zero blocks.
fn cut(bytes: &[u8]) -> Layer {
    Layer::new()
        .file("before", b"1")
        .raw(bytes)
        .end(End::Raw(Vec::new()))
}

#[test]
fn whiteouts_of_nothing() {
    refuse(&[
        (
            "an empty name",
            "etc/.wh.",
            Layer::new().file("etc/.wh.", b""),
        ),
        ("a dot", "etc/.wh..", Layer::new().file("etc/.wh..", b"")),
        (
            "two dots",
            "etc/.wh...",
            Layer::new().file("etc/.wh...", b""),
        ),
        (
            "an empty name in the root",
            ".wh.",
            Layer::new().file(".wh.", b""),
        ),
    ]);
}

#[test]
fn names_that_lead_out() {
    refuse(&[
        ("dots first", "../evil", Layer::new().file("../evil", b"1")),
        (
            "dots later",
            "a/../../evil",
            Layer::new().file("a/../../evil", b"1"),
        ),
        ("a directory", "../../evil", Layer::new().dir("../../evil")),
        (
            "a whiteout",
            "../.wh.evil",
            Layer::new().file("../.wh.evil", b""),
        ),
        (
            "a long name",
            "../evil",
            with(Entry::file("x", b"1").record("path", "../evil")),
        ),
        (
            "NUL in a name",
            "",
            with(Entry::file("x", b"1").record("path", "a\0b")),
        ),
    ]);
}

#[test]
fn hard_links_to_what_cannot_be() {
    refuse(&[
        ("to itself", "a", Layer::new().hardlink("a", "a")),
        (
            "to itself, once made",
            "a",
            Layer::new().file("a", b"1").hardlink("a", "./a"),
        ),
        (
            "to nothing",
            "link",
            Layer::new().hardlink("link", "nothing"),
        ),
        (
            "to a directory",
            "link",
            Layer::new().hardlink("link", "etc"),
        ),
        (
            "to a new directory",
            "link",
            Layer::new().dir("new").hardlink("link", "new"),
        ),
        ("to the root", "link", Layer::new().hardlink("link", ".")),
        (
            "out of the root",
            "link",
            Layer::new().hardlink("link", "../victim/hello"),
        ),
        (
            "to what comes later",
            "link",
            Layer::new().hardlink("link", "late").file("late", b"1"),
        ),
        (
            "to what it deletes",
            "link",
            Layer::new()
                .whiteout("etc/passwd")
                .hardlink("link", "etc/passwd"),
        ),
        (
            "to an empty name",
            "link",
            Layer::new().hardlink("link", ""),
        ),
        (
            "in place of its target's directory",
            "etc",
            Layer::new().hardlink("etc", "etc/passwd"),
        ),
    ]);
}

#[test]
fn the_root_is_a_directory_and_stays_one() {
    refuse(&[
        (
            "a symlink (CVE-2021-29136)",
            "",
            Layer::new()
                .symlink(".", "../victim")
                .file("hello", b"evil"),
        ),
        (
            "a symlink by a slash",
            "",
            Layer::new().symlink("/", "/victim"),
        ),
        (
            "a file",
            "",
            Layer::new()
                .file("./", b"1")
                .raw(Entry::file("d/..", b"1").bytes()),
        ),
        ("a FIFO", "", with(Entry::fifo("."))),
        ("a hard link", "", Layer::new().hardlink(".", "etc/passwd")),
    ]);
}

#[test]
fn links_without_end_in_the_way() {
    refuse(&[
        (
            "two links",
            "a/x",
            Layer::new()
                .symlink("a", "b")
                .symlink("b", "a")
                .file("a/x", b"1"),
        ),
        (
            "one link",
            "a/x",
            Layer::new().symlink("a", "a").file("a/x", b"1"),
        ),
        (
            "a link under itself",
            "a/x",
            Layer::new().symlink("a", "a/b").file("a/x", b"1"),
        ),
    ]);
}

#[test]
fn a_link_that_leads_out_is_followed_inside_the_root_only() {
    let layers = [
        Layer::new()
            .symlink("out", "../../../../victim")
            .file("out/hello", b"evil"),
        Layer::new()
            .symlink("out", "/victim")
            .file("out/hello", b"evil"),
        Layer::new()
            .symlink("out", "/victim")
            .file("safe", b"1")
            .hardlink("out/hello", "safe"),
        Layer::new().symlink("out", "/victim").whiteout("out/hello"),
        Layer::new().symlink("out", "/victim").opaque("out"),
        Layer::new()
            .symlink("out", "/victim")
            .add(Entry::dir("out").mode(0o777)),
    ];
    for (number, layer) in layers.into_iter().enumerate() {
        let arena = Arena::new();
        image()
            .layer(|l| l.file("a", b"1"))
            .add(layer)
            .write(&arena.image());
        let before = arena.listing();
        let run = arena.shrink("squash");
        assert!(matches!(run.code, Some(0 | 1)), "{number}: {run:?}");
        let mut after = arena.listing();
        after.retain(|path, _| !path.starts_with(arena.dir.path().join("out/slim")));
        assert_eq!(after, before, "{number}");
    }
}

#[test]
fn streams_that_end_too_soon() {
    let file = Entry::file("file", vec![b'f'; 2000]).bytes();
    let long = Entry::file("n".repeat(300), b"1").bytes();
    let sparse = sparse::gnu(
        "sparse",
        1 << 20,
        &[
            (0, b"1"),
            (4096, b"2"),
            (8192, b"3"),
            (12_288, b"4"),
            (16_384, b"5"),
        ],
    );
    refuse(&[
        ("in a header", "", cut(&file[..100])),
        ("in a body", "", cut(&file[..1000])),
        ("a byte before the padding", "", cut(&file[..2511])),
        ("before a body", "", cut(&file[..512])),
        ("in a PAX header", "", cut(&long[..600])),
        ("after a PAX header", "", cut(&long[..1024])),
        ("in a sparse map", "", cut(&sparse[..700])),
        (
            "a size of 8 GiB",
            "",
            cut(&Entry::file("file", b"1").claimed(0o77_777_777_777).bytes()),
        ),
        (
            "a size beyond all",
            "",
            cut(&Entry::file("file", b"1")
                .patch(124, base256(i64::MAX, 12))
                .bytes()),
        ),
    ]);
}

#[test]
fn headers_that_make_no_sense() {
    refuse(&[
        (
            "a wrong checksum",
            "",
            with(Entry::file("file", b"1").checksum(Checksum::Wrong)),
        ),
        (
            "a negative size",
            "file",
            with(Entry::file("file", b"").patch(124, base256(-512, 12))),
        ),
        (
            "a size of letters",
            "",
            with(Entry::file("file", b"1").patch(124, "0000000zz1\0")),
        ),
        (
            "a mode of letters",
            "",
            with(Entry::file("file", b"1").patch(100, "whatever")),
        ),
        ("a name of nothing", "", with(Entry::file("", b"1"))),
    ]);
}

#[test]
fn records_that_make_no_sense() {
    let after = |body: &[u8]| Layer::new().raw(raw_pax(b'x', body)).file("file", b"1");
    let record = |key, value| with(Entry::file("file", b"1").record(key, value));
    refuse(&[
        ("no length", "", after(b"path=evil\n")),
        ("a length of nothing", "", after(b"0 path=evil\n")),
        ("a length beyond the end", "", after(b"99 path=evil\n")),
        (
            "a length beyond all",
            "",
            after(b"99999999999999999999999 path=evil\n"),
        ),
        (
            "a length inside its own digits",
            "",
            after(b"2 path=evil\n"),
        ),
        ("no newline", "", after(b"11 path=evil")),
        ("no equals sign", "", after(b"9 pathxx\n")),
        ("no key", "", after(b"8 =evil\n")),
        ("a negative length", "", after(b"-5 path=evil\n")),
        ("a size of letters", "", record("size", "many")),
        ("a negative size", "", record("size", "-1")),
        (
            "a size beyond the stream (RUSTSEC-2026-0068)",
            "",
            record("size", "99999999"),
        ),
        (
            "a size beyond all",
            "",
            record("size", "18446744073709551616"),
        ),
        ("a time of letters", "", record("mtime", "yesterday")),
        ("an owner of letters", "", record("uid", "root")),
    ]);
}

#[test]
fn a_header_that_claims_gigabytes() {
    // CVE-2022-2879: extension headers are held in memory, so their size is bounded.
    let claim = |typeflag| {
        Entry::new(typeflag, "PaxHeaders.0/x")
            .claimed(4 << 30)
            .dialect(Dialect::Gnu)
    };
    refuse(&[
        ("PAX", "", cut(&claim(b'x').bytes())),
        ("global PAX", "", cut(&claim(b'g').bytes())),
        ("a long name", "", cut(&claim(b'L').bytes())),
        ("a long link", "", cut(&claim(b'K').bytes())),
        (
            "a PAX header that is really so long",
            "",
            Layer::new()
                .raw(raw_pax(b'x', &vec![b' '; 40 << 20]))
                .file("f", b""),
        ),
    ]);
}

#[test]
fn sparse_maps_that_make_no_sense() {
    let old = |map: &str, size: &str| {
        with(
            Entry::file("s", b"12345")
                .record("GNU.sparse.size", size)
                .record("GNU.sparse.numblocks", "1")
                .record("GNU.sparse.map", map),
        )
    };
    let packed = |map: &[u8]| {
        let body = crate::support::entry::padded(map);
        with(
            Entry::file("GNUSparseFile.0/s", body)
                .record("GNU.sparse.major", "1")
                .record("GNU.sparse.minor", "0")
                .record("GNU.sparse.name", "s")
                .record("GNU.sparse.realsize", "10"),
        )
    };
    let gnu = |field: &str| {
        with(
            Entry::file("s", b"12345")
                .dialect(Dialect::Gnu)
                .patch(156, b"S")
                .patch(386, field)
                .patch(483, "00000000012\0"),
        )
    };
    refuse(&[
        ("beyond the file's end", "s", old("6,5", "10")),
        ("overlapping", "s", old("0,3,2,2", "10")),
        ("out of order", "s", old("5,3,0,2", "10")),
        ("fewer bytes than stored", "s", old("0,3", "10")),
        ("more bytes than stored", "s", old("0,9", "10")),
        ("an odd count", "s", old("0,5,7", "10")),
        ("a negative offset", "s", old("-1,5", "10")),
        (
            "an end beyond all",
            "s",
            old("18446744073709551615,5", "18446744073709551615"),
        ),
        ("a size of letters", "", old("0,5", "ten")),
        ("a negative size", "s", old("0,5", "-10")),
        (
            "a count of thousands of millions (CVE-2025-58183)",
            "s",
            packed(b"999999999999\n0\n"),
        ),
        ("a count of letters", "s", packed(b"many\n")),
        ("a map without an end", "s", packed(&[b'1'; 512])),
        (
            "a GNU fragment beyond the end",
            "s",
            gnu("00000000077\x0000000000005\0"),
        ),
        (
            "a GNU map that covers too little",
            "s",
            gnu("00000000000\x0000000000002\0"),
        ),
    ]);
}

#[test]
fn a_record_does_not_smuggle_entries() {
    // CVE-2025-62518: the size of a record overrides the header's, so what is in the body stays in the body.
    let inner = Layer::new().file("smuggled", b"evil").tar();
    let outer = Entry::file("outer", &inner)
        .claimed(0)
        .record("size", inner.len().to_string());
    let nonzero = Entry::file("other", &inner)
        .claimed(512)
        .record("size", inner.len().to_string());
    let stack = image().layer(|l| {
        l.add(outer)
            .add(nonzero)
            .raw(pax(b'g', &[]))
            .file("last", b"1")
    });
    let arena = Arena::new();
    stack.write(&arena.image());
    let slim = crate::support::program::shrink(
        &arena.image(),
        arena.dir.path(),
        "after",
        &["--layers", "squash"],
    );
    let tree = crate::support::flatten::flatten(&slim.layout);
    assert!(!tree.contains_key(&b"smuggled"[..]));
    assert_eq!(
        tree[&b"outer"[..]].kind,
        crate::support::flatten::Kind::File(inner)
    );
    assert!(tree.contains_key(&b"last"[..]));
}
