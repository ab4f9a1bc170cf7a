//! A project with development dependencies, pruned by each kind of lockfile and without.

use serde_json::{Value, json};

use super::super::super::PackageOptions;
use super::super::super::testing::Image;
use super::*;
use crate::rules::Facts;

const MANIFEST: &str = r#"{"scripts": {"start": "tsx src/a.ts"}, "dependencies": {"express": "4"}, "devDependencies": {"webpack": "5", "tsx": "1"}}"#;

fn lock() -> String {
    let document = json!({
        "lockfileVersion": 3,
        "packages": {
            "node_modules/express": {"version": "4.0.0", "dependencies": {"ms": "1"}},
            "node_modules/ms": {"version": "1.0.0"},
            "node_modules/webpack": {"version": "5.0.0", "dev": true, "dependencies": {"ms": "2", "@x/ast": "1"}},
            "node_modules/webpack/node_modules/ms": {"version": "2.0.0", "dev": true},
            "node_modules/@x/ast": {"version": "1.0.0", "dev": true},
            "node_modules/tsx": {"version": "1.0.0", "dev": true, "dependencies": {"esbuild": "1"}},
            "node_modules/esbuild": {"version": "1.0.0", "dev": true},
        },
    });
    format!("{document:#}\n")
}

fn image(lockfile: Option<&str>, program: &str) -> Image {
    let lock = lock();
    let manifest = |name: &str, version: &str, needs: &str| {
        format!(r#"{{"name": "{name}", "version": "{version}", "dependencies": {needs}}}"#)
    };
    let mut paths: Vec<(String, String, Vec<u8>)> = vec![
        ("app/package.json".into(), "f".into(), MANIFEST.into()),
        ("app/dist/server.js".into(), "f".into(), program.into()),
        (
            "app/dist/own.js".into(),
            "f".into(),
            "import 'webpack/lib'".into(),
        ),
        (
            "app/node_modules/.bin/webpack".into(),
            "->../webpack/cli.js".into(),
            vec![],
        ),
        (
            "app/node_modules/.bin/tsx".into(),
            "->../tsx/cli.js".into(),
            vec![],
        ),
        ("app/node_modules/webpack/cli.js".into(), "x".into(), vec![]),
        ("app/node_modules/tsx/cli.js".into(), "x".into(), vec![]),
    ];
    for (place, name, version, needs) in [
        ("express", "express", "4.0.0", r#"{"ms": "1"}"#),
        ("ms", "ms", "1.0.0", "{}"),
        (
            "webpack",
            "webpack",
            "5.0.0",
            r#"{"ms": "2", "@x/ast": "1"}"#,
        ),
        ("webpack/node_modules/ms", "ms", "2.0.0", "{}"),
        ("@x/ast", "@x/ast", "1.0.0", "{}"),
        ("tsx", "tsx", "1.0.0", r#"{"esbuild": "1"}"#),
        ("esbuild", "esbuild", "1.0.0", "{}"),
    ] {
        let path = format!("app/node_modules/{place}/package.json");
        paths.push((
            path,
            "f".into(),
            manifest(name, version, needs).into_bytes(),
        ));
    }
    if let Some(at) = lockfile {
        paths.push((at.into(), "f".into(), lock.into_bytes()));
    }
    Image::of_bytes(&paths)
}

fn check(image: &Image, config: &Value) -> (PackageReport, Decisions) {
    let config = json!({ "config": config });
    let facts = Facts::gather(&config, &image.tree, image).unwrap();
    let options = PackageOptions {
        dev_dependencies: Some(Origin::BuiltIn),
        ..PackageOptions::default()
    };
    image.remove(&options, &facts)
}

fn names(report: &PackageReport) -> Vec<&str> {
    report.removed.iter().map(|row| &row.name[..]).collect()
}

const SERVER: &str = "require('express'); require('./missing')";

#[test]
fn what_development_alone_needs_leaves() {
    let config = json!({"Cmd": ["node", "dist/server.js"], "WorkingDir": "/app"});
    for lockfile in [
        Some("app/node_modules/.package-lock.json"),
        Some("app/package-lock.json"),
        None,
    ] {
        let image = image(lockfile, SERVER);
        let (report, decisions) = check(&image, &config);
        assert_eq!(
            names(&report),
            ["@x/ast", "esbuild", "ms", "tsx", "webpack"],
            "{lockfile:?}"
        );
        let left = image.after(&decisions);
        let mut modules: Vec<&str> = left
            .keys()
            .filter_map(|path| path.strip_prefix("app/node_modules/"))
            .filter(|path| *path != ".package-lock.json")
            .collect();
        modules.sort_unstable();
        assert_eq!(
            modules,
            ["express", "express/package.json", "ms", "ms/package.json"]
        );
        if let Some(hidden) = left.get("app/node_modules/.package-lock.json") {
            let document: Value = serde_json::from_str(hidden).unwrap();
            let places: Vec<&String> = document["packages"].as_object().unwrap().keys().collect();
            assert_eq!(places, ["node_modules/express", "node_modules/ms"]);
        }
    }
}

#[test]
fn what_a_command_or_a_program_names_stays_with_its_needs() {
    let hidden = Some("app/node_modules/.package-lock.json");
    let start = json!({"Cmd": ["npm", "start"], "WorkingDir": "/app"});
    let (report, _) = check(&image(hidden, SERVER), &start);
    assert_eq!(names(&report), ["@x/ast", "ms", "webpack"]);
    assert_eq!(
        report.kept[0].because,
        [
            "`tsx` stays: a command names `tsx`",
            "`tsx` needs `esbuild`"
        ]
    );
    let run = json!({"Cmd": ["node", "/app/dist/server.js"]});
    let (report, _) = check(&image(hidden, "import x from './own.js'"), &run);
    assert_eq!(names(&report), ["esbuild", "tsx"]);
    assert!(
        report
            .kept
            .iter()
            .any(|kept| kept.because == ["`webpack` stays: `/app/dist/own.js` imports it"])
    );
}

#[test]
fn trees_that_cannot_be_told_are_left_alone() {
    let manifest = r#"{"workspaces": ["a"], "devDependencies": {"x": "1"}}"#;
    for files in [
        vec![
            ("p/node_modules/.pnpm/x/a", "f", ""),
            ("p/package.json", "f", "{}"),
        ],
        vec![
            ("p/node_modules/x/package.json", "f", "{}"),
            ("p/package.json", "f", manifest),
        ],
        vec![
            ("p/node_modules/x/package.json", "f", r#"{"version": "2"}"#),
            ("p/package.json", "f", "{}"),
            (
                "p/package-lock.json",
                "f",
                r#"{"dependencies": {"x": {"version": "1", "dev": true}}}"#,
            ),
        ],
    ] {
        let (report, decisions) = check(&Image::new(&files), &json!({}));
        assert!(decisions.is_empty());
        assert_eq!(
            report.warnings[0].code, "dev-dependencies-kept",
            "{files:?}"
        );
    }
}

/// As `yarn install` of yarn 1.22 writes them for a project with `ms` for use and `debug` for development.
const YARN_LOCK: &str = r#"# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.
# yarn lockfile v1


debug@3.2.7:
  version "3.2.7"
  resolved "https://registry.yarnpkg.com/debug/-/debug-3.2.7.tgz#72580b7e9145fb39b6676f9c5e5fb100b934179a"
  integrity sha512-CFjzYYAi4ThfiQvizrFQevTTXHtnCqWfe7x1AhgEscTz6ZbLbfoLRLPugTQyBth6f8ZERVUSyWHFD/7Wu4t1XQ==
  dependencies:
    ms "^2.1.1"

ms@2.0.0:
  version "2.0.0"
  resolved "https://registry.yarnpkg.com/ms/-/ms-2.0.0.tgz#5608aeadfc00be6c2901df5f9861788de0d597c8"

ms@^2.1.1:
  version "2.1.3"
  resolved "https://registry.yarnpkg.com/ms/-/ms-2.1.3.tgz#574c8138ce1d2b5861f0b44579dbadd60c6615b2"
"#;
const YARN_RECORD: &str = r#"{
  "systemParams": "linux-x64-115",
  "flags": [],
  "topLevelPatterns": [
    "debug@3.2.7",
    "ms@2.0.0"
  ],
  "files": [
    "debug/package.json",
    "ms/package.json"
  ]
}"#;

#[test]
fn a_tree_of_yarn_1_is_pruned_where_its_lockfile_fits() {
    let manifest = r#"{"dependencies": {"ms": "2.0.0"}, "devDependencies": {"debug": "3.2.7"}}"#;
    let tree = |lock: &'static str, version: &'static str| {
        Image::new(&[
            ("a/package.json", "f", manifest),
            ("a/yarn.lock", "f", lock),
            ("a/node_modules/.yarn-integrity", "f", YARN_RECORD),
            ("a/node_modules/ms/package.json", "f", version),
            (
                "a/node_modules/debug/package.json",
                "f",
                r#"{"version": "3.2.7", "dependencies": {"ms": "^2.1.1"}}"#,
            ),
            (
                "a/node_modules/debug/node_modules/ms/package.json",
                "f",
                r#"{"version": "2.1.3"}"#,
            ),
        ])
    };
    let image = tree(YARN_LOCK, r#"{"version": "2.0.0"}"#);
    let (report, decisions) = check(&image, &json!({}));
    assert_eq!(names(&report), ["debug", "ms"]);
    let left = image.after(&decisions);
    assert!(left.contains_key("a/node_modules/ms/package.json"));
    assert!(!left.contains_key("a/node_modules/debug"));
    let record = YARN_RECORD
        .replace("\"flags\": []", "\"flags\": [\n    \"production\"\n  ]")
        .replace("    \"debug/package.json\",\n", "");
    assert_eq!(left["a/node_modules/.yarn-integrity"], record);

    for (lock, version) in [
        (YARN_LOCK, r#"{"version": "2.0.1"}"#),
        ("__metadata:\n  version: 8\n", r#"{"version": "2.0.0"}"#),
    ] {
        let (report, decisions) = check(&tree(lock, version), &json!({}));
        assert!(decisions.is_empty());
        assert_eq!(report.warnings[0].code, "dev-dependencies-kept");
    }
}
