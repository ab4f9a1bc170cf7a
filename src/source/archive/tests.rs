//! Archives as programs write them, and worse ones.

use std::fs;

use tar::Builder;

use super::*;

fn index(bytes: &[u8]) -> Result<Archive> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.tar");
    fs::write(&path, bytes).unwrap();
    Archive::index(
        Blob::whole(fs::File::open(&path).unwrap(), path).unwrap(),
        "a.tar",
    )
}

fn header(kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

fn tar(fill: impl FnOnce(&mut Builder<Vec<u8>>)) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    fill(&mut builder);
    builder.into_inner().unwrap()
}

fn file(builder: &mut Builder<Vec<u8>>, name: &str, content: &str) {
    builder
        .append_data(
            &mut header(EntryType::Regular, content.len() as u64),
            name,
            content.as_bytes(),
        )
        .unwrap();
}

fn link(builder: &mut Builder<Vec<u8>>, kind: EntryType, name: &str, target: &str) {
    builder
        .append_link(&mut header(kind, 0), name, target)
        .unwrap();
}

#[test]
fn members_are_found_through_links_inside() {
    let long = "long/".repeat(60) + "name";
    let bytes = tar(|builder| {
        file(builder, "./a/layer.tar", "abc");
        link(builder, EntryType::Symlink, "b/layer.tar", "../a/layer.tar");
        link(builder, EntryType::Link, "c/layer.tar", "b/layer.tar");
        builder
            .append_pax_extensions([("path", b"pax\nname".as_slice()), ("size", b"3")])
            .unwrap();
        builder
            .append(&header(EntryType::Regular, 0), &b"xyz"[..])
            .unwrap();
        file(builder, &long, "long");
        link(builder, EntryType::Symlink, "out", "/etc/passwd");
        link(builder, EntryType::Symlink, "up", "../../etc/passwd");
        link(builder, EntryType::Symlink, "loop", "pool");
        link(builder, EntryType::Symlink, "pool", "loop");
        link(builder, EntryType::Symlink, "dangling", "nowhere");
        builder
            .append_data(&mut header(EntryType::Directory, 0), "dir", &b""[..])
            .unwrap();
    });
    let archive = index(&bytes).unwrap();
    for (name, content) in [
        ("a/layer.tar", "abc"),
        ("b/layer.tar", "abc"),
        ("c/layer.tar", "abc"),
        ("pax\nname", "xyz"),
        (&long, "long"),
        ("./a//layer.tar", "abc"),
    ] {
        assert_eq!(
            archive.find(name).unwrap().unwrap().read_all().unwrap(),
            content.as_bytes(),
            "{name}"
        );
    }
    for name in ["missing", "dangling", "../a/layer.tar", "/etc/passwd"] {
        assert!(archive.find(name).unwrap().is_none(), "{name}");
    }
    for (name, fault) in [
        ("out", "leads out"),
        ("up", "leads out"),
        ("loop", "does not end"),
        ("dir", "not a regular file"),
    ] {
        assert!(archive.find(name).unwrap_err().contains(fault), "{name}");
    }
}

#[test]
fn an_archive_may_end_as_tars_do() {
    let bytes = tar(|builder| file(builder, "a", "abc"));
    assert_eq!(bytes.len(), 2048);
    for end in [515, 1024, 1536, 2048] {
        assert!(index(&bytes[..end]).unwrap().contains("a"), "{end}");
    }
    assert!(
        index(&[&bytes[..], b"junk"].concat())
            .unwrap()
            .contains("a")
    );
}

#[test]
fn bad_archives_are_refused() {
    let good = tar(|builder| file(builder, "a", "abc"));
    let mut sum = good.clone();
    sum[0] = b'b';
    let raw = |kind: u8, size: u64, content: &[u8]| {
        let bytes = [header(EntryType::new(kind), size).as_bytes(), content].concat();
        [
            bytes,
            vec![0; content.len().next_multiple_of(512) - content.len()],
        ]
        .concat()
    };
    for (bytes, fault) in [
        (
            b"plain text, no tar at all".to_vec(),
            "the archive ends inside a header",
        ),
        (
            vec![b'x'; 1024],
            "`the archive` in `a.tar`: not a tar header",
        ),
        (sum, "not a tar header"),
        (good[..514].to_vec(), "ends inside this member"),
        (good[..300].to_vec(), "ends inside a header"),
        (raw(b'0', u64::MAX, b""), "ends inside this member"),
        (raw(b'L', 1 << 30, b""), "ends inside this member"),
        (
            raw(b'L', 2 << 20, &vec![b'x'; 2 << 20]),
            "bytes of extension records",
        ),
        (raw(b'x', 6, b"9 a=b\n"), "PAX record is malformed"),
        (raw(b'x', 10, b"10 size=x\n"), "no number"),
        (raw(b'x', 22, b"22 GNU.sparse.major=1\n"), "sparse"),
        (raw(b'S', 0, b""), "sparse"),
        (
            tar(|builder| (0..2).for_each(|_| file(builder, "index.json", "{}"))),
            "twice",
        ),
        (
            [raw(b'x', 13, b"13 path=../a\n"), good.clone()].concat(),
            "leads out of the image's root",
        ),
    ] {
        let said = index(&bytes).unwrap_err().to_string();
        assert!(said.contains(fault), "{fault}: {said}");
    }
}
