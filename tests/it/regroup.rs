//! Layers by what changes together: the same content is the same blob, whatever else changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::compare::assert_same;
use crate::support::entry::Entry;
use crate::support::flatten::{Kind, flatten};
use crate::support::image::{Image, image};
use crate::support::layer::Layer;
use crate::support::layout::{config, layer_digests, manifest};
use crate::support::program::{scratch, shrink};

/// Bytes that do not compress to nothing.
pub(crate) fn noise(seed: u32, len: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..len).map(|_| next()).collect()
}

/// What a release holds.
#[derive(Clone, Copy)]
struct Release {
    /// Of the application's own file.
    main: u32,
    /// Of the package of the system `tool`.
    tool: u32,
    /// When the build ran.
    built: i64,
}

const FIRST: Release = Release {
    main: 1,
    tool: 1,
    built: 1000,
};

impl Release {
    fn layers(self) -> [Layer; 3] {
        let dir = |name: &str| Entry::dir(name).mtime(self.built, 0);
        let mut base = Layer::new()
            .add(dir("usr/"))
            .add(dir("usr/bin/"))
            .add(dir("usr/share/"));
        base = base
            .dir("etc/")
            .file("etc/passwd", "root:x:0:0::/:/bin/sh\n");
        for path in ["var/", "var/lib/", "var/lib/dpkg/", "var/lib/dpkg/info/"] {
            base = base.add(dir(path));
        }
        let mut status = String::new();
        for (name, seed) in [("tool", self.tool), ("shell", 7), ("lib", 8)] {
            status += &format!(
                "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.{seed}\n\n"
            );
            let list = format!("/.\n/usr\n/usr/bin\n/usr/bin/{name}\n");
            base = base
                .add(Entry::file(format!("usr/bin/{name}"), noise(seed, 9000)).mode(0o755))
                .file(format!("var/lib/dpkg/info/{name}.list"), list);
        }
        base = base
            .hardlink("usr/bin/tool2", "usr/bin/tool")
            .add(Entry::file("var/lib/dpkg/status", status).mtime(self.built, 0));
        let mut modules = Layer::new().add(dir("app/")).add(dir("app/node_modules/"));
        for (seed, name) in (20..).zip(["express", "lodash", "@types/node"]) {
            modules = modules.file(
                format!("app/node_modules/{name}/index.js"),
                noise(seed, 5000),
            );
        }
        let app = Layer::new()
            .add(dir("app/"))
            .file("app/node_modules/lodash/patch.js", "patched\n")
            .file("app/main.js", noise(self.main, 3000))
            .file("srv/page.html", noise(90, 3000));
        [base, modules, app]
    }

    /// No history tells which steps made what.
    fn image(self) -> Image {
        let layers = self.layers().into_iter();
        layers.fold(image().without_history(), Image::add)
    }

    fn write(self, dir: &Path, name: &str) -> PathBuf {
        self.image().write(&dir.join(name))
    }
}

const REGROUP: [&str; 4] = ["--disable", "*", "--layers", "regroup"];

/// The digests of a layout's layers that another does not have.
fn new_layers(after: &Path, before: &Path) -> Vec<String> {
    let before: BTreeSet<String> = layer_digests(before).into_iter().collect();
    let mut titles = Vec::new();
    for layer in manifest(after)["layers"].as_array().unwrap() {
        if !before.contains(layer["digest"].as_str().unwrap()) {
            let title = layer["annotations"]["dev.oci-slim.layer.group"].as_str();
            let class = title.map_or("as it was", |title| title.split(", ").next().unwrap());
            titles.push(class.to_owned());
        }
    }
    titles
}

/// The titles of the layers that have one.
pub(crate) fn titles(layout: &Path) -> Vec<String> {
    let layers = manifest(layout)["layers"].as_array().unwrap().clone();
    let titles = layers.iter();
    let titles =
        titles.filter_map(|layer| layer["annotations"]["dev.oci-slim.layer.group"].as_str());
    titles.map(str::to_owned).collect()
}

