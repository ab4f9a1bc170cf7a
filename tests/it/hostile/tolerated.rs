//! What some runtimes refuse and others read: either is right here, a panic or a trace outside DEST is not.

use serde_json::{Value, json};

use super::Arena;
use crate::support::entry::{Entry, raw_pax};
use crate::support::flatten::images;
use crate::support::image::image;
use crate::support::layer::{End, Layer};
use crate::support::layout::{amend_config, config};

#[test]
fn what_runtimes_disagree_about() {
    let extension = raw_pax(b'x', b"9 path=a\n");
    let cases = [
        (
            "a file as a parent, in one layer",
            Layer::new().file("f", b"1").file("f/x", b"2"),
        ),
        (
            "a file as a parent, from below",
            Layer::new().file("base/x", b"2"),
        ),
        (
            "a device as a parent",
            Layer::new()
                .add(Entry::char_device("d", 1, 3))
                .file("d/x", b"2"),
        ),
        (
            "an unknown typeflag",
            Layer::new().add(Entry::new(b'V', "volume")),
        ),
        (
            "a contiguous file",
            Layer::new().add(Entry {
                typeflag: b'7',
                ..Entry::file("c", b"1")
            }),
        ),
        (
            "a file whose name ends with a slash",
            Layer::new().file("f/", b""),
        ),
        (
            "an extension header that nothing follows",
            Layer::new().raw(&extension),
        ),
        (
            "two extension headers",
            Layer::new().raw(&extension).raw(&extension).file("b", b"1"),
        ),
        (
            "a whiteout with a body",
            Layer::new().file(".wh.base", b"content"),
        ),
        (
            "a whiteout that is a directory",
            Layer::new().dir(".wh.base"),
        ),
        (
            "a hard link with a body",
            Layer::new().add(Entry {
                body: b"x".to_vec(),
                ..Entry::hardlink("h", "base")
            }),
        ),
        (
            "a directory with a size",
            Layer::new()
                .add(Entry::dir("d").claimed(512))
                .file("e", b"1"),
        ),
        (
            "no end",
            Layer::new().file("a", b"1").end(End::Raw(Vec::new())),
        ),
        (
            "junk after the end",
            Layer::new()
                .file("a", b"1")
                .end(End::Raw([vec![0; 1024], vec![7; 700]].concat())),
        ),
        ("no tar at all", Layer::new().end(End::Raw(Vec::new()))),
        (
            "a dangling link in the way",
            Layer::new().symlink("l", "nowhere").file("l/x", b"1"),
        ),
        (
            "an xattr without a name",
            Layer::new().add(Entry::file("f", b"1").record("SCHILY.xattr.", "1")),
        ),
        (
            "a PAX record with an empty value",
            Layer::new().add(Entry::file("f", b"1").record("path", "")),
        ),
        (
            "aufs metadata",
            Layer::new().dir(".wh..wh.plnk").file(".wh..wh.aufs", b""),
        ),
    ];
    for (what, layer) in cases {
        let arena = Arena::new();
        image()
            .layer(|l| l.file("base", b"1"))
            .add(layer)
            .write(&arena.image());
        let before = arena.listing();
        let run = arena.shrink("squash");
        match run.code {
            Some(0) => drop(images(&arena.dir.path().join("out/slim"))),
            Some(1) => assert_eq!(arena.listing(), before, "{what}: {run:?}"),
            _ => panic!("{what}: {run:?}"),
        }
    }
}

#[test]
fn a_history_that_does_not_pair_with_the_layers() {
    let too_few = |config: &mut Value| {
        config["history"].as_array_mut().unwrap().remove(0);
    };
    let too_many = |config: &mut Value| {
        let history = config["history"].as_array_mut().unwrap();
        history.push(json!({"created_by": "x"}));
    };
    for bend in [too_few, too_many] {
        let arena = Arena::new();
        let stack = image()
            .layer(|l| l.file("a", b"1"))
            .layer(|l| l.file("b", b"2"));
        stack.write(&arena.image());
        amend_config(&arena.image(), bend);
        let history = config(&arena.image())["history"].take();
        let run = arena.shrink("keep");
        match run.code {
            Some(0) => {
                let after = config(&arena.dir.path().join("out/slim"));
                assert_eq!(after["history"], history);
            }
            Some(1) => {}
            _ => panic!("{run:?}"),
        }
    }
}
