//! What a layer can carry besides plain files, each through `keep` and `squash`.
//!
//! Every image also loses a file that an upper layer deletes, so that its layers are written anew.

use crate::support::compare::assert_same;
use crate::support::entry::{Dialect, Entry};
use crate::support::flatten::{Kind, Tree, flatten};
use crate::support::image::image;
use crate::support::layer::{End, Layer};
use crate::support::program::{scratch, shrink};
use crate::support::sparse;

/// Puts `special` beside a file that goes, shrinks in both ways and returns what is there at the end, the same each time.
fn through_keep_and_squash(
    special: impl FnOnce(Layer) -> Layer,
    on_top: fn(Layer) -> Layer,
) -> Tree {
    let padding = vec![b'p'; 4096];
    let image = image()
        .layer(|layer| special(layer.file("gone", padding)))
        .layer(|layer| on_top(layer.whiteout("gone").file("top", b"")));
    let dir = scratch();
    let before = image.write(&dir.path().join("before"));
    let source = flatten(&before);
    for layers in ["keep", "squash"] {
        let arguments = ["--disable", "*", "--layers", layers];
        let slim = shrink(&before, dir.path(), layers, &arguments);
        assert_same(&flatten(&slim.layout), &source);
        assert!(!stores(&slim.layout, "gone"), "rewritten by {layers}");
    }
    source
}

/// Whether any layer of the result still names `path`.
fn stores(layout: &std::path::Path, path: &str) -> bool {
    let layers = crate::support::flatten::images(layout);
    layers
        .values()
        .flat_map(|layers| &layers.tars)
        .flat_map(|tar| crate::support::flatten::parse(tar))
        .any(|item| item.name == path.as_bytes())
}

fn as_it_is(layer: Layer) -> Layer {
    layer
}

#[test]
fn a_file_capability() {
    // cap_net_bind_service+ep: bytes that hold NUL and newline (bit 10), little-endian.
    let capability = [
        1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b'\n',
    ];
    let file = Entry::file("ping", b"binary").xattr("security.capability", capability);
    let tree = through_keep_and_squash(|layer| layer.add(file), as_it_is);
    assert_eq!(
        tree[&b"ping"[..]].xattrs[&b"security.capability"[..]],
        capability
    );
}

#[test]
fn a_setuid_bit() {
    let su = Entry::file("su", b"binary").mode(0o4755);
    let spool = Entry::dir("tmp").mode(0o1777);
    let tree = through_keep_and_squash(|layer| layer.add(su).add(spool), as_it_is);
    assert_eq!(
        (tree[&b"su"[..]].mode, tree[&b"tmp"[..]].mode),
        (0o4755, 0o1777)
    );
}

#[test]
fn an_xattr_with_a_newline() {
    let value = b"first\n22 linkpath=/etc/evil\nsize=0\n";
    let file = Entry::file("f", b"content").xattr("user.note", value);
    let tree = through_keep_and_squash(|layer| layer.add(file), as_it_is);
    assert_eq!(tree[&b"f"[..]].xattrs[&b"user.note"[..]], value);
    assert_eq!(tree[&b"f"[..]].kind, Kind::File(b"content".to_vec()));
}

#[test]
fn a_path_of_400_characters() {
    let path = [
        "x".repeat(99),
        "y".repeat(99),
        "z".repeat(99),
        "w".repeat(100),
    ]
    .join("/");
    for dialect in [Dialect::Pax, Dialect::Gnu] {
        let file = Entry::file(&path, b"deep").dialect(dialect);
        let link = Entry::symlink("link", &path).dialect(dialect);
        let tree = through_keep_and_squash(|layer| layer.add(file).add(link), as_it_is);
        assert_eq!(path.len(), 400);
        assert_eq!(tree[path.as_bytes()].kind, Kind::File(b"deep".to_vec()));
        assert_eq!(tree[&b"link"[..]].kind, Kind::Symlink(path.clone().into()));
    }
}

#[test]
fn a_name_that_is_no_utf_8() {
    let name = b"caf\xe9/\xff\xfe\n";
    let tree = through_keep_and_squash(|layer| layer.file(name, b"latin"), as_it_is);
    assert_eq!(tree[&name[..]].kind, Kind::File(b"latin".to_vec()));
}

