//! The profile on small images of dpkg's kind.

use serde_json::{Value, json};

use crate::closure::elf::tests::library;
use crate::closure::trace::Trace;
use crate::packages::testing::{Image, bytes};
use crate::packages::{Database, Inventory, Limits, PackageReport};
use crate::path;
use crate::rules::{Decisions, Facts};

use super::{Depth, Options, Outcome, Subject, TOOL_RULES, Wish, remove};

const STATUS: &str = "\
Package: base
Essential: yes
Status: install ok installed
Architecture: amd64
Version: 1

Package: libz
Status: install ok installed
Architecture: amd64
Version: 1
Depends: libdata

Package: libdata
Status: install ok installed
Architecture: all
Version: 1

Package: tool
Status: install ok installed
Architecture: amd64
Version: 1
Depends: libz

Package: python
Status: install ok installed
Architecture: amd64
Version: 3

";

const GO: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0";

/// A static Go program: headers without segments, and what the table of functions holds.
fn go(functions: &str) -> Vec<u8> {
    let mut file = GO.to_vec();
    file.extend([2u16, 62].iter().flat_map(|v| v.to_le_bytes()));
    file.extend(1u32.to_le_bytes());
    file.extend([0u64, 64, 0].iter().flat_map(|v| v.to_le_bytes()));
    file.extend(0u32.to_le_bytes());
    file.extend([64u16, 56, 0, 0, 0, 0].iter().flat_map(|v| v.to_le_bytes()));
    file.extend(format!("\0runtime.goexit\0{functions}\0/etc/mime.types").bytes());
    file
}

/// The image with `app/main`.
fn image(main: &[u8]) -> Image {
    let mut paths = bytes(&[
        ("usr/lib/libz.so.1", "->libz.so.1.3", ""),
        ("usr/lib/libz.extra", "f", "extra"),
        ("usr/share/data/table", "f", "table"),
        ("usr/bin/tool", "x", "tool"),
        ("usr/bin/sh", "x", "\x7fELF"),
        ("usr/bin/python3.11", "x", "\x7fELF"),
        ("usr/lib/python3.11/os.py", "f", "import sys"),
        ("usr/share/doc/libz/copyright", "f", "free"),
        ("etc/mime.types", "f", "text/plain txt"),
        ("etc/passwd", "f", "root:x:0:0::/root:/bin/sh\n"),
        ("app/run.sh", "x", "#!/usr/bin/sh\ntool --now\n"),
        ("app/run.py", "f", "import os\n"),
        ("usr/local/go/bin/go", "x", "go"),
        ("usr/local/go/src/fmt/print.go", "f", "package fmt"),
        ("var/log/old", "f", "log"),
        ("var/lib/dpkg/status", "f", STATUS),
        ("var/lib/dpkg/info/format", "f", "1\n"),
        (
            "var/lib/dpkg/info/base.list",
            "f",
            "/.\n/usr\n/usr/bin\n/usr/bin/sh\n/etc\n/etc/mime.types\n",
        ),
        (
            "var/lib/dpkg/info/base.md5sums",
            "f",
            "00000000000000000000000000000000  usr/bin/sh\n",
        ),
        ("var/lib/dpkg/info/base.postinst", "x", "#!/bin/sh\n"),
        (
            "var/lib/dpkg/info/libz.list",
            "f",
            "/.\n/usr/lib\n/usr/lib/libz.so.1\n/usr/lib/libz.so.1.3\n/usr/lib/libz.extra\n/usr/share/doc/libz\n/usr/share/doc/libz/copyright\n",
        ),
        (
            "var/lib/dpkg/info/libdata.list",
            "f",
            "/.\n/usr/share/data\n/usr/share/data/table\n",
        ),
        (
            "var/lib/dpkg/info/tool.list",
            "f",
            "/.\n/usr/bin\n/usr/bin/tool\n/usr/lib/tools\n/usr/lib/tools/helper\n",
        ),
        (
            "var/lib/dpkg/info/python.list",
            "f",
            "/.\n/usr/bin/python3.11\n/usr/lib/python3.11\n/usr/lib/python3.11/os.py\n",
        ),
    ]);
    let programs = [
        ("app/main", main.to_vec()),
        ("usr/lib/libz.so.1.3", library(&[], "", 0)),
        ("usr/lib/tools/helper", library(&["libz.so.1"], "", 0)),
    ];
    paths.extend(programs.map(|(path, bytes)| (path.into(), "x".into(), bytes)));
    Image::of_bytes(&paths)
}

