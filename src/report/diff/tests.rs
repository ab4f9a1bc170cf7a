//! Differences of layers that were really scanned.

use super::super::build::sizes;
use super::super::example::{layer, merge, merge_with_contents};
use super::*;
use crate::report::{Document, Paint};
use crate::tree::Tree;

/// A layer of these bytes.
fn sized_layer(content: &str, bytes: u64) -> SizedLayer {
    SizedLayer {
        digest: format!("sha256:{content}"),
        diff_id: format!("sha256:{}", content.trim_end_matches('z')),
        compressed: bytes / 3,
        uncompressed: bytes,
        instruction: Some(format!("RUN {content}")),
    }
}

/// The sizes of a layer as if it were compressed to a third.
fn thirds(layer: &crate::layer::Layer) -> (u64, u64) {
    let (_, inflated) = sizes(layer);
    (inflated / 3, inflated)
}

#[test]
fn two_images() {
    let dir = tempfile::tempdir().unwrap();
    let before = [layer(
        dir.path(),
        &[
            ("usr/share/doc/a", "200"),
            ("usr/bin/tool", "5000"),
            ("usr/bin/same", "70"),
            ("usr/bin/other", "b8"),
            ("etc/kind", "1"),
            ("etc/link", "=> kind"),
        ],
    )];
    let after = [layer(
        dir.path(),
        &[
            ("usr/bin/tool", "5001"),
            ("usr/bin/same", "70"),
            ("usr/bin/other", "c8"),
            ("usr/bin/new", "30"),
            ("etc/kind", "=> link"),
            ("etc/link", "=> kinds"),
        ],
    )];
    let (old, new) = (merge_with_contents(&before), merge_with_contents(&after));
    let changes = Changes::between("linux/amd64".into(), &old, &new);
    let rows: Vec<_> = changes
        .paths
        .iter()
        .map(|row| (&row.path[..], row.change, &row.what[..]))
        .collect();
    let nothing: &[&str] = &[];
    let expected = [
        ("etc/kind", "modified", &["type"][..]),
        ("etc/link", "modified", &["target"]),
        ("usr/bin/new", "added", nothing),
        ("usr/bin/other", "modified", &["content"]),
        ("usr/bin/tool", "modified", &["content"]),
        ("usr/share", "removed", nothing),
        ("usr/share/doc", "removed", nothing),
        ("usr/share/doc/a", "removed", nothing),
    ];
    assert_eq!(rows, expected);

    let sized = |reference: &str, layers: &[crate::layer::Layer], tree: &Tree| SizedImage {
        reference: reference.into(),
        platform: "linux/amd64".into(),
        digest: "sha256:aa".into(),
        totals: Totals::of(tree, layers.iter().map(thirds)),
        layers: vec![sized_layer(reference, 900)],
    };
    let images = vec![sized("oci:a", &before, &old), sized("oci:b", &after, &new)];
    let difference = Difference::new(images, vec![changes], Vec::new());
    insta::assert_snapshot!(difference.text(Paint(false)), @r"
    oci:a and oci:b

                   before    after  change
      compressed  3.75 kB  3.58 kB  -4.5 %
      unpacked    11.3 kB  10.8 kB  -4.5 %
      visible     5.28 kB  5.11 kB  -3.2 %
      hidden          0 B      0 B       =
      files             5        4   -20 %
      layers            1        1       =
      efficiency    100 %    100 %

    Layers, base layer first (unpacked bytes)
      #  before  after    instruction
      0   900 B  900 B    RUN oci:b

    What a container sees on linux/amd64
    added 1 path (30 B), removed 3 paths (200 B), modified 4 paths (5.01 kB)

    By directory (files that differ)
       before    after  paths  directory
        200 B      0 B      2  usr/share
      5.01 kB  5.04 kB      3  usr/bin
          1 B      0 B      2  etc
          0 B      0 B      1  usr

    Added
      bytes  path         what
       30 B  usr/bin/new

    Removed
      bytes  path             what
      200 B  usr/share/doc/a
        0 B  usr/share
        0 B  usr/share/doc

    Modified
        bytes  path           what
      5.00 kB  usr/bin/tool   content
          8 B  usr/bin/other  content
          0 B  etc/kind       type
          0 B  etc/link       target

    1 MB is 1,000,000 bytes.
    ");
}

#[test]
fn a_file_that_keeps_another_name_frees_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let cache = [
        ("cache/a", "500"),
        ("app/a", "-> cache/a"),
        ("cache/b", "70"),
        ("cache/c", "-> cache/b"),
    ];
    let before = merge_with_contents(&[layer(dir.path(), &cache)]);
    let after = merge_with_contents(&[layer(dir.path(), &[("app/a", "500")])]);
    let changes = Changes::between("linux/amd64".into(), &before, &after);
    assert_eq!((changes.removed.paths, changes.removed.before), (4, 70));
    assert_eq!(changes.modified, Sum::default());
    assert_eq!(changes.directories[0].before, 70);
}

#[test]
fn several_images_have_a_row_each() {
    let dir = tempfile::tempdir().unwrap();
    let sized = |reference: &str, size: &str| {
        let layers = [layer(dir.path(), &[("a", size)])];
        SizedImage {
            reference: reference.into(),
            platform: "linux/amd64".into(),
            digest: "sha256:aa".into(),
            totals: Totals::of(&merge(&layers), layers.iter().map(thirds)),
            layers: vec![sized_layer("base", 300), sized_layer(reference, 900)],
        }
    };
    let images = vec![
        sized("oci:a", "100000"),
        sized("oci:b", "50000"),
        sized("oci:c", "0"),
    ];
    let difference = Difference::new(images, Vec::new(), Vec::new());
    insta::assert_snapshot!(difference.text(Paint(false)), @r"
    Images

      compressed  change  unpacked  visible  efficiency  platform     image
         34.0 kB       =    102 kB   100 kB       100 %  linux/amd64  oci:a
         17.2 kB   -49 %   51.7 kB  50.0 kB       100 %  linux/amd64  oci:b
           512 B   -98 %   1.54 kB      0 B       100 %  linux/amd64  oci:c

    1 MB is 1,000,000 bytes.
    ");
}

#[test]
fn what_is_shared_is_told_for_nodes_and_for_pulls() {
    let image = |reference: &str, layers: &[(&str, u64)]| SizedImage {
        reference: reference.into(),
        platform: "linux/amd64".into(),
        digest: "sha256:aa".into(),
        totals: Totals::default(),
        layers: layers
            .iter()
            .map(|(content, bytes)| sized_layer(content, *bytes))
            .collect(),
    };
    let base = image("base", &[("a", 300), ("b", 600), ("c", 30)]);
    // `bz` is `b` compressed otherwise; `c` lies on another layer, so only its blob is shared.
    let app = image("app", &[("a", 300), ("bz", 600), ("x", 9), ("c", 30)]);
    let mut difference = Difference::new(vec![app], Vec::new(), Vec::new());
    difference.hold_against(&[base]);
    let share = &difference.shares[0];
    assert_eq!((share.layers, share.shared, share.own), (2, 900, 39));
    assert_eq!((share.shared_blobs, share.own_blobs), (110, 203));
    difference.hold_against(&[]);
    assert_eq!(difference.warnings.len(), 1);
}
