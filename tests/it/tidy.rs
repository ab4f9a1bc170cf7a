//! The house rules that no compiler holds: which module may use which, how long a file is, what it must begin with.

use std::fs;
use std::path::{Path, PathBuf};

/// The stages, last to first: a module uses only what stands below it, or itself.
const ORDER: [&str; 20] = [
    "cli",
    "study",
    "config",
    "run",
    "shrink",
    "report",
    "verify",
    "write",
    "plan",
    "running",
    "distroless",
    "packages",
    "rules",
    "closure",
    "tree",
    "layer",
    "gzip",
    "image",
    "source",
    "ground",
];

/// What every stage stands on; these may use each other.
const GROUND: [&str; 8] = [
    "digest", "path", "pages", "pax", "progress", "largest", "spares", "error",
];

/// Modules that use less than their place allows.
const NARROW: [(&str, &[&str]); 1] = [(
    "gzip",
    &["source::Blob", "digest", "error", "pages", "gzip"],
)];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under these directories of the repository whose name ends so.
fn files(dirs: &[&str], suffix: &str) -> Vec<PathBuf> {
    let mut left: Vec<PathBuf> = dirs.iter().map(|dir| root().join(dir)).collect();
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.to_str().unwrap().ends_with(suffix) {
            found.push(path);
        }
    }
    assert!(!found.is_empty(), "{dirs:?}");
    found.sort();
    found
}

/// The stage that a source file belongs to; none for `lib.rs` and `main.rs`, which use them all.
fn stage(file: &Path) -> Option<String> {
    let inside = file.strip_prefix(root().join("src")).unwrap();
    let first = inside.iter().next().unwrap().to_str().unwrap();
    let stage = first.strip_suffix(".rs").unwrap_or(first);
    (stage != "lib" && stage != "main").then(|| stage.into())
}

/// Every path that follows `crate::`, braces opened: `crate::{a::b, c}` is `a::b` and `c`.
fn uses(text: &str) -> Vec<String> {
    let mut uses = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => uses.extend(names(list)),
            None => uses.push(name(rest)),
        }
    }
    uses
}

/// The members of a braced list, inner lists left out.
fn names(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut members = vec![String::new()];
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => members.push(String::new()),
            c => members.last_mut().unwrap().push(c),
        }
    }
    let members = members.iter().map(|member| name(member.trim()));
    members.filter(|member| !member.is_empty()).collect()
}

fn name(text: &str) -> String {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    text[..end.unwrap_or(text.len())]
        .trim_end_matches(':')
        .into()
}

/// The code of a file without its comments and its tests; a file of tests has none.
fn code(file: &Path) -> String {
    if file.ends_with("tests.rs") {
        return String::new();
    }
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn place(stage: &str) -> usize {
    let stage = match stage {
        ground if GROUND.contains(&ground) => "ground",
        // What the crate's root offers is `shrink`'s.
        "Options" | "Proof" => "shrink",
        stage => stage,
    };
    let place = ORDER.iter().position(|known| *known == stage);
    place.unwrap_or_else(|| panic!("`{stage}` has no place in the order of stages"))
}

#[test]
fn imports_go_one_way() {
    let mut faults = Vec::new();
    for file in files(&["src"], ".rs") {
        let Some(stage) = stage(&file) else { continue };
        let narrow = NARROW
            .iter()
            .find(|(name, _)| *name == stage)
            .map(|(_, allowed)| allowed);
        for used in uses(&code(&file)) {
            let module = used.split("::").next().unwrap();
            let allowed = match narrow {
                Some(allowed) => allowed.iter().any(|start| used.starts_with(start)),
                None => {
                    let (from, to) = (place(&stage), place(module));
                    module == stage || to > from || (to == from && GROUND.contains(&module))
                }
            };
            if !allowed {
                faults.push(format!(
                    "{}: crate::{used}",
                    file.strip_prefix(root()).unwrap().display()
                ));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn uses_are_found() {
    let text = "use crate::a::B;\nuse crate::{c::{D, E}, f};\nlet x = crate::g::h(1);\nuse tests_crate::i;";
    assert_eq!(uses(text), ["a::B", "c::D", "f", "g::h"]);
}

#[test]
fn every_file_says_what_it_is() {
    for file in files(&["src", "tests"], ".rs") {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! "), "{}", file.display());
    }
}

#[test]
fn no_file_is_longer_than_500_lines() {
    for file in files(&["src", "tests"], ".rs") {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 500, "{lines} lines in {}", file.display());
    }
}

#[test]
fn names_say_what_they_name() {
    let banned = [
        "utils", "util", "helpers", "helper", "common", "manager", "handler", "info", "data",
        "misc",
    ];
    for file in files(&["src", "tests"], ".rs") {
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert!(!banned.contains(&name), "{}", file.display());
    }
    let verbs = ["fn get_", "fn do_", "fn process_"];
    for file in files(&["src"], ".rs") {
        let text = fs::read_to_string(&file).unwrap();
        for verb in verbs {
            assert!(!text.contains(verb), "`{verb}` in {}", file.display());
        }
    }
}

#[test]
fn nothing_of_one_machine_or_of_unfinished_work_is_left() {
    let words = [
        concat!("/wo", "rk/lab"),
        concat!("/wo", "rk/main"),
        concat!("/wo", "rk/shared"),
        concat!("/fa", "rm/"),
        concat!("/ro", "ot/.cargo/"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("#[ig", "nore"),
    ];
    let dirs = [
        "src",
        "tests",
        "fixtures",
        "benches",
        ".ci",
        "README.md",
        "Cargo.toml",
        "test",
    ];
    let there: Vec<&str> = dirs
        .into_iter()
        .filter(|dir| root().join(dir).exists())
        .collect();
    for file in files(&there, "") {
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        for word in words {
            assert!(!text.contains(word), "`{word}` in {}", file.display());
        }
    }
}
