//! What `inspect` says that a rule, a profile or a layer mode would save is what `shrink` then saves, to the byte.
//!
//! The images are made of the rules' own examples. What a layer that would grow takes back is the one difference that there
//! may be; these layers are stored plain, which never grow.

use std::collections::HashSet;
use std::path::Path;

use oci_slim::rules::{Only, Rule, all};
use serde_json::{Value, json};

use crate::support::codec::Codec;
use crate::support::image::{Image, image};
use crate::support::layer::Layer;
use crate::support::program::{oci_slim_in, scratch};

/// The bytes of a file that a rule takes, `length` more of them than it needs.
fn content(rule: &Rule, length: usize) -> Vec<u8> {
    let mut bytes = vec![b'.'; 32];
    for only in rule.only {
        if let Only::Magic(magic) = only {
            let (offset, expected) = magic[0];
            bytes[offset..offset + expected.len()].copy_from_slice(expected);
        }
    }
    bytes.extend(std::iter::repeat_n(b'x', length));
    bytes
}

fn is_link(rule: &Rule) -> bool {
    rule.only.iter().any(|only| matches!(only, Only::Symlink))
}

/// The paths of an image in the making: two rules may have one example, or one's file be the other's directory.
#[derive(Default)]
struct Paths {
    files: HashSet<String>,
    dirs: HashSet<String>,
}

impl Paths {
    /// Whether the path is free; it is taken then.
    fn take(&mut self, path: &str) -> bool {
        let above = || path.match_indices('/').map(|(at, _)| &path[..at]);
        let is_free = !self.dirs.contains(path)
            && !self.files.contains(path)
            && !above().any(|dir| self.files.contains(dir));
        if is_free {
            self.dirs.extend(above().map(str::to_owned));
            self.files.insert(path.to_owned());
        }
        is_free
    }
}

/// Adds what a rule takes, with sizes of their own, and what it looks at beside them.
fn examples(mut layer: Layer, rule: &Rule, paths: &mut Paths) -> Layer {
    for (number, file) in rule.fires.iter().enumerate() {
        let name = file.trim_end_matches('/');
        if name.len() > 90 || !paths.take(name) {
            continue;
        }
        layer = match file.ends_with('/') {
            true => layer.dir(name),
            false if is_link(rule) => layer.symlink(file, "elsewhere"),
            false => layer.file(file, content(rule, 100 * number + file.len())),
        };
    }
    let beside = rule.beside.iter().filter(|file| !file.starts_with('$'));
    for file in beside.filter(|file| !file.ends_with('/')) {
        if paths.take(file) {
            layer = layer.file(file, b"x");
        }
    }
    layer
}

/// The variables of an example's environment.
fn environment<'r>(rules: impl Iterator<Item = &'r Rule>) -> Value {
    let beside = rules.flat_map(|rule| rule.beside);
    let environment: Vec<&str> = beside.filter_map(|file| file.strip_prefix('$')).collect();
    json!({"Env": environment, "Entrypoint": ["dotnet", "/gone/app.dll"]})
}

