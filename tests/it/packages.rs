//! Packages leave whole: files, rows and what was installed for them alone; what the image starts by stays with its needs.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::compare::{assert_same, without};
use crate::support::flatten::{Kind, flatten};
use crate::support::image::{Image, image};
use crate::support::layer::Layer;
use crate::support::program::{Slim, oci_slim_in, scratch, shrink};

/// `name: needs`, essential with `!`, installed by hand with `*`; each has a file in `usr/bin` or, `lib…`, in `usr/lib`.
const BASE: &[&str] = &["base-files!: libc6", "libc6"];
const TOOLS: &[&str] = &[
    "gcc*: libc6, cpp, libmpc3",
    "cpp: libc6",
    "libmpc3",
    "make*: libc6",
    "web*: libc6",
];

fn name(line: &str) -> &str {
    line.split(':').next().unwrap().trim_end_matches(['*', '!'])
}

fn file_of(name: &str) -> String {
    let place = if name.starts_with("lib") {
        "lib"
    } else {
        "bin"
    };
    format!("usr/{place}/{name}")
}

fn paragraph(line: &str) -> String {
    let needs = line
        .split_once(": ")
        .map(|(_, needs)| format!("Depends: {needs}\n"));
    let essential = if line.contains('!') {
        "Essential: yes\n"
    } else {
        ""
    };
    format!(
        "Package: {}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n{essential}{}\n",
        name(line),
        needs.unwrap_or_default()
    )
}

/// Adds what dpkg writes when it installs `lines`, with `all` that is installed then.
fn install(mut layer: Layer, lines: &[&str], all: &[&str]) -> Layer {
    for line in lines {
        let name = name(line);
        let path = file_of(name);
        layer = layer.file(&path, format!("the program {name} {}", "x".repeat(3000)));
        let list = format!("/.\n/usr\n/{}\n/{path}\n", path.rsplit_once('/').unwrap().0);
        layer = layer.file(format!("var/lib/dpkg/info/{name}.list"), list);
    }
    let status: String = all.iter().map(|line| paragraph(line)).collect();
    let automatic = all.iter().filter(|line| !line.contains(['*', '!']));
    let marks: String = automatic
        .map(|line| {
            format!(
                "Package: {}\nArchitecture: amd64\nAuto-Installed: 1\n\n",
                name(line)
            )
        })
        .collect();
    layer
        .file("var/lib/dpkg/status", status)
        .file("var/lib/apt/extended_states", marks)
}

/// A base, a layer with tools, and an application.
fn debian(config: Value) -> Image {
    let all = [BASE, TOOLS].concat();
    image()
        .config(config)
        .layer(|layer| install(layer.file("etc/os-release", "ID=debian\n"), BASE, BASE))
        .layer(|layer| install(layer, TOOLS, &all))
        .layer(|layer| layer.file("app/main", "the application"))
}

struct Case {
    dir: tempfile::TempDir,
    before: PathBuf,
}

impl Case {
    fn new(image: &Image) -> Self {
        let dir = scratch();
        let before = image.write(&dir.path().join("before"));
        Self { dir, before }
    }

    /// Shrinks, and checks that the result is the source less what is listed, but for the edited paths.
    fn shrink(&self, arguments: &[&str]) -> Slim {
        let slim = shrink(
            &self.before,
            self.dir.path(),
            &arguments.concat().replace('/', "-"),
            arguments,
        );
        let after = flatten(&slim.layout);
        let mut expected = without(&flatten(&self.before), &slim.removed());
        for path in slim.paths("edited") {
            let node = expected.get_mut(&path).unwrap();
            node.kind = after[&path].kind.clone();
        }
        assert_same(&after, &expected);
        slim
    }
}

/// The packages of a list of the report, each with one of its texts.
fn packages(slim: &Slim, list: &str, text: fn(&Value) -> String) -> Vec<String> {
    let rows = slim.report["images"][0]["packages"][list]
        .as_array()
        .unwrap();
    let row = |row: &Value| format!("{}: {}", row["name"].as_str().unwrap(), text(row));
    rows.iter().map(row).collect()
}

fn removed(slim: &Slim) -> Vec<String> {
    packages(slim, "removed", |row| row["why"].as_str().unwrap().into())
}

fn kept(slim: &Slim) -> Vec<String> {
    packages(slim, "kept", |row| {
        row["because"][0].as_str().unwrap().into()
    })
}

fn read(layout: &Path, path: &str) -> String {
    match &flatten(layout)[path.as_bytes()].kind {
        Kind::File(bytes) => String::from_utf8(bytes.clone()).unwrap(),
        other => panic!("{path} is {other:?}"),
    }
}

fn listed(layout: &Path) -> Vec<String> {
    let status = read(layout, "var/lib/dpkg/status");
    let names = status
        .lines()
        .filter_map(|line| line.strip_prefix("Package: "));
    names.map(str::to_owned).collect()
}

