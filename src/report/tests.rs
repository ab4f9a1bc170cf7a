//! The numbers of a report, from layers that were really scanned and written.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::example::{layer, merge};
use super::*;
use crate::plan::{Mode, Plan, settle};
use crate::rules::{Decisions, Edit, Kept, Origin, Reason};
use crate::write::{Area, Compress, Contexts, Done, Manner, Pairing, write_layers};

/// Two layers, of which the upper hides two files of the lower; rules take one of two names, all names of another
/// file, and empty a log.
fn report(mode: Mode, pinned: &[usize]) -> Image {
    let dir = tempfile::tempdir().unwrap();
    let layers = [
        layer(
            dir.path(),
            &[
                ("app/module", "1000"),
                ("cache/module", "-> app/module"),
                ("cache/a", "20"),
                ("cache/b", "-> cache/a"),
                ("bin/tool", "5000"),
                ("secret", "300"),
                ("cache/old", "7"),
            ],
        ),
        layer(
            dir.path(),
            &[
                ("bin/tool", "5000"),
                (".wh.secret", "0"),
                ("var/log", "64"),
                ("cache/old", "9"),
            ],
        ),
    ];
    let tree = merge(&layers);
    let node = |path: &str| tree.find(path.as_bytes()).unwrap();
    let mut decisions = Decisions::default();
    let reason = |rule: &str, origin| Reason {
        rule: rule.into(),
        origin,
    };
    let cache = decisions.reason(reason("cache", Origin::Flag("--remove")));
    let logs = decisions.reason(reason("logs", Origin::BuiltIn));
    decisions.remove_subtree(&tree, node("cache"), cache);
    decisions.edit(node("var/log"), logs, Edit::Content(Arc::from(&b"."[..])));
    decisions.kept.push(Kept {
        node: node("bin/tool"),
        asked: logs,
        because: "it is the entrypoint".into(),
    });
    let pinned: BTreeSet<usize> = pinned.iter().copied().collect();
    let withdrawn = settle(&tree, &mut decisions, |layer| pinned.contains(&layer));
    let plan = Plan::new(&tree, &decisions, mode, &pinned);
    let written = write_layers(
        &layers,
        &plan,
        Manner {
            compress: Compress::Keep,
            saved: false,
            splices: true,
            known: &[],
            reads_back: None,
            area: Area::new(dir.path()),
            contexts: &Contexts::default(),
            pairing: &Pairing::default(),
            spent: None,
        },
        Done::default(),
    );
    let descriptor = Descriptor {
        digest: "sha256:aa".into(),
        media_type: "m".into(),
        size: 1,
    };
    let facts = Facts {
        platform: "linux/amd64".into(),
        name: None,
        source: descriptor.clone(),
        result: descriptor,
        instructions: vec![Some("RUN a".into())],
        warnings: Vec::new(),
    };
    let stages = Stages {
        layers: &layers,
        decisions: &decisions,
        packages: &crate::packages::PackageReport::default(),
        distroless: None,
        withdrawn: &withdrawn,
        plan: &plan,
        outputs: &written.unwrap(),
    };
    let account = Account::of(&layers, &tree, &decisions, &plan);
    Image::new(facts, stages, account)
}

#[test]
fn a_file_counts_once_and_goes_with_its_last_name() {
    let report = report(Mode::Keep, &[]);
    let (before, after) = (&report.before, &report.after);
    assert_eq!(before.visible, 1000 + 20 + 5000 + 64 + 9);
    assert_eq!(before.wasted, 5000 + 300 + 7);
    assert_eq!((before.files, before.directories), (5, 4));
    assert_eq!((after.visible, after.wasted), (1000 + 5000 + 1, 0));
    assert_eq!((after.files, after.directories), (3, 3));
    assert_eq!((before.efficiency, after.efficiency), (0.5344, 1.0));

    let rule = |row: &RuleRow| (row.name.clone(), row.paths, row.files, row.bytes);
    let rules: Vec<_> = report.rules.iter().map(rule).collect();
    assert_eq!(
        rules,
        [("logs".into(), 1, 1, 63), ("cache".into(), 5, 4, 29)]
    );
    let cache = &report.rules[1];
    assert_eq!((cache.hidden_files, cache.hidden_bytes), (1, 7));
    assert_eq!(cache.origin, "--remove");
    assert_eq!(
        (&cache.largest[0].path[..], cache.largest[0].bytes),
        ("cache", 29)
    );

    let removed: Vec<_> = report
        .removed
        .iter()
        .map(|row| (&row.path[..], row.kind, row.bytes))
        .collect();
    let expected = [
        ("cache", "directory", 0),
        ("cache/a", "file", 20),
        ("cache/b", "file", 0),
        ("cache/module", "file", 0),
        ("cache/old", "file", 9),
    ];
    assert_eq!(removed, expected);
    assert_eq!((report.edited[0].before, report.edited[0].after), (64, 1));
    assert_eq!(report.kept[0].because, "it is the entrypoint");
}

#[test]
fn hidden_files_name_the_layer_that_hid_them() {
    let hidden = report(Mode::Keep, &[]).hidden;
    let rows: Vec<_> = hidden
        .paths
        .iter()
        .map(|row| (&row.path[..], row.bytes, row.layer, row.by, row.how))
        .collect();
    let expected = [
        ("bin/tool", 5000, 0, 1, "overwritten"),
        ("secret", 300, 0, 1, "deleted"),
        ("cache/old", 7, 0, 1, "overwritten"),
    ];
    assert_eq!(rows, expected);
    assert_eq!((hidden.files, hidden.bytes, hidden.freed), (3, 5307, 5307));
}

#[test]
fn what_a_staying_layer_holds_is_not_freed() {
    let report = report(Mode::Keep, &[0]);
    assert_eq!((report.hidden.bytes, report.hidden.freed), (5307, 0));
    assert_eq!(report.after.wasted, 5307);
    let fates: Vec<_> = report
        .layers
        .iter()
        .map(|row| (row.fate, row.into))
        .collect();
    assert_eq!(
        fates,
        [(Fate::Unchanged, Some(0)), (Fate::Rewritten, Some(1))]
    );
    assert_eq!(report.withdrawn[0].rule, "cache");
    assert_eq!(report.withdrawn[0].paths, 4);
    assert_eq!(report.layers[0].instruction.as_deref(), Some("RUN a"));
    assert_eq!(report.layers[1].instruction, None);
}

#[test]
fn merged_layers_share_one_result() {
    let report = report(Mode::Squash, &[]);
    let fates: Vec<_> = report
        .layers
        .iter()
        .map(|row| (row.fate, row.into, row.after.is_some()))
        .collect();
    assert_eq!(
        fates,
        [
            (Fate::Merged, Some(0), true),
            (Fate::Merged, Some(0), false)
        ]
    );
    assert_eq!((report.before.layers, report.after.layers), (2, 1));
    let after = report.layers[0]
        .after
        .as_ref()
        .map(|after| after.compressed);
    assert_eq!(after, Some(report.after.compressed));
}