#[test]
fn a_release_changes_the_layers_of_what_changed() {
    let dir = scratch();
    let first = FIRST.write(dir.path(), "a");
    let first = shrink(&first, dir.path(), "first", &REGROUP).layout;
    let with = |name: &str, release: Release| {
        let next = release.write(dir.path(), name);
        let slim = shrink(&next, dir.path(), &format!("{name}-slim"), &REGROUP);
        assert_same(&flatten(&slim.layout), &flatten(&next));
        new_layers(&slim.layout, &first)
    };
    let changed = with("main", Release { main: 2, ..FIRST });
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].starts_with("application"), "{changed:?}");
    // A build dates directories and the package manager's own files anew.
    let rebuilt = with(
        "rebuilt",
        Release {
            built: 2000,
            ..FIRST
        },
    );
    assert_eq!(
        rebuilt,
        [
            "records and caches",
            "directories of packages",
            "directories"
        ]
    );
    let upgraded = with("tool", Release { tool: 2, ..FIRST });
    assert_eq!(upgraded.len(), 2, "{upgraded:?}");
    assert!(upgraded[0].starts_with("packages"), "{upgraded:?}");
    assert_eq!(upgraded[1], "records and caches");
}

#[test]
fn how_the_source_was_layered_counts_for_nothing() {
    let dir = scratch();
    let stack = FIRST.write(dir.path(), "stack");
    let all = shrink(
        &stack,
        dir.path(),
        "all",
        &["--disable", "*", "--layers", "squash"],
    );
    let slim = |from: &Path, name: &str| shrink(from, dir.path(), name, &REGROUP).layout;
    let (one, other) = (slim(&stack, "one"), slim(&all.layout, "other"));
    assert_eq!(layer_digests(&one), layer_digests(&other));
}

#[test]
fn there_are_no_more_layers_than_asked_for() {
    let dir = scratch();
    let before = FIRST.write(dir.path(), "before");
    for max in [1, 2, 3, 5, 8, 127] {
        let mode = format!("regroup={max}");
        let name = format!("slim{max}");
        let slim = shrink(
            &before,
            dir.path(),
            &name,
            &["--disable", "*", "--layers", &mode],
        );
        assert_same(&flatten(&slim.layout), &flatten(&before));
        assert!(layer_digests(&slim.layout).len() <= max, "{max}");
    }
}

fn one_of_twenty(layer: Layer, n: u32) -> Layer {
    layer.file(format!("data/{n:02}"), noise(2 * n + 1, 3000))
}

#[test]
fn what_is_taken_of_the_last_release_leaves_room_for_the_layers_on_top() {
    let dir = scratch();
    let first = (0..20).fold(image(), |first, n| {
        first.layer(|layer| one_of_twenty(layer, n))
    });
    let first = first.write(&dir.path().join("first"));
    let next = image().layer(|layer| {
        let layer = layer.file("large", vec![1; 5 << 20]);
        (0..20).fold(layer, one_of_twenty)
    });
    let next = (0..4).fold(next, |next, n| {
        next.layer(|layer| layer.file(format!("top{n}"), "top"))
    });
    let next = next.write(&dir.path().join("next"));
    for max in [5, 16, 20, 127] {
        let mode = format!("regroup={max}");
        let previous = ["--previous", first.to_str().unwrap()];
        let flags = [&["--disable", "*", "--layers", &mode][..], &previous].concat();
        let slim = shrink(&next, dir.path(), &format!("slim{max}"), &flags);
        assert_same(&flatten(&slim.layout), &flatten(&next));
        let digests: BTreeSet<String> = layer_digests(&slim.layout).into_iter().collect();
        assert!(digests.len() <= max, "{max}");
        let first = layer_digests(&first).into_iter();
        let taken = first.filter(|digest| digests.contains(digest)).count();
        assert!(taken > 1, "{max}: {taken} of {}", digests.len());
    }
}

#[test]
fn layers_say_what_they_hold() {
    let dir = scratch();
    let before = stepped(STEPPED).write(&dir.path().join("before"));
    let slim = shrink(&before, dir.path(), "slim", &REGROUP);
    let titles: Vec<Value> = titles(&slim.layout).into_iter().map(Value::from).collect();
    let history = config(&slim.layout)["history"].as_array().unwrap().clone();
    let told = history.iter().filter(|row| row["empty_layer"] != true);
    let (groups, last): (Vec<&Value>, Vec<&Value>) =
        told.partition(|row| row["created_by"] == "oci-slim regroup");
    let told: Vec<Value> = groups.iter().map(|row| row["comment"].clone()).collect();
    assert_eq!(told, titles);
    let rows: Vec<Value> = slim
        .rows("groups")
        .map(|row| row["title"].clone())
        .collect();
    assert_eq!(rows, titles);
    for expected in ["made by the build: layer 02", "directories"] {
        assert!(titles.iter().any(|title| title == expected), "{titles:?}");
    }
    // The small layer on top is as it was, and so is what history says of it.
    assert_eq!(last.len(), 1);
    assert_eq!(last[0]["created_by"], "COPY layer 2");
    assert_eq!(
        layer_digests(&slim.layout).last(),
        layer_digests(&before).last()
    );
    let place = |rows: &[Value], text: &str| rows.iter().position(|row| row["created_by"] == text);
    assert!(place(&history, "oci-slim regroup") < place(&history, "COPY layer 2"));
}