fn warned(slim: &Slim, code: &str) -> Vec<String> {
    let warnings = slim.report["images"][0]["warnings"].as_array().unwrap();
    let own = warnings.iter().filter(|warning| warning["code"] == code);
    own.map(|warning| warning["text"].as_str().unwrap().into())
        .collect()
}

#[test]
fn a_package_leaves_with_its_rows_and_what_was_installed_for_it() {
    let case = Case::new(&debian(json!({"Cmd": ["/app/main"]})));
    let slim = case.shrink(&["--drop-package", "g*"]);
    assert_eq!(
        removed(&slim),
        [
            "cpp: left over from `gcc`",
            "gcc: asked for",
            "libmpc3: left over from `gcc`"
        ]
    );
    assert_eq!(listed(&slim.layout), ["base-files", "libc6", "make", "web"]);
    let marks = read(&slim.layout, "var/lib/apt/extended_states");
    assert_eq!(
        marks,
        "Package: libc6\nArchitecture: amd64\nAuto-Installed: 1\n\n"
    );
    let after = flatten(&slim.layout);
    for gone in [
        "usr/bin/gcc",
        "usr/lib/libmpc3",
        "var/lib/dpkg/info/cpp.list",
    ] {
        assert!(!after.contains_key(gone.as_bytes()), "{gone}");
    }
    assert_eq!(slim.rows("removed").count(), 6);
    // Nothing is left to do.
    let again = shrink(
        &slim.layout,
        case.dir.path(),
        "again",
        &["--drop-package", "g*"],
    );
    let image = &again.report["images"][0];
    assert_eq!(image["source"], image["result"]);
    assert_eq!(warned(&again, "no-package").len(), 1);
}

#[test]
fn lean_takes_build_tools_and_safe_does_not() {
    let case = Case::new(&debian(json!({"Cmd": ["/app/main"]})));
    let lean = case.shrink(&["--profile", "lean"]);
    assert_eq!(listed(&lean.layout), ["base-files", "libc6", "web"]);
    let none: &[&str] = &[];
    let safe = case.shrink(&["--profile", "safe"]);
    assert_eq!(removed(&safe), none);
    let off = case.shrink(&["--profile", "lean", "--disable", "build-tools"]);
    assert_eq!(removed(&off), none);
    let on = case.shrink(&["--disable", "*", "--enable", "build-tools"]);
    assert_eq!(removed(&on), removed(&lean));
}

#[test]
fn what_the_image_starts_by_is_refused_with_a_warning() {
    let case = Case::new(&debian(json!({
        "Entrypoint": ["make", "serve"],
        "Env": ["PATH=/usr/bin"],
    })));
    let slim = case.shrink(&["--profile", "lean"]);
    assert_eq!(listed(&slim.layout), ["base-files", "libc6", "make", "web"]);
    assert_eq!(kept(&slim), ["make: `make` stays: ENTRYPOINT runs `make`"]);
    assert_eq!(
        warned(&slim, "package-named"),
        ["build-tools asks for it, but `make` stays: ENTRYPOINT runs `make`"]
    );
    // The user's word on paths is the last, but not in silence.
    let taken = case.shrink(&["--remove", "usr/bin/make"]);
    assert_eq!(
        warned(&taken, "named-path-taken"),
        ["usr/bin/make takes `/usr/bin/make`, but ENTRYPOINT runs `make`"]
    );
    assert_eq!(
        packages(&taken, "partial", |row| row["removed"].to_string()),
        ["make: 1"]
    );
}

#[test]
fn keeps_and_essential_packages_hold() {
    let case = Case::new(&debian(json!({"Cmd": ["/app/main"]})));
    let slim = case.shrink(&[
        "--drop-package",
        "libc6",
        "--drop-package",
        "make",
        "--keep",
        "usr/bin/make",
    ]);
    assert_eq!(kept(&slim)[0], "libc6: `base-files` stays: it is Essential");
    // Files that are no programs hold no package.
    assert_eq!(removed(&slim), ["make: asked for"]);
    assert!(flatten(&slim.layout).contains_key(&b"usr/bin/make"[..]));
}

#[test]
fn layers_that_stay_hold_their_packages() {
    let case = Case::new(&debian(json!({"Cmd": ["/app/main"]})));
    let slim = case.shrink(&["--drop-package", "gcc", "--layers", "squash-above=2"]);
    assert_eq!(listed(&slim.layout), listed(&case.before));
    assert_eq!(
        kept(&slim),
        ["gcc: `gcc` stays: its files are in a layer that stays as it is"]
    );
    let slim = case.shrink(&["--drop-package", "gcc", "--layers", "squash-above=1"]);
    assert_eq!(listed(&slim.layout), ["base-files", "libc6", "make", "web"]);
}

