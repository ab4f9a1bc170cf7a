//! What holds for every built-in rule: its texts, its globs, and an example that fires and one that does not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::rules::builtin::{RULES, all};
use crate::rules::decision::Decisions;
use crate::rules::example::{Files, image_of};
use crate::rules::expand::{Spelled, expand};
use crate::rules::facts::Facts;
use crate::rules::protect::GUARDS;
use crate::rules::rule::{Action, Only, Rule};
use crate::rules::set::RuleSet;
use crate::rules::sieve::Sieve;
use crate::tree::Tree;

/// An image that holds `file`, a word or two of the system, and what the rule's examples need beside them.
fn example(rule: &Rule, file: &str) -> (Tree, Files, Facts) {
    let magic = if file.ends_with('/') {
        vec![]
    } else {
        magic(rule, rule.fires.contains(&file))
    };
    let files: Vec<(&[u8], &[u8])> = rule
        .beside
        .iter()
        .filter(|beside| !beside.starts_with('$') && **beside != file)
        .map(|beside| (beside.as_bytes(), &b"x"[..]))
        .chain([(file.as_bytes(), &magic[..])])
        .collect();
    let (tree, contents) = image_of(&files);
    let environment: Vec<_> = rule
        .beside
        .iter()
        .filter_map(|beside| beside.strip_prefix('$'))
        .collect();
    let config = json!({
        "os": "linux", "architecture": "amd64",
        "config": {"Env": environment, "Entrypoint": ["dotnet", "/gone/app.dll"]},
    });
    let facts = Facts::gather(&config, &tree, &contents).unwrap();
    (tree, contents, facts)
}

/// What the rule looks for in a file, or something else.
fn magic(rule: &Rule, wanted: bool) -> Vec<u8> {
    if wanted && rule.only.iter().any(|only| matches!(only, Only::Symlink)) {
        return b"-> elsewhere".to_vec();
    }
    let mut bytes = vec![b'.'; 32];
    for only in rule.only {
        if let (Only::Magic(magic), true) = (only, wanted) {
            let (offset, expected) = magic[0];
            bytes[offset..offset + expected.len()].copy_from_slice(expected);
        }
    }
    bytes
}

fn decide(rule: &'static Rule, file: &str) -> (Tree, Decisions) {
    let (tree, contents, facts) = example(rule, file);
    let decisions = RuleSet::alone(rule)
        .decide(&tree, &facts, &contents)
        .unwrap();
    (tree, decisions)
}

fn takes(rule: &'static Rule, file: &str) -> bool {
    let (tree, decisions) = decide(rule, file);
    let node = tree.find(file.as_bytes()).unwrap();
    match rule.action {
        Action::Remove => decisions.removed(node).is_some(),
        Action::Truncate => decisions.edited(node).is_some(),
    }
}

#[test]
fn each_rule_fires() {
    for rule in RULES {
        assert!(!rule.fires.is_empty(), "{} has no example", rule.name);
        for file in rule.fires {
            assert!(takes(rule, file), "{} does not take {file}", rule.name);
        }
    }
}

#[test]
fn each_rule_spares() {
    for rule in RULES {
        assert!(
            !rule.spares.is_empty(),
            "{} has no example of what stays",
            rule.name
        );
        for file in rule.spares {
            assert!(!takes(rule, file), "{} takes {file}", rule.name);
        }
    }
}

#[test]
fn each_glob_has_an_example() {
    for rule in RULES {
        for glob in rule.remove {
            let named = rule.fires.iter().any(|file| {
                let (tree, _, facts) = example(rule, file);
                let spelled = expand(glob, &facts, &tree)
                    .into_iter()
                    .map(|spelled| (ask(spelled), ()));
                let sieve = Sieve::new(spelled.collect()).unwrap();
                let mut found = Vec::new();
                let mut end = Some(file.len());
                while let Some(length) = end {
                    sieve.matches(&file.as_bytes()[..length], &mut found);
                    if !found.is_empty() {
                        return true;
                    }
                    end = file[..length].rfind('/');
                }
                false
            });
            assert!(named, "{}: no example is named by {glob}", rule.name);
        }
    }
}

fn ask(spelled: Spelled) -> String {
    if spelled.slash {
        format!("{}/**", spelled.glob)
    } else {
        spelled.glob
    }
}

#[test]
fn all_globs_compile() {
    let (tree, contents) = image_of(&[(b"root/x", b""), (b"home/x/y", b""), (b"opt/x/y", b"")]);
    let mut names = BTreeSet::new();
    for glob in RULES.iter().flat_map(|rule| rule.remove) {
        let choices = crate::rules::glob::braces(glob);
        names.extend(
            choices
                .iter()
                .filter_map(|glob| Some(glob.strip_prefix('$')?.split('/').next()?.to_owned())),
        );
    }
    let environment: Vec<_> = names
        .iter()
        .map(|name| format!("{name}=/opt/x"))
        .chain(["LANG=de_DE".into()])
        .collect();
    let facts = Facts::gather(&json!({"config": {"Env": environment}}), &tree, &contents).unwrap();
    let own = RULES.iter().flat_map(|rule| {
        rule.remove
            .iter()
            .chain(rule.keep)
            .map(|glob| (rule.name, *glob))
    });
    let guards = GUARDS
        .iter()
        .flat_map(|guard| guard.globs.iter().map(|glob| (guard.because, *glob)));
    for (name, glob) in own.chain(guards) {
        let spelled = expand(glob, &facts, &tree);
        assert!(!spelled.is_empty(), "{name}: {glob} stands for nothing");
        for spelled in spelled {
            let compiled = Sieve::new(vec![(ask(spelled), ())]);
            assert!(compiled.is_ok(), "{name}: {glob}: {compiled:?}");
        }
    }
}

#[test]
fn names_are_unique_and_those_of_their_files() {
    let names: BTreeSet<&str> = all().map(|rule| rule.name).collect();
    assert_eq!(names.len(), all().count());
    let mut files = BTreeSet::new();
    for path in sources(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/rules/builtin"
    ))) {
        let name = path
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap()
            .replace('_', "-");
        if !matches!(name.as_str(), "mod" | "tests") {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(
                text.contains(&format!("name: \"{name}\"")),
                "{} holds another rule",
                path.display()
            );
            files.insert(name);
        }
    }
    assert_eq!(files, names.into_iter().map(str::to_owned).collect());
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        found.extend(if path.is_dir() {
            sources(&path)
        } else {
            vec![path]
        });
    }
    found
}

#[test]
fn texts_are_in_one_style() {
    for rule in all() {
        let verb = if rule.action == Action::Truncate {
            "Empties "
        } else {
            "Takes "
        };
        assert!(
            rule.summary.starts_with(verb),
            "{}: {}",
            rule.name,
            rule.summary
        );
        for text in [rule.summary, rule.caveat] {
            assert!(
                text.ends_with('.') && text.len() > 10 && !text.contains("  "),
                "{}: {text}",
                rule.name
            );
            assert!(
                text.starts_with(|c: char| c.is_uppercase() || c == '`'),
                "{}: {text}",
                rule.name
            );
        }
        assert!(
            !rule.source.is_empty() && !rule.source.ends_with('.'),
            "{}: {}",
            rule.name,
            rule.source
        );
        assert!(
            rule.name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
            "{}",
            rule.name
        );
    }
}