/// When a build ran and what it was given; the steps before were done at 1,650,000,000 seconds.
#[derive(Clone, Copy)]
struct Stepped {
    ran: i64,
    main: u32,
    module: u32,
}

const STEPPED: Stepped = Stepped {
    ran: 1_700_000_000,
    main: 1,
    module: 2,
};

/// An image whose second step installs modules and writes files of its own, and whose third is the application's.
fn stepped(of: Stepped) -> Image {
    let dated = |path: &str, bytes: Vec<u8>| Entry::file(path, bytes).mtime(of.ran, 0);
    let dir = |path: &str| Entry::dir(path).mtime(of.ran, 0);
    image()
        .layer(|layer| layer.dir("usr/").file("usr/large", vec![1; 5 << 20]))
        .layer(|layer| {
            layer
                .add(dir("app/"))
                .add(dir("app/cache/"))
                .add(dir("app/cache/deep/"))
                .add(dir("app/cache/none/"))
                .add(dated("app/cache/deep/index", noise(3, 90_000)))
                .add(dir("app/node_modules/"))
                .file("app/node_modules/a/index.js", noise(of.module, 5000))
                .file("app/node_modules/b/index.js", noise(9, 5000))
                .file("app/assets.bin", vec![2; 5 << 20])
        })
        .layer(|layer| layer.file("app/main.js", noise(of.main, 3000)))
}

#[test]
fn what_a_step_dated_changes_with_it_and_nothing_else_does() {
    let dir = scratch();
    let keep = ["--disable", "*"];
    let slim = |of: Stepped, name: &str, flags: &[&str]| {
        let before = stepped(of).write(&dir.path().join(format!("{name}-source")));
        let layout = shrink(&before, dir.path(), name, flags).layout;
        assert_same(&flatten(&layout), &flatten(&before));
        layout
    };
    let (first, kept) = (slim(STEPPED, "a", &REGROUP), slim(STEPPED, "k", &keep));
    let again = shrink(&first, dir.path(), "twice", &REGROUP).layout;
    assert_eq!(manifest(&again), manifest(&first));
    let ran = STEPPED.ran + 86_400;
    for (name, next, expected) in [
        ("main", Stepped { main: 5, ..STEPPED }, &["as it was"][..]),
        (
            "ran",
            Stepped { ran, ..STEPPED },
            &[
                "made by the build: layer 02",
                "directories of packages",
                "directories",
            ],
        ),
        (
            "module",
            Stepped {
                ran,
                module: 6,
                ..STEPPED
            },
            &[
                "language packages",
                "made by the build: layer 02",
                "directories of packages",
                "directories",
            ],
        ),
    ] {
        let after = slim(next, name, &REGROUP);
        assert_eq!(new_layers(&after, &first), expected, "{name}");
        let keeping = slim(next, &format!("{name}-kept"), &keep);
        assert!(pulled(&after, &first) <= pulled(&keeping, &kept), "{name}");
    }
}

#[test]
fn a_directory_that_nothing_describes_hides_no_time() {
    let dir = scratch();
    let dated = |path: &str| Entry::dir(path).mtime(STEPPED.ran, 0);
    let before = image()
        .layer(|layer| layer.file("usr/large", vec![1; 5 << 20]))
        .layer(|layer| {
            let layer = layer.add(dated("app/")).add(dated("app/implied/empty/"));
            layer.add(Entry::file("app/index", noise(3, 90_000)).mtime(STEPPED.ran, 0))
        })
        .layer(|layer| layer.file("usr/huge", vec![2; 5 << 20]));
    let before = before.write(&dir.path().join("before"));
    let slim = shrink(&before, dir.path(), "slim", &REGROUP);
    assert_same(&flatten(&slim.layout), &flatten(&before));
}

