//! temp
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use oci_slim::digest::Digest;
use oci_slim::image::Offer;
use oci_slim::layer::{Claim, Layer, Spool};
use oci_slim::plan::{Mode, Plan, settle};
use oci_slim::rules::{Decisions, Origin, Reason};
use oci_slim::source::Location;
use oci_slim::tree::{NodeId, Tree as Merged};
use oci_slim::write::{Compress, Done, write_layers};
use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::properties::{GLOBS, Glob, cases, is_asked, over};
use crate::support::codec::decompress;
use crate::support::compare::{differences, without};
use crate::support::flatten::{Kind, LowerLinks, deletion, flatten, flatten_tars, parse};
use crate::support::program::scratch;
use crate::support::stacks::stacks;

fn layers(layout: &Path) -> Vec<Layer> {
    let location = Location::parse(layout.as_os_str()).unwrap();
    let source = oci_slim::source::open(&location, layout).unwrap();
    let offer = Offer::load(&*source, None).unwrap();
    let spool = Spool::new(layout.to_path_buf());
    offer.images[0]
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
        .collect()
}

fn run(
    layout: &Path,
    mode: Mode,
    globs: &[Glob],
    dir: &Path,
) -> (Vec<Vec<u8>>, Vec<Vec<u8>>, bool) {
    let layers = layers(layout);
    let entries = layers.iter().map(|layer| Arc::clone(&layer.entries));
    let blobs: Vec<Digest> = layers
        .iter()
        .map(|layer| layer.claim.digest.clone())
        .collect();
    let tree = Merged::merge(entries.collect(), &blobs).unwrap();
    let mut decisions = Decisions::default();
    let reason = decisions.reason(Reason {
        rule: "r".into(),
        origin: Origin::Flag("--remove"),
    });
    let nodes: Vec<NodeId> = tree.walk().collect();
    for node in nodes {
        if is_asked(&tree.path(node), globs) {
            decisions.remove(node, reason);
        }
    }
    let base = if let Mode::SquashAbove(base) = mode {
        base
    } else {
        0
    };
    settle(&tree, &mut decisions, |layer| layer < base);
    let plan = Plan::new(&tree, &decisions, mode, &BTreeSet::new());
    let outputs =
        write_layers(&layers, &plan, Compress::Keep, false, dir, Done::default()).unwrap();
    let mut any_reused = false;
    let tars = outputs
        .iter()
        .map(|output| {
            let bytes = match &output.file {
                Some(file) => std::fs::read(file).unwrap(),
                None => {
                    any_reused = true;
                    layers[output.from[0]].blob.read_all().unwrap()
                }
            };
            let tar = decompress(&bytes);
            assert_eq!(
                crate::support::layout::digest(&tar),
                output.diff_id.to_string()
            );
            assert_eq!(
                crate::support::layout::digest(&bytes),
                output.digest.to_string()
            );
            tar
        })
        .collect();
    let removed = decisions.removals().map(|(n, _)| tree.path(n)).collect();
    (tars, removed, any_reused)
}

#[test]
fn planned() {
    let modes = prop_oneof![
        Just(Mode::Keep),
        Just(Mode::Squash),
        Just(Mode::SquashAbove(1)),
        Just(Mode::SquashAbove(2))
    ];
    over(
        cases(),
        &(stacks(), modes, subsequence(&GLOBS[..], 0..=2)),
        |(image, mode, globs)| {
            let dir = scratch();
            let before = image.write(&dir.path().join("before"));
            let source = flatten(&before);
            let (tars, removed, reused) = run(&before, mode, &globs, dir.path());
            let expected = without(&source, &removed);
            let expected = pruned(expected);
            for links in [LowerLinks::Followed, LowerLinks::Hidden] {
                let actual = pruned(flatten_tars(&tars, links));
                let d = differences(&actual, &expected);
                prop_assert!(d.is_empty(), "{mode:?} {links:?}\n{d}");
            }
            if !reused {
                let stored: usize = tars
                    .iter()
                    .flat_map(|tar| parse(tar))
                    .filter(|i| i.typeflag == b'0' && deletion(&i.name).is_none())
                    .map(|i| i.content.len())
                    .sum();
                let visible: usize = expected
                    .iter()
                    .filter(|(path, node)| node.names.first().is_none_or(|first| first == *path))
                    .map(|(_, node)| match &node.kind {
                        Kind::File(c) => c.len(),
                        _ => 0,
                    })
                    .sum();
                prop_assert_eq!(stored, visible, "{:?}: hidden bytes", mode);
            }
            Ok(())
        },
    );
}

fn pruned(mut expected: crate::support::flatten::Tree) -> crate::support::flatten::Tree {
    loop {
        let gone: Vec<Vec<u8>> = expected
            .iter()
            .filter(|(p, n)| {
                !p.is_empty()
                    && n.kind == Kind::Dir
                    && n.mtime.is_none()
                    && !expected
                        .keys()
                        .any(|k| k.starts_with(&[&p[..], b"/"].concat()))
            })
            .map(|(p, _)| p.clone())
            .collect();
        if gone.is_empty() {
            break;
        }
        for g in gone {
            expected.remove(&g);
        }
    }
    expected
}