#[test]
fn the_bills_of_materials_tell_both_sides() {
    let case = Case::new(&debian(json!({"Cmd": ["/app/main"]})));
    case.shrink(&["--drop-package", "gcc", "--sbom", "bills"]);
    let names = |file: &str| -> Vec<String> {
        let text = std::fs::read_to_string(case.dir.path().join("bills").join(file)).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["specVersion"], "1.6");
        let components = document["components"].as_array().unwrap();
        components
            .iter()
            .map(|row| row["purl"].as_str().unwrap().into())
            .collect()
    };
    let purl = |name: &str| format!("pkg:deb/debian/{name}@1?arch=amd64");
    assert_eq!(names("left.cdx.json"), ["cpp", "gcc", "libmpc3"].map(purl));
    assert_eq!(
        names("stays.cdx.json"),
        ["base-files", "libc6", "make", "web"].map(purl)
    );
}

#[test]
fn who_owns_a_path_is_told() {
    let case = Case::new(&debian(json!({"Cmd": ["/app/main"]})));
    let explain = |path: &str| {
        let arguments = ["explain", "before", path, "--profile", "lean"];
        oci_slim_in(case.dir.path(), arguments)
            .succeeded()
            .stdout
            .clone()
    };
    let gcc = explain("usr/bin/gcc");
    assert!(
        gcc.contains(
            "owned by the dpkg package gcc 1, which leaves whole (build-tools: asked for)"
        ),
        "{gcc}"
    );
    assert!(
        gcc.contains("rule build-tools (built-in) removes it"),
        "{gcc}"
    );
    let web = explain("usr/bin/web");
    assert!(web.contains("owned by the dpkg package web 1\n"), "{web}");
    assert!(!explain("app/main").contains("owned"));
    let inspect = oci_slim_in(case.dir.path(), ["inspect", "before"]);
    assert!(
        inspect.succeeded().stdout.contains("dpkg has 7 packages"),
        "{}",
        inspect.stdout
    );
    assert!(inspect.stdout.contains("build-tools"), "{}", inspect.stdout);
}

#[test]
fn development_dependencies_leave_by_the_lockfile() {
    let lock = json!({
        "name": "app", "lockfileVersion": 3, "requires": true,
        "packages": {
            "node_modules/express": {"version": "4.0.0", "dependencies": {"ms": "2"}},
            "node_modules/ms": {"version": "2.0.0"},
            "node_modules/webpack": {"version": "5.0.0", "dev": true},
            "node_modules/@types/node": {"version": "20.0.0", "dev": true},
        },
    });
    let manifest =
        |name: &str, version: &str| json!({"name": name, "version": version}).to_string();
    let own = json!({
        "name": "app",
        "dependencies": {"express": "4"},
        "devDependencies": {"webpack": "5", "@types/node": "20"},
    });
    let image = image()
        .config(json!({"Cmd": ["node", "server.js"], "WorkingDir": "/app"}))
        .layer(|layer| {
            let mut layer = layer
                .file("app/package.json", own.to_string())
                .file("app/server.js", "require('express')()")
                .file("app/node_modules/.package-lock.json", format!("{lock:#}\n"))
                .symlink("app/node_modules/.bin/webpack", "../webpack/cli.js")
                .file("app/node_modules/webpack/cli.js", "x".repeat(4000));
            for (name, version) in [
                ("express", "4.0.0"),
                ("ms", "2.0.0"),
                ("webpack", "5.0.0"),
                ("@types/node", "20.0.0"),
            ] {
                let path = format!("app/node_modules/{name}/package.json");
                layer = layer.file(path, manifest(name, version));
            }
            layer
        });
    let case = Case::new(&image);
    let slim = case.shrink(&["--disable", "*", "--enable", "dev-dependencies"]);
    assert_eq!(
        removed(&slim),
        [
            "@types/node: for development alone",
            "webpack: for development alone"
        ]
    );
    let left = flatten(&slim.layout).into_keys();
    let left: Vec<String> = left.map(|path| String::from_utf8(path).unwrap()).collect();
    assert_eq!(
        left,
        [
            "",
            "app",
            "app/node_modules",
            "app/node_modules/.package-lock.json",
            "app/node_modules/express",
            "app/node_modules/express/package.json",
            "app/node_modules/ms",
            "app/node_modules/ms/package.json",
            "app/package.json",
            "app/server.js",
        ]
    );
    let lock: Value =
        serde_json::from_str(&read(&slim.layout, "app/node_modules/.package-lock.json")).unwrap();
    let places: Vec<&String> = lock["packages"].as_object().unwrap().keys().collect();
    assert_eq!(places, ["node_modules/express", "node_modules/ms"]);
}

#[test]
fn a_damaged_database_is_left_alone() {
    let image = debian(json!({}))
        .layer(|layer| layer.file("var/lib/rpm/rpmdb.sqlite", "no database at all"));
    let case = Case::new(&image);
    let slim = case.shrink(&["--profile", "lean"]);
    assert_eq!(
        warned(&slim, "packages-unread").len(),
        1,
        "{}",
        slim.report["images"][0]["warnings"]
    );
    assert_eq!(listed(&slim.layout).len(), 7);
}