/// The bytes of a layout's layers that another does not have.
fn pulled(after: &Path, before: &Path) -> u64 {
    let before: BTreeSet<String> = layer_digests(before).into_iter().collect();
    let layers = manifest(after)["layers"].as_array().unwrap().clone();
    let new = layers
        .iter()
        .filter(|layer| !before.contains(layer["digest"].as_str().unwrap()));
    new.map(|layer| layer["size"].as_u64().unwrap()).sum()
}

#[test]
fn the_layers_of_the_last_release_are_taken_again() {
    let dir = scratch();
    let flags = |mode: &'static str| ["--disable", "*", "--layers", mode];
    let first = FIRST.write(dir.path(), "a");
    let first = shrink(&first, dir.path(), "first", &flags("regroup=12")).layout;
    let next = Release { main: 2, ..FIRST }.write(dir.path(), "b");
    let alone = shrink(&next, dir.path(), "alone", &flags("regroup=32"));
    let previous = ["--previous", first.to_str().unwrap()];
    let followed = [&flags("regroup=32")[..], &previous].concat();
    let followed = shrink(&next, dir.path(), "followed", &followed);
    assert_same(&flatten(&followed.layout), &flatten(&next));
    let (few, many) = (
        new_layers(&followed.layout, &first),
        new_layers(&alone.layout, &first),
    );
    assert!(few.len() < many.len(), "{few:?} {many:?}");
    // All of the application was in one layer: what is left of it is laid out anew.
    assert!(
        few.iter().all(|title| title.starts_with("application")),
        "{few:?}"
    );
    let update = &followed.report["images"][0]["update"];
    assert_eq!(update["layers"], few.len());
    assert!(update["bytes"].as_u64() < update["all_bytes"].as_u64());
}

#[test]
fn a_mode_is_chosen_for_an_aim() {
    let dir = scratch();
    let before = FIRST.write(dir.path(), "before");
    for aim in ["size", "pull", "update"] {
        let arguments = ["--disable", "*", "--layers", "auto", "--aim", aim];
        let slim = shrink(&before, dir.path(), aim, &arguments);
        assert_same(&flatten(&slim.layout), &flatten(&before));
        let forecast = &slim.report["images"][0]["forecast"];
        assert_eq!(forecast["aim"], aim);
        let modes = forecast["modes"].as_array().unwrap();
        assert_eq!(forecast["chosen"], modes[0]["mode"]);
        let costs: Vec<u64> = modes.iter().map(|row| row[aim].as_u64().unwrap()).collect();
        assert!(costs.is_sorted(), "{costs:?}");
    }
}

#[test]
fn later_times_are_clamped_but_not_those_of_byte_code() {
    let dir = scratch();
    let late = |name: &str| Entry::file(name, noise(3, 700)).mtime(5000, 7);
    let before = image().layer(|layer| {
        layer
            .add(late("app/late.txt"))
            .add(Entry::file("app/early.txt", "early").mtime(3000, 5))
            .add(late("app/bare.py"))
            .add(late("app/mod.py"))
            .add(late("app/__pycache__/mod.cpython-312.pyc"))
            .add(Entry::symlink("app/link", "late.txt").mtime(5000, 0))
    });
    let before = before.write(&dir.path().join("before"));
    let (after, report) = (dir.path().join("after"), dir.path().join("r.json"));
    let run = Command::new(env!("CARGO_BIN_EXE_oci-slim"))
        .env("SOURCE_DATE_EPOCH", "4000")
        .args([
            "shrink",
            "--disable",
            "*",
            "--layers",
            "regroup",
            "-q",
            "--report",
        ])
        .args([&report, &before])
        .arg("-o")
        .arg(&after)
        .status();
    assert!(run.unwrap().success());
    let tree = flatten(&after);
    for (path, time) in [
        ("app/late.txt", (4000, 0)),
        ("app/early.txt", (3000, 5)),
        ("app/bare.py", (4000, 0)),
        ("app/mod.py", (5000, 7)),
        ("app/__pycache__/mod.cpython-312.pyc", (5000, 7)),
        ("app/link", (4000, 0)),
    ] {
        assert_eq!(tree[path.as_bytes()].mtime, Some(time), "{path}");
    }
    let late = &tree[&b"app/late.txt"[..]].kind;
    assert!(matches!(late, Kind::File(bytes) if bytes.len() == 700));
    let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!(report["images"][0]["clamped"], 3);
}
