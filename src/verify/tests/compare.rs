//! Two images compared from their layers alone.

use super::stack::{self, Tar};
use crate::error::Error;
use crate::layer::{Claim, Kind};
use crate::source::Blob;
use crate::verify::{Checked, Comparison, Depth, Field, Sight, Totals, compare, look};

fn layers(tars: &[Tar]) -> Vec<(Blob, Claim)> {
    let bytes = tars.iter().map(Tar::bytes);
    bytes
        .map(|bytes| stack::layer(&stack::gzip(&bytes), &bytes))
        .collect()
}

fn sight(tars: &[Tar]) -> Sight {
    look(&[layers(tars)], Depth::Contents).unwrap().remove(0)
}

fn compared(before: &[Tar], after: &[Tar]) -> Comparison {
    compare(&sight(before), &sight(after)).unwrap()
}

/// The changed paths with their fields.
fn changed(comparison: &Comparison) -> Vec<(&str, &[Field])> {
    let rows = comparison.changed.iter();
    rows.map(|row| {
        (
            std::str::from_utf8(&row.before.path).unwrap(),
            &row.fields[..],
        )
    })
    .collect()
}

#[test]
fn one_content_in_other_layers_is_the_same() {
    let first = Tar::new()
        .dir("d")
        .file("d/a", b"old")
        .file("d/b", b"b")
        .link("d/c", "d/b");
    let second = Tar::new().file("d/a", b"new").whiteout("d/missing");
    let squashed = Tar::new()
        .dir("d")
        .file("d/c", b"b")
        .link("d/b", "d/c")
        .file("d/a", b"new");
    assert!(compared(&[first, second], &[squashed]).is_empty());
}

#[test]
fn differences_are_listed_by_path() {
    let before = Tar::new()
        .dir("d")
        .file("d/z", b"going")
        .file("d/a", b"going too")
        .link("d/b", "d/a")
        .link("kept", "d/a")
        .file("same size", b"1")
        .file("mode", b"")
        .file("type", b"")
        .file("p", b"x")
        .link("q", "p");
    let after = Tar::new()
        .file("kept", b"going too")
        .file("more", b"12345")
        .link("again", "more")
        .file("same size", b"2")
        .mode(0o4755)
        .file("mode", b"")
        .symlink("type", "mode")
        .file("p", b"x")
        .file("q", b"x");
    let comparison = compared(&[before], &[after]);
    let paths = |rows: &[crate::verify::Row]| -> Vec<String> {
        rows.iter()
            .map(|row| String::from_utf8(row.path.clone()).unwrap())
            .collect()
    };
    assert_eq!(paths(&comparison.removed), ["d", "d/a", "d/b", "d/z"]);
    assert_eq!(paths(&comparison.added), ["again", "more"]);
    // The bytes of `d/a` have a name still.
    assert_eq!((comparison.removed_bytes, comparison.added_bytes), (5, 5));
    assert_eq!(
        changed(&comparison),
        [
            ("mode", &[Field::Mode][..]),
            ("q", &[Field::Links]),
            ("same size", &[Field::Content]),
            (
                "type",
                &[Field::Kind, Field::Mode, Field::Target, Field::Content]
            ),
        ]
    );
    assert_eq!(
        comparison.before,
        Totals {
            paths: 11,
            files: 6,
            bytes: 16
        }
    );
    assert_eq!(
        comparison.after,
        Totals {
            paths: 9,
            files: 6,
            bytes: 17
        }
    );
    assert_eq!(comparison.removed[0].kind, Kind::Dir);
}

