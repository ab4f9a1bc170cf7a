//! The globs of built-in rules, spelled out for an image: its home directories, its environment, its languages.

use crate::layer::Kind;
use crate::path;
use crate::rules::facts::Facts;
use crate::rules::glob::{braces, normalise};
use crate::rules::roots::is_system;
use crate::tree::Tree;

/// A glob that is ready to be matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelled {
    pub(super) glob: String,
    /// It was written with a slash at its end: it means a directory's content, or in a keep the directory alone.
    pub(super) slash: bool,
}

/// Returns the globs that `glob` stands for in this image; none where it names a home or a variable that is not there.
pub(super) fn expand(glob: &str, facts: &Facts, tree: &Tree) -> Vec<Spelled> {
    let slash = glob.ends_with('/');
    let globs = braces(glob)
        .into_iter()
        .flat_map(|glob| homes_and_variables(&glob, facts, tree))
        .flat_map(|glob| languages(&glob, facts));
    globs
        .filter_map(|glob| {
            Some(Spelled {
                glob: normalise(&glob).ok()?,
                slash,
            })
        })
        .collect()
}

fn homes_and_variables(glob: &str, facts: &Facts, tree: &Tree) -> Vec<String> {
    let prefixed = |dir: &[u8], rest: &str| {
        Some(format!(
            "{}/{rest}",
            globset::escape(std::str::from_utf8(dir).ok()?)
        ))
    };
    if let Some(rest) = glob.strip_prefix("~/") {
        return facts
            .homes
            .iter()
            .filter_map(|home| prefixed(home, rest))
            .collect();
    }
    if let Some((name, rest)) = glob.strip_prefix('$').and_then(|rest| rest.split_once('/')) {
        let dir = facts
            .variable(name)
            .and_then(|value| variable_dir(value, rest.is_empty(), facts, tree));
        return dir
            .and_then(|dir| prefixed(&dir, rest))
            .into_iter()
            .collect();
    }
    vec![glob.to_owned()]
}

/// The directory that a variable names, if a rule may act in it: it holds neither the system, nor the user's work, nor the
/// program; and where `all` in it would go, it is no top-level directory and no home either.
fn variable_dir(value: &str, all: bool, facts: &Facts, tree: &Tree) -> Option<Vec<u8>> {
    if !value.starts_with('/') {
        return None;
    }
    let node = tree
        .resolve(value.as_bytes())
        .filter(|&node| tree.kind(node) == Kind::Dir)?;
    let dir = tree.path(node);
    let holds = |path: &[u8]| path::is_under(path, &dir);
    let search = facts.variable("PATH").unwrap_or_default();
    let kept = is_system(&dir)
        || (!facts.workdir.is_empty() && holds(&facts.workdir))
        || facts.roots.iter().any(|root| holds(&tree.path(root.node)));
    let wide = path::parent(&dir).is_empty()
        || facts.homes.contains(&dir)
        || search
            .split(':')
            .filter_map(|part| path::clean(part.as_bytes()).ok())
            .any(|part| holds(&part));
    let refused = kept || (all && wide);
    (!refused).then_some(dir)
}

fn languages(glob: &str, facts: &Facts) -> Vec<String> {
    if glob.contains("<locale>") {
        facts
            .languages()
            .into_iter()
            .map(|language| glob.replace("<locale>", language))
            .collect()
    } else {
        vec![glob.to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::example;

    fn spelled(glob: &str, config: &serde_json::Value) -> Vec<String> {
        let (tree, contents) = example::image(&[
            ("root/a", ""),
            ("home/x*y/a", ""),
            ("opt/cache/a", ""),
            ("app/cache/a", ""),
            ("usr/bin/app", ""),
            ("cache/a", ""),
            ("var/link", "-> /opt/cache"),
        ]);
        let facts = Facts::gather(&json!({ "config": config }), &tree, &contents).unwrap();
        expand(glob, &facts, &tree)
            .into_iter()
            .map(|spelled| spelled.glob)
            .collect()
    }

    #[test]
    fn a_tilde_is_each_home() {
        assert_eq!(
            spelled("~/.cache/{a,b}", &json!({})),
            [
                "root/.cache/a",
                "home/x[*]y/.cache/a",
                "root/.cache/b",
                "home/x[*]y/.cache/b"
            ]
        );
    }

    #[test]
    fn a_variable_is_a_directory_that_holds_no_work() {
        for (value, workdir, found) in [
            ("/opt/cache", "/app", true),
            ("/var/link", "/app", true),
            ("opt/cache", "/app", false),
            ("/opt", "/app", false),
            ("/", "/app", false),
            ("/app", "/app", false),
            ("/cache", "/app", false),
            ("/app/cache", "/app", true),
            ("/app/cache", "/app/cache/x", false),
            ("/usr/bin", "/app", false),
            ("/root", "/app", false),
            ("/none", "/app", false),
        ] {
            let config = json!({"Env": [format!("X={value}"), "PATH=/usr/bin"], "WorkingDir": workdir, "Cmd": ["app"]});
            assert_eq!(
                !spelled("$X/", &config).is_empty(),
                found,
                "{value} {workdir}"
            );
        }
        assert_eq!(
            spelled("$X/mod/", &json!({"Env": ["X=/cache"]})),
            ["cache/mod"]
        );
        assert_eq!(
            spelled("$X/", &json!({"Env": ["X=/var/link"]})),
            ["opt/cache"]
        );
        assert!(spelled("$X/", &json!({})).is_empty());
    }

    #[test]
    fn languages_come_from_the_environment() {
        assert_eq!(
            spelled("locale/<locale>*", &json!({"Env": ["LC_ALL=de_DE.UTF-8"]})),
            ["locale/de*"]
        );
        assert!(spelled("locale/<locale>*", &json!({})).is_empty());
    }
}
