//! A project with development dependencies, pruned by each kind of lockfile and without.

use serde_json::{Value, json};

use super::super::super::PackageOptions;
use super::super::super::testing::Image;
use super::*;

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