#[test]
fn a_sparse_file_in_the_gnu_form() {
    let fragments: Vec<(u64, &[u8])> = (0..30).map(|n| (n * 65_536, &b"fragment"[..])).collect();
    let bytes = sparse::gnu("holes", 4 << 20, &fragments);
    let tree = through_keep_and_squash(|layer| layer.raw(bytes), as_it_is);
    let content = sparse::expanded(4 << 20, &fragments);
    assert!(tree[&b"holes"[..]].kind == Kind::File(content));
}

#[test]
fn a_sparse_file_in_each_pax_form() {
    let fragments: [(u64, &[u8]); 2] = [(4096, b"in the middle"), (1 << 20, b"near the end")];
    let size = (1 << 20) + 12;
    for form in [sparse::pax_0_0, sparse::pax_0_1, sparse::pax_1_0] {
        let entry = form("holes", size, &fragments);
        let tree = through_keep_and_squash(|layer| layer.add(entry), as_it_is);
        assert!(tree[&b"holes"[..]].kind == Kind::File(sparse::expanded(size, &fragments)));
    }
}

#[test]
fn a_device_and_a_fifo() {
    let tree = through_keep_and_squash(
        |layer| {
            layer
                .add(Entry::char_device("null", 1, 3).mode(0o666))
                .add(Entry::block_device("loop", 7, 300))
                .add(Entry::fifo("pipe"))
        },
        as_it_is,
    );
    assert_eq!(tree[&b"null"[..]].kind, Kind::Char(1, 3));
    assert_eq!(tree[&b"loop"[..]].kind, Kind::Block(7, 300));
    assert_eq!(tree[&b"pipe"[..]].kind, Kind::Fifo);
}

#[test]
fn a_hard_link_whose_target_was_deleted_above() {
    let tree = through_keep_and_squash(
        |layer| {
            layer
                .file("first", b"shared")
                .hardlink("second", "first")
                .hardlink("third", "first")
        },
        |layer| layer.whiteout("first"),
    );
    assert!(!tree.contains_key(&b"first"[..]));
    assert_eq!(tree[&b"second"[..]].kind, Kind::File(b"shared".to_vec()));
    assert_eq!(
        tree[&b"second"[..]].names,
        [b"second".to_vec(), b"third".to_vec()]
    );
}

#[test]
fn owners_beyond_octal_and_times_before_the_epoch() {
    let pax = Entry::file("pax", b"1")
        .owner(4_000_000_000, 2_097_152)
        .mtime(-2, 500_000_000);
    let gnu = Entry::file("gnu", b"1")
        .owner(4_000_000_000, 2_097_152)
        .mtime(-2, 0)
        .dialect(Dialect::Gnu);
    let tree = through_keep_and_squash(|layer| layer.add(pax).add(gnu), as_it_is);
    for (name, time) in [(b"pax", (-2, 500_000_000)), (b"gnu", (-2, 0))] {
        let node = &tree[&name[..]];
        assert_eq!(
            (node.uid, node.gid, node.mtime),
            (4_000_000_000, 2_097_152, Some(time))
        );
    }
}

#[test]
fn an_old_header_without_a_magic() {
    let old = |name: &str| Entry::file(name, b"old").dialect(Dialect::V7);
    let tree = through_keep_and_squash(
        |layer| {
            let dir = Entry::dir("dir").dialect(Dialect::V7);
            layer
                .add(old("zero"))
                .add(Entry {
                    typeflag: 0,
                    ..old("nul")
                })
                .add(Entry { typeflag: 0, ..dir })
        },
        as_it_is,
    );
    assert_eq!(tree[&b"nul"[..]].kind, Kind::File(b"old".to_vec()));
    assert_eq!(tree[&b"dir"[..]].kind, Kind::Dir);
}

#[test]
fn a_layer_that_ends_before_the_padding_of_its_last_file() {
    let content = vec![b'l'; 9700];
    let last = |layer: Layer| layer.file("last", &content).end(End::Unpadded);
    let tree = through_keep_and_squash(last, as_it_is);
    assert_eq!(tree[&b"last"[..]].kind, Kind::File(content.clone()));
}
