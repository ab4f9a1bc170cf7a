//! The library's merged tree against the oracle, without the program around it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use oci_slim::digest::Digest;
use oci_slim::image::Offer;
use oci_slim::layer::{Claim, Kind as EntryKind, Layer, Spool};
use oci_slim::source::Location;
use oci_slim::tree::{NodeId, Tree as Merged};
use proptest::test_runner::TestCaseResult;

use crate::properties::{cases, over};
use crate::support::compare::assert_same;
use crate::support::flatten::{Kind, Node, Tree, flatten};
use crate::support::program::scratch;
use crate::support::stacks::stacks;

#[test]
fn merged_trees_are_the_oracles() {
    over(cases(), &stacks(), |image| -> TestCaseResult {
        let dir = scratch();
        let layout = image.write(dir.path());
        let expected = flatten(&layout);
        let mut actual = merged(&layout);
        for (path, node) in &mut actual {
            // The index holds sizes, not content.
            let content = expected.get(path).map(|node| &node.kind);
            if let (Kind::File(is), Some(Kind::File(bytes))) = (&mut node.kind, content)
                && is.len() == bytes.len()
            {
                is.clone_from(bytes);
            }
        }
        assert_same(&actual, &expected);
        Ok(())
    });
}

/// What the library makes of a layout: scanned, merged, and told as the oracle tells it; content is as long as it says.
fn merged(layout: &Path) -> Tree {
    let location = Location::parse(layout.as_os_str()).unwrap();
    let source = oci_slim::source::open(&location, layout).unwrap();
    let offer = Offer::load(&*source, &[]).unwrap();
    let spool = Spool::new(layout.to_path_buf());
    let layers: Vec<Layer> = offer.images[0]
        .layers
        .iter()
        .map(|layer| {
            let blob = source.blob(&layer.digest, layer.size).unwrap();
            let claim = Claim {
                digest: layer.digest.clone(),
                size: layer.size,
                diff_id: layer.diff_id.clone(),
            };
            Layer::scan(blob, claim, &spool).unwrap()
        })
        .collect();
    let entries = layers.iter().map(|layer| Arc::clone(&layer.entries));
    let blobs: Vec<Digest> = layers
        .iter()
        .map(|layer| layer.claim.digest.clone())
        .collect();
    let merged = Merged::merge(entries.collect(), &blobs).unwrap();
    let visible = std::iter::once(NodeId::ROOT).chain(merged.walk());
    visible
        .map(|node| (merged.path(node), told(&merged, node)))
        .collect()
}

fn told(merged: &Merged, at: NodeId) -> Node {
    let mut names: Vec<Vec<u8>> = merged
        .names(at)
        .into_iter()
        .map(|name| merged.path(name))
        .collect();
    names.sort();
    names.dedup();
    if names.len() < 2 {
        names.clear();
    }
    let Some(data) = merged.data(at) else {
        return Node {
            kind: Kind::Dir,
            mode: 0o755,
            uid: 0,
            gid: 0,
            mtime: None,
            xattrs: BTreeMap::new(),
            names,
        };
    };
    let entry = merged.entry(data);
    let entries = &merged.layers()[usize::from(data.layer)];
    let kind = match entry.kind {
        EntryKind::File => Kind::File(vec![0; usize::try_from(entry.size).unwrap()]),
        EntryKind::Dir => Kind::Dir,
        EntryKind::Symlink => Kind::Symlink(merged.symlink_target(at).unwrap().to_vec()),
        EntryKind::CharDevice => Kind::Char(entry.device.0, entry.device.1),
        EntryKind::BlockDevice => Kind::Block(entry.device.0, entry.device.1),
        EntryKind::Fifo => Kind::Fifo,
        other => panic!("no path is a {other:?}"),
    };
    Node {
        kind,
        mode: entry.mode,
        uid: entry.uid.cast_signed(),
        gid: entry.gid.cast_signed(),
        mtime: Some((entry.mtime, entry.mtime_nanos)),
        xattrs: xattrs(entries.xattrs(entry)),
        names,
    }
}

/// PAX records `LEN key=value\n` as a map.
fn xattrs(mut records: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut xattrs = BTreeMap::new();
    while !records.is_empty() {
        let space = records.iter().position(|&b| b == b' ').unwrap();
        let length: usize = str::from_utf8(&records[..space]).unwrap().parse().unwrap();
        let record = &records[space + 1..length - 1];
        let equals = record.iter().position(|&b| b == b'=').unwrap();
        let name = record[..equals]
            .strip_prefix(b"SCHILY.xattr.")
            .unwrap_or(&record[..equals]);
        xattrs.insert(name.to_vec(), record[equals + 1..].to_vec());
        records = &records[length..];
    }
    xattrs
}
