//! The invariants of the library's documentation over random layer stacks.
//!
//! `OCI_SLIM_CASES` sets how many stacks, `OCI_SLIM_SEED` draws others.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use serde_json::Value;

use crate::support::compare::{assert_same, without};
use crate::support::flatten::{Kind, Tree, deletion, flatten, images, parse};
use crate::support::image::Image;
use crate::support::layout::index;
use crate::support::program::{scratch, shrink};
use crate::support::stacks::stacks;

/// A glob and what it means, said without a glob library.
type Glob = (&'static str, fn(&[&[u8]]) -> bool);

const GLOBS: [Glob; 5] = [
    ("a", |path| path[0] == b"a"),
    ("b/**", |path| path.len() > 1 && path[0] == b"b"),
    ("c/*", |path| path.len() > 1 && path[0] == b"c"),
    ("**/d", |path| path.iter().any(|name| *name == b"d")),
    ("*/b", |path| path.len() > 1 && path[1] == b"b"),
];

const LAYERS: [&[&str]; 9] = [
    &["keep"],
    &["squash"],
    &["squash-above=1"],
    &["squash-above=2"],
    &["regroup"],
    &["regroup=1"],
    &["regroup=5"],
    &["regroup=16"],
    &["regroup", "--aim", "size", "--compress", "zstd"],
];

/// How many stacks a property sees.
pub(crate) fn cases() -> u32 {
    let cases = std::env::var("OCI_SLIM_CASES");
    cases.map_or(200, |cases| cases.parse().unwrap())
}

/// Runs `check` over random values, the same ones each time unless a seed says otherwise.
pub(crate) fn over<S: Strategy>(cases: u32, values: &S, check: impl Fn(S::Value) -> TestCaseResult)
where
    S::Value: std::fmt::Debug,
{
    let seed = std::env::var("OCI_SLIM_SEED").map_or(0_u64, |seed| seed.parse().unwrap());
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let outcome = TestRunner::new_with_rng(config, rng).run(values, check);
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn the_result_is_the_source_less_what_the_report_lists() {
    let choices = (0..LAYERS.len(), subsequence(&GLOBS[..], 0..=2));
    over(cases(), &(stacks(), choices), |(image, (layers, globs))| {
        let dir = scratch();
        let before = image.write(&dir.path().join("before"));
        let mut arguments = [&["--disable", "*", "--layers"], LAYERS[layers]].concat();
        for (glob, _) in &globs {
            arguments.extend(["--remove", glob]);
        }
        let slim = shrink(&before, dir.path(), "after", &arguments);
        let source = flatten(&before);
        let asked: BTreeSet<Vec<u8>> = source
            .keys()
            .filter(|path| !path.is_empty() && is_asked(path, &globs))
            .cloned()
            .collect();
        let removed = slim.removed();
        // What lies in a layer that stays as it is cannot go; the report says so.
        let told: BTreeSet<Vec<u8>> = removed.iter().cloned().collect();
        assert!(told.is_subset(&asked), "{told:?} is more than {asked:?}");
        if slim.rows("withdrawn").next().is_none() {
            assert_eq!(told, asked);
        }
        let expected = without(&source, &removed);
        assert_same(&flatten(&slim.layout), &expected);
        assert_nothing_hidden(&before, &slim.layout, &expected);
        Ok(())
    });
}

fn is_asked(path: &[u8], globs: &[Glob]) -> bool {
    let names: Vec<&[u8]> = path.split(|&b| b == b'/').collect();
    globs.iter().any(|(_, matches)| matches(&names))
}

/// The layers store each visible file's bytes once and no other bytes; a layer that would have grown stays as it was.
fn assert_nothing_hidden(before: &Path, after: &Path, visible: &Tree) {
    let old: BTreeSet<String> = all_digests(before);
    let layers = images(after).pop_first().unwrap().1;
    if layers.digests.iter().any(|digest| old.contains(digest)) {
        return;
    }
    let stored: usize = layers
        .tars
        .iter()
        .flat_map(|tar| parse(tar))
        .filter(|item| item.typeflag == b'0' && deletion(&item.name).is_none())
        .map(|item| item.content.len())
        .sum();
    assert_eq!(stored, visible_bytes(visible));
}

fn all_digests(layout: &Path) -> BTreeSet<String> {
    let layers = images(layout).pop_first().unwrap().1;
    layers.digests.into_iter().collect()
}

/// The bytes of all files, each file once however many names it has.
fn visible_bytes(tree: &Tree) -> usize {
    tree.iter()
        .filter(|(path, node)| node.names.first().is_none_or(|first| first == *path))
        .map(|(_, node)| match &node.kind {
            Kind::File(content) => content.len(),
            _ => 0,
        })
        .sum()
}

#[test]
fn without_rules_only_hidden_bytes_go_and_a_second_run_changes_nothing() {
    over(
        cases() / 2,
        &(stacks(), 0..LAYERS.len()),
        |(image, layers)| {
            let dir = scratch();
            let before = image.write(&dir.path().join("before"));
            let arguments = [&["--disable", "*", "--layers"], LAYERS[layers]].concat();
            let once = shrink(&before, dir.path(), "once", &arguments);
            assert_eq!(once.removed(), Vec::<Vec<u8>>::new());
            assert_same(&flatten(&once.layout), &flatten(&before));
            let twice = shrink(&once.layout, dir.path(), "twice", &arguments);
            assert_eq!(manifests(&twice.layout), manifests(&once.layout));
            Ok(())
        },
    );
}

#[test]
fn the_number_of_threads_changes_no_digest() {
    over(
        cases() / 4,
        &(stacks(), 0..LAYERS.len()),
        |(image, layers)| {
            let dir = scratch();
            let before = image.write(&dir.path().join("before"));
            let run = |name: &str, threads: &str| {
                let mut arguments = vec!["--threads", threads, "--remove", "**/d", "--layers"];
                arguments.extend(LAYERS[layers]);
                if !arguments.contains(&"--compress") {
                    arguments.extend(["--compress", "gzip:9"]);
                }
                shrink(&before, dir.path(), name, &arguments)
            };
            let (one, two) = (run("one", "1"), run("two", "2"));
            assert_eq!(manifests(&one.layout), manifests(&two.layout));
            assert_eq!(one.report, two.report);
            Ok(())
        },
    );
}

fn manifests(layout: &Path) -> Value {
    index(layout)["manifests"].take()
}

/// What is done to a sound layer.
#[derive(Clone, Debug)]
enum Damage {
    Flip(usize, u8),
    Cut(usize),
    Insert(usize, Vec<u8>),
    Repeat(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        1 => any::<usize>().prop_map(Damage::Cut),
        1 => (any::<usize>(), vec(any::<u8>(), 1..600)).prop_map(|(at, b)| Damage::Insert(at, b)),
        1 => (any::<usize>(), 1..2000_usize).prop_map(|(at, length)| Damage::Repeat(at, length)),
    ]
}

impl Damage {
    fn apply(&self, tar: &mut Vec<u8>) {
        let length = tar.len().max(1);
        match self {
            Self::Flip(at, byte) => {
                if let Some(place) = tar.get_mut(at % length) {
                    *place = *byte;
                }
            }
            Self::Cut(at) => tar.truncate(at % length),
            Self::Insert(at, bytes) => {
                let at = (at % length).min(tar.len());
                tar.splice(at..at, bytes.iter().copied());
            }
            Self::Repeat(at, count) => {
                let at = (at % length).min(tar.len());
                let end = (at + count).min(tar.len());
                let copy = tar[at..end].to_vec();
                tar.splice(at..at, copy);
            }
        }
    }
}

/// Sums each block again that looks like a header, so that damage gets past the checksum.
fn sum_again(tar: &mut [u8]) {
    for block in tar
        .chunks_exact_mut(512)
        .filter(|b| &b[257..262] == b"ustar")
    {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
}

#[test]
fn a_damaged_layer_is_refused_or_read_but_never_a_panic() {
    let values = (stacks(), vec(damage(), 1..6), any::<bool>(), any::<usize>());
    over(cases(), &values, |(image, damages, sums, which)| {
        let mut tars = image.tars();
        let which = which % tars.len();
        for damage in &damages {
            damage.apply(&mut tars[which]);
        }
        if sums {
            sum_again(&mut tars[which]);
        }
        assert_read_or_refused(&Image::of_tars(tars));
        Ok(())
    });
}

#[test]
fn arbitrary_bytes_as_a_layer_are_never_a_panic() {
    over(cases() / 2, &vec(any::<u8>(), 0..3000), |bytes| {
        assert_read_or_refused(&Image::of_tars(vec![bytes]));
        Ok(())
    });
}

#[test]
fn arbitrary_bytes_as_a_compressed_layer_are_never_a_panic() {
    let start = prop_oneof![
        Just(&b"\x1f\x8b\x08\x00"[..]),
        Just(&b"\x28\xb5\x2f\xfd"[..]),
        Just(&b"\x50\x2a\x4d\x18\x08\x00\x00\x00"[..]),
    ];
    over(
        cases() / 2,
        &(start, vec(any::<u8>(), 0..400)),
        |(start, rest)| {
            let dir = scratch();
            let layout = Image::of_tars(vec![Vec::new()]).write(&dir.path().join("before"));
            let bytes = [start, &rest].concat();
            crate::support::layout::replace_layer(&layout, 0, &bytes);
            assert_layout_read_or_refused(&layout);
            Ok(())
        },
    );
}

fn assert_read_or_refused(image: &Image) {
    let dir = scratch();
    let before = image.write(&dir.path().join("before"));
    assert_layout_read_or_refused(&before);
}

fn assert_layout_read_or_refused(before: &Path) {
    let dir = scratch();
    let after = dir.path().join("after");
    let run = crate::support::program::oci_slim([
        "shrink".as_ref(),
        before.as_os_str(),
        "-o".as_ref(),
        after.as_os_str(),
    ]);
    match run.code {
        Some(0) => drop(images(&after)),
        Some(1) => assert!(!after.exists(), "refused, and yet there"),
        _ => panic!("{run:?}"),
    }
}