#[test]
fn sparse_files_are_compared_by_what_they_hold() {
    let mut whole = vec![0; 9000];
    whole[4096..4099].copy_from_slice(b"abc");
    let dense = Tar::new().file("f", &whole);
    let map = |map: &str, stored: &[u8]| {
        Tar::new()
            .record("GNU.sparse.map", map.as_bytes())
            .record("GNU.sparse.size", b"9000")
            .file("f", stored)
    };
    let pairs = |stored: &[u8]| {
        let tar = Tar::new()
            .record("GNU.sparse.size", b"9000")
            .record("GNU.sparse.numblocks", b"1");
        tar.record("GNU.sparse.offset", b"4096")
            .record("GNU.sparse.numbytes", b"3")
            .file("f", stored)
    };
    let stored_map = |map: &[u8], stored: &[u8]| {
        let mut content = map.to_vec();
        content.resize(512, 0);
        content.extend_from_slice(stored);
        let tar = Tar::new()
            .record("GNU.sparse.major", b"1")
            .record("GNU.sparse.minor", b"0");
        tar.record("GNU.sparse.realsize", b"9000")
            .record("GNU.sparse.name", b"f")
            .file("GNUSparseFile.0/f", &content)
    };
    for same in [
        map("4096,3", b"abc"),
        map("4095,4", b"\0abc"),
        map("0,0,4096,1,4097,2,9000,0", b"abc"),
        pairs(b"abc"),
        stored_map(b"1\n4096\n3\n", b"abc"),
        stored_map(b"2\n4096\n1\n4097\n2\n", b"abc"),
    ] {
        assert!(compared(std::slice::from_ref(&dense), &[same]).is_empty());
    }
    for other in [
        map("4097,3", b"abc"),
        map("4096,3", b"abd"),
        pairs(b"abd"),
        stored_map(b"1\n4098\n3\n", b"abc"),
        stored_map(b"1\n4096\n3\n", b"abd"),
    ] {
        assert_eq!(
            changed(&compared(std::slice::from_ref(&dense), &[other])),
            [("f", &[Field::Content][..])]
        );
    }
    for bad in [
        stored_map(b"1\n8998\n3\n", b"abc"),
        stored_map(b"9999999\n1\n1\n", b""),
        stored_map(b"1\n0\n4\n", b"abc"),
    ] {
        let refused = look(&[layers(&[bad])], Depth::Contents);
        assert!(matches!(refused, Err(Error::Entry { entry, .. }) if entry == "f"));
    }
}

#[test]
fn directories_that_nothing_describes_may_be_described_as_they_are() {
    let implied = Tar::new().file("a/b", b"");
    let described = |tar: Tar| {
        compared(
            std::slice::from_ref(&implied),
            &[tar.dir("a").file("a/b", b"")],
        )
    };
    assert!(described(Tar::new()).is_empty());
    assert_eq!(
        changed(&described(Tar::new().mode(0o700))),
        [("a", &[Field::Mode][..])]
    );
    let lost = compared(&[Tar::new().dir("a").file("a/b", b"")], &[implied]);
    assert_eq!(changed(&lost), [("a", &[Field::Described][..])]);
}

#[test]
fn images_are_verified_to_the_last_byte() {
    let tars = [
        Tar::new().dir("d").file("d/a", b"12"),
        Tar::new().whiteout("d/a").file("d/b", b""),
    ];
    let checked = look(&[layers(&tars)], Depth::Entries).unwrap()[0]
        .checked()
        .unwrap();
    let stored: u64 = layers(&tars).iter().map(|(blob, _)| blob.len()).sum();
    let inflated: usize = tars.iter().map(|tar| tar.bytes().len()).sum();
    assert_eq!(
        checked,
        Checked {
            layers: 2,
            stored,
            inflated: inflated as u64,
            entries: 4,
            paths: 3,
            warnings: Vec::new()
        }
    );
    // The second image names the first layer and holds another blob, of the same size.
    let good = layers(&tars);
    let mut damaged = layers(&tars);
    let mut bytes = damaged[0].0.read_all().unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    damaged[0].0 = stack::blob(&bytes);
    let refused = look(&[good, damaged], Depth::Entries);
    assert!(
        matches!(refused, Err(Error::Blob { fault, .. }) if fault.contains("its content has digest"))
    );
    let dangling = look(&[layers(&[Tar::new().link("a", "b")])], Depth::Entries).unwrap();
    assert!(matches!(dangling[0].checked(), Err(Error::Entry { entry, .. }) if entry == "a"));
}