struct Result {
    image: Image,
    databases: Vec<Database>,
    outcome: Outcome,
    decisions: Decisions,
}

fn slim(image: Image, config: &Value, options: &Options) -> Result {
    let facts = Facts::gather(&json!({ "config": config }), &image.tree, &image).unwrap();
    let databases = Database::read(&image.tree, &image).unwrap();
    let inventory = Inventory::new(&image.tree, &image, facts, databases);
    let subject = Subject {
        inventory: &inventory,
        limits: Limits {
            frozen: &|_| false,
            keep: &|_| None,
        },
        tools: TOOL_RULES,
    };
    let mut decisions = Decisions::default();
    let (outcome, _) =
        remove(&subject, options, &PackageReport::default(), &mut decisions).unwrap();
    let databases = inventory.databases;
    Result {
        image,
        databases,
        outcome,
        decisions,
    }
}

impl Result {
    /// Files and links that stay, without dpkg's.
    fn left(&self) -> Vec<String> {
        let tree = &self.image.tree;
        let mut left: Vec<String> = tree
            .walk()
            .filter(|&node| tree.kind(node) != crate::layer::Kind::Dir)
            .filter(|&node| self.decisions.removed(node).is_none())
            .map(|node| path::display(&tree.path(node)))
            .filter(|path| !path.starts_with("var/lib/dpkg"))
            .collect();
        left.sort();
        left
    }

    fn packages(&self) -> Vec<String> {
        let left = self.image.after(&self.decisions);
        let status = &left["var/lib/dpkg/status"];
        let names = status
            .lines()
            .filter_map(|line| line.strip_prefix("Package: "));
        names.map(str::to_owned).collect()
    }

    fn chain(&self, path: &str) -> Vec<String> {
        self.outcome
            .chain(&self.image.tree, &self.databases, self.image.at(path))
    }
}

fn at(depth: Wish) -> Options {
    Options {
        depth,
        ..Options::default()
    }
}

#[test]
fn a_static_program_that_starts_nothing_stands_alone() {
    let result = slim(
        image(&go("main.main")),
        &json!({"Cmd": ["/app/main"]}),
        &Options::default(),
    );
    assert_eq!(result.outcome.depth, Depth::Files);
    assert_eq!(
        result.left(),
        [
            "app/main",
            "app/run.py",
            "app/run.sh",
            "etc/mime.types",
            "etc/passwd"
        ]
    );
    assert_eq!(result.packages(), ["base"]);
    let left = result.image.after(&result.decisions);
    assert_eq!(
        left["var/lib/dpkg/info/base.list"],
        "/.\n/usr\n/usr/bin\n/etc\n/etc/mime.types\n"
    );
    assert_eq!(left["var/lib/dpkg/info/base.md5sums"], "");
    assert!(!left.contains_key("var/lib/dpkg/info/base.postinst"));
    assert_eq!(
        result.chain("etc/mime.types"),
        [
            "CMD runs `/app/main`",
            "`/app/main` names `/etc/mime.types`"
        ]
    );
}

#[test]
fn a_program_that_may_start_others_keeps_what_is_essential() {
    let main = go("main.main\0os.StartProcess");
    let result = slim(
        image(&main),
        &json!({"Cmd": ["/app/main"]}),
        &Options::default(),
    );
    assert_eq!(result.outcome.depth, Depth::Essential);
    assert!(
        result.outcome.why.contains("os.StartProcess"),
        "{}",
        result.outcome.why
    );
    assert_eq!(result.packages(), ["base"]);
    assert!(result.left().contains(&"usr/bin/sh".to_owned()));
    assert_eq!(
        result.chain("usr/bin/sh"),
        [
            "CMD runs `/app/main`",
            "`/app/main` names `/etc/mime.types`",
            "`base` owns `/etc/mime.types`",
            "package `base` stays whole",
        ]
    );
}