/// An image for some rules; another name of the first one's file lies where no rule looks.
fn example(rules: &[&'static Rule]) -> Image {
    let mut paths = Paths::default();
    image()
        .codec(Codec::Plain)
        .config(environment(rules.iter().copied()))
        .layer(|l| {
            l.file("srv/app/own", vec![b'o'; 4000])
                .file("srv/app/old", b"1")
        })
        .layer(|l| {
            let own = l.file("srv/app/own", vec![b'o'; 5000]);
            let l = rules
                .iter()
                .fold(own, |layer, rule| examples(layer, rule, &mut paths));
            let kept = rules[0].fires[0];
            match kept.ends_with('/') || is_link(rules[0]) {
                true => l,
                false => l.hardlink("srv/app/kept", kept),
            }
        })
        .layer(|l| l.whiteout("srv/app/old"))
}

fn run(dir: &Path, arguments: &[&str]) -> Value {
    let run = oci_slim_in(dir, arguments);
    assert_eq!(run.code, Some(0), "{arguments:?}: {}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

fn inspect(dir: &Path) -> Value {
    run(dir, &["inspect", "image", "--format", "json"])["images"][0].take()
}

fn shrink(dir: &Path, flags: &[&str]) -> Value {
    let all = [
        &[
            "shrink",
            "image",
            "--dry-run",
            "--proof",
            "index",
            "--format",
            "json",
        ],
        flags,
    ]
    .concat();
    run(dir, &all)["images"][0].take()
}

/// Compares what `inspect` says of a rule with what `shrink` with it alone does; returns whether there was anything.
fn compare(dir: &Path, inspected: &Value, rule: &str) -> bool {
    let shrunk = shrink(dir, &["--disable", "*", "--enable", rule]);
    let rows = inspected["rules"].as_array().unwrap();
    let foreseen = rows.iter().find(|row| row["name"] == rule);
    let done = shrunk["rules"].as_array().unwrap();
    let sum = |key: &str| {
        done.iter()
            .map(|row| row[key].as_u64().unwrap())
            .sum::<u64>()
    };
    for key in ["bytes", "files", "paths"] {
        let foreseen = foreseen.map_or(0, |row| row[key].as_u64().unwrap());
        assert_eq!(foreseen, sum(key), "{rule}: {key}");
    }
    let visible = |key: &str| shrunk[key]["visible"].as_u64().unwrap();
    assert_eq!(visible("before") - visible("after"), sum("bytes"), "{rule}");
    assert_eq!(shrunk["withdrawn"], json!([]), "{rule}");
    foreseen.is_some()
}

#[test]
fn every_rule_alone() {
    let rules: Vec<&Rule> = all().filter(|rule| !rule.fires.is_empty()).collect();
    let mut fired = 0;
    for some in rules.chunks(16) {
        let dir = scratch();
        example(some).write(&dir.path().join("image"));
        let inspected = inspect(dir.path());
        let found = some
            .iter()
            .filter(|rule| compare(dir.path(), &inspected, rule.name));
        fired += found.count();
    }
    // A few see something of another rule's that holds them back.
    assert!(fired * 10 > rules.len() * 8, "{fired} of {}", rules.len());
}

/// Compares every run that `inspect` foresees with that run.
fn compare_runs(dir: &Path) {
    let inspected = inspect(dir);
    let runs = inspected["runs"].as_array().unwrap();
    assert!(runs.len() >= 6);
    for run in runs {
        let flags = run["flags"].as_str().unwrap().replace('\'', "");
        let shrunk = shrink(dir, &flags.split(' ').collect::<Vec<_>>());
        let after = &shrunk["after"];
        assert_eq!(run["visible"], after["visible"], "{flags}");
        assert_eq!(run["uncompressed"], after["uncompressed"], "{flags}");
        let freed =
            shrunk["before"]["visible"].as_u64().unwrap() - after["visible"].as_u64().unwrap();
        assert_eq!(run["freed"], freed, "{flags}");
        let removed = shrunk["removed"].as_array().unwrap().len();
        assert_eq!(run["removed"], removed, "{flags}");
        assert_eq!(after["wasted"], 0, "{flags}");
    }
    assert_eq!(inspected["hidden"]["bytes"], inspected["totals"]["wasted"]);
}

#[test]
fn profiles_and_layer_modes() {
    let dir = scratch();
    let rules: Vec<&Rule> = all().filter(|rule| !rule.fires.is_empty()).collect();
    example(&rules).write(&dir.path().join("image"));
    compare_runs(dir.path());
}

/// A database of dpkg with a compiler that nothing needs, and a project with a development dependency.
fn with_packages(layer: Layer) -> Layer {
    let paragraph = |name: &str| {
        format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n"
        )
    };
    let lock = json!({
        "lockfileVersion": 3,
        "packages": {
            "node_modules/left": {"version": "1.0.0"},
            "node_modules/mocha": {"version": "1.0.0", "dev": true},
        },
    });
    let mut layer = layer.file("etc/os-release", "ID=debian\n").file(
        "var/lib/dpkg/status",
        ["gcc", "web"].map(paragraph).concat(),
    );
    for name in ["gcc", "web"] {
        let list = format!("/.\n/usr\n/usr/bin\n/usr/bin/{name}\n");
        layer = layer
            .file(format!("var/lib/dpkg/info/{name}.list"), list)
            .file(format!("usr/bin/{name}"), vec![b'g'; 3000]);
    }
    layer
        .file(
            "app/package.json",
            json!({"dependencies": {"left": "1"}, "devDependencies": {"mocha": "1"}}).to_string(),
        )
        .file("app/node_modules/.package-lock.json", lock.to_string())
        .file(
            "app/node_modules/left/package.json",
            "{\"name\": \"left\", \"version\": \"1.0.0\"}",
        )
        .file(
            "app/node_modules/mocha/package.json",
            "{\"name\": \"mocha\", \"version\": \"1.0.0\"}",
        )
        .file("app/node_modules/mocha/index.js", vec![b'm'; 2000])
}

#[test]
fn rules_that_take_packages() {
    let dir = scratch();
    image()
        .codec(Codec::Plain)
        .layer(|l| with_packages(l).file("srv/own", vec![b'o'; 4000]))
        .layer(|l| l.file("srv/own", vec![b'o'; 4001]))
        .write(&dir.path().join("image"));
    let inspected = inspect(dir.path());
    for rule in ["build-tools", "dev-dependencies"] {
        assert!(compare(dir.path(), &inspected, rule), "{rule}");
    }
    compare_runs(dir.path());
}

#[test]
fn compressed_layers_that_do_not_grow() {
    let dir = scratch();
    let noise: Vec<u8> = (0..400_000_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    image()
        .codec(Codec::gzip(6))
        .layer(|l| {
            l.file("usr/share/doc/a/big", &noise)
                .file("bin/tool", &noise[..9000])
        })
        .layer(|l| {
            l.file("var/log/dpkg.log", &noise[..50_000])
                .file("bin/tool", &noise[..9001])
        })
        .write(&dir.path().join("image"));
    let inspected = inspect(dir.path());
    for rule in ["docs", "logs", "apt-logs"] {
        compare(dir.path(), &inspected, rule);
    }
    compare_runs(dir.path());
}