#[test]
fn libraries_bring_their_packages_and_what_these_depend_on() {
    let main = library(&["libz.so.1"], "", 0);
    let config = json!({"Entrypoint": ["/app/main"]});
    let result = slim(image(&main), &config, &Options::default());
    assert_eq!(result.outcome.depth, Depth::Packages);
    assert_eq!(result.packages(), ["libz", "libdata"]);
    assert_eq!(
        result.chain("usr/share/data/table"),
        [
            "ENTRYPOINT runs `/app/main`",
            "`/app/main` needs `libz.so.1`",
            "`libz` owns `/usr/lib/libz.so.1`",
            "`libz` depends on `libdata`",
            "package `libdata` stays whole",
        ]
    );
    let files = slim(image(&main), &config, &at(Wish::Exactly(Depth::Files)));
    assert_eq!(files.packages(), ["libz"]);
    let left = files.left();
    assert!(!left.contains(&"usr/lib/libz.extra".to_owned()), "{left:?}");
    assert!(
        left.contains(&"usr/share/doc/libz/copyright".to_owned()),
        "{left:?}"
    );
}

#[test]
fn scripts_and_interpreters_bring_what_they_name_and_load() {
    let main = go("main.main");
    let result = slim(
        image(&main),
        &json!({"Cmd": ["/app/run.sh"]}),
        &Options::default(),
    );
    assert_eq!(result.outcome.depth, Depth::Essential);
    assert_eq!(result.packages(), ["base", "libz", "libdata", "tool"]);
    assert_eq!(
        result.chain("usr/bin/tool"),
        ["CMD runs `/app/run.sh`", "`/app/run.sh` names `tool`"]
    );
    let config = json!({"Cmd": ["python3.11", "/app/run.py"]});
    let result = slim(image(&main), &config, &at(Wish::Exactly(Depth::Files)));
    assert!(
        result
            .left()
            .contains(&"usr/lib/python3.11/os.py".to_owned())
    );
}

#[test]
fn recordings_and_lines_add() {
    let main = go("main.main");
    let mut trace = Trace::default();
    trace.paths.insert(b"/usr/share/data/table".to_vec());
    let options = Options {
        traces: vec![trace],
        ..Options::default()
    };
    let result = slim(image(&main), &json!({"Cmd": ["/app/main"]}), &options);
    assert_eq!(result.chain("usr/share/data/table"), ["a trace shows it"]);
    let image = image(&main);
    let config = json!({"config": {"Cmd": ["/app/main"]}});
    let needs = ["tool --version".to_owned()];
    let facts = Facts::gather_for(&config, &needs, &image.tree, &image).unwrap();
    let databases = Database::read(&image.tree, &image).unwrap();
    let inventory = Inventory::new(&image.tree, &image, facts, databases);
    let subject = Subject {
        inventory: &inventory,
        limits: Limits {
            frozen: &|_| false,
            keep: &|_| None,
        },
        tools: &[],
    };
    let mut decisions = Decisions::default();
    let none = PackageReport::default();
    remove(&subject, &Options::default(), &none, &mut decisions).unwrap();
    assert_eq!(decisions.removed(image.at("usr/bin/tool")), None);
    assert_eq!(decisions.removed(image.at("usr/local/go/bin/go")), None);
}

#[test]
fn programs_that_stay_with_their_directory_keep_their_libraries() {
    let main = go("main.main\0/usr/lib/tools");
    let result = slim(
        image(&main),
        &json!({"Cmd": ["/app/main"]}),
        &at(Wish::Exactly(Depth::Files)),
    );
    let left = result.left();
    for path in [
        "usr/lib/tools/helper",
        "usr/lib/libz.so.1",
        "usr/lib/libz.so.1.3",
    ] {
        assert!(left.contains(&path.to_owned()), "{path}: {left:?}");
    }
    assert!(!left.contains(&"usr/bin/tool".to_owned()), "{left:?}");
    assert_eq!(
        result.chain("usr/lib/libz.so.1.3").last().unwrap(),
        "`/usr/lib/tools/helper` needs `libz.so.1`"
    );
}

#[test]
fn another_user_has_its_rows() {
    let options = Options {
        user: Some("nonroot".into()),
        ..Options::default()
    };
    let result = slim(
        image(&go("main.main")),
        &json!({"Cmd": ["/app/main"]}),
        &options,
    );
    let left = result.image.after(&result.decisions);
    assert_eq!(
        left["etc/passwd"],
        "root:x:0:0::/root:/bin/sh\nnonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin\n"
    );
}
