//! The paths that no built-in rule takes because the image starts by them, works in them or is given data there.
//!
//! What a program opens by itself is not found here; the protect list holds what is known of that.

use std::collections::BTreeSet;

use crate::layer::Kind;
use crate::path;
use crate::rules::builtin::RULES;
use crate::rules::commands::{argument_words, place, program};
use crate::rules::facts::Facts;
use crate::rules::glob::braces;
use crate::tree::{NodeId, Tree};

/// A path that the image's config or its scripts name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The path; for one that is reached through symbolic links, each of these has an entry of its own.
    pub node: NodeId,
    /// Whether all under it stays too.
    pub whole: bool,
    /// What names it: `CMD`, `WORKDIR`, `Env DATA`, …
    pub because: String,
}

/// Directories that belong to the system: an argument that names one says nothing of what is in it.
const SYSTEM: &[&str] = &[
    "bin",
    "boot",
    "dev",
    "etc",
    "home",
    "lib",
    "lib32",
    "lib64",
    "media",
    "mnt",
    "opt",
    "proc",
    "root",
    "run",
    "sbin",
    "srv",
    "sys",
    "usr",
    "usr/bin",
    "usr/include",
    "usr/lib",
    "usr/lib64",
    "usr/libexec",
    "usr/local",
    "usr/local/bin",
    "usr/local/include",
    "usr/local/lib",
    "usr/local/sbin",
    "usr/local/share",
    "usr/sbin",
    "usr/share",
    "usr/src",
    "var",
    "var/cache",
    "var/lib",
    "var/log",
    "var/run",
    "var/spool",
    "var/www",
];

/// Directories whose content comes and goes: what a variable of the image names in them is meant to be there.
const VOLATILE: &[&str] = &["tmp", "var/tmp", "run", "var/log", "dev/shm"];

/// Whether `dir` is the root or a directory of the system.
pub(crate) fn is_system(dir: &[u8]) -> bool {
    dir.is_empty() || SYSTEM.iter().any(|known| known.as_bytes() == dir)
}

/// All roots, in the order in which the image names them; a path named twice has its first reason.
pub(super) fn gather(
    facts: &Facts,
    onbuild: &[String],
    scripts: &[String],
    tree: &Tree,
) -> Vec<Root> {
    let mut roots = Vec::new();
    for (because, arguments) in [
        ("ENTRYPOINT", &facts.entrypoint),
        ("CMD", &facts.command),
        ("HEALTHCHECK", &facts.healthcheck),
        ("ONBUILD", &onbuild.to_vec()),
    ] {
        for word in arguments
            .iter()
            .flat_map(|argument| argument_words(argument, facts))
        {
            named(&word, because, facts, tree, &mut roots);
        }
    }
    reach(
        &[&b"/"[..], &facts.workdir].concat(),
        "WORKDIR",
        false,
        tree,
        &mut roots,
    );
    for volume in &facts.volumes {
        reach(volume, "VOLUME", true, tree, &mut roots);
    }
    for word in scripts.iter().filter(|word| word.starts_with('/')) {
        reach(
            word.as_bytes(),
            "a script that the image starts",
            false,
            tree,
            &mut roots,
        );
    }
    for (because, value) in variables(facts) {
        reach(value.as_bytes(), &because, true, tree, &mut roots);
    }
    roots
}

/// What one word of a command names: a path, a program, the value of `--flag=`, the parts of a search path.
fn named(word: &str, because: &str, facts: &Facts, tree: &Tree, roots: &mut Vec<Root>) {
    if !word.contains('/')
        && let Some(path) = program(word, facts, tree)
    {
        reach(&path, because, false, tree, roots);
    }
    let value = word.split_once('=').map(|(_, value)| value);
    let parts = [Some(word), value].into_iter().flatten();
    for part in parts.flat_map(|part| std::iter::once(part).chain(part.split([':', ',']))) {
        let part = part.strip_prefix("file://").unwrap_or(part);
        let part = part.strip_suffix("/*").unwrap_or(part);
        if !part.is_empty() && !part.starts_with('-') {
            reach(&place(part, facts), because, true, tree, roots);
        }
    }
}

/// Enters the links on the way to `path` and what it leads to; nothing where there is nothing.
fn reach(path: &[u8], because: &str, whole: bool, tree: &Tree, roots: &mut Vec<Root>) {
    let Some(hops) = tree.hops(path) else {
        return;
    };
    for node in hops {
        let named = tree.kind(node) == Kind::Dir && whole;
        let whole = named && (because == "VOLUME" || !is_system(&tree.path(node)));
        let known = roots
            .iter()
            .any(|root| root.node == node && root.whole >= whole);
        if node != NodeId::ROOT && !known {
            roots.push(Root {
                node,
                whole,
                because: because.to_owned(),
            });
        }
    }
}

/// The paths in volatile places that variables name, but for those that say where a cache is.
fn variables(facts: &Facts) -> Vec<(String, &str)> {
    let globs = RULES
        .iter()
        .flat_map(|rule| rule.remove)
        .filter(|glob| glob.starts_with('$'));
    let caches: BTreeSet<String> = globs
        .flat_map(|glob| braces(glob))
        .filter_map(|glob| Some(glob.strip_prefix('$')?.split('/').next()?.to_owned()))
        .collect();
    let homes = facts.homes.iter().map(|home| path::join(home, b".cache"));
    let places: Vec<Vec<u8>> = VOLATILE
        .iter()
        .map(|dir| dir.as_bytes().to_vec())
        .chain(homes)
        .collect();
    let volatile = |value: &str| {
        let inside = path::clean(value.as_bytes()).unwrap_or_default();
        value.starts_with('/')
            && places
                .iter()
                .any(|place| path::is_under(&inside, place) && inside != *place)
    };
    facts
        .environment
        .iter()
        .filter(|(name, _)| !caches.contains(name))
        .flat_map(|(name, value)| value.split(':').map(move |part| (name, part)))
        .filter(|(_, value)| volatile(value))
        .map(|(name, value)| (format!("Env {name}"), value))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::rules::example;

    fn roots(config: &Value, files: &[(&str, &str)]) -> Vec<String> {
        let (tree, contents) = example::image(files);
        let facts = Facts::gather(&json!({ "config": config }), &tree, &contents).unwrap();
        let show = |root: &Root| {
            let whole = if root.whole { "/**" } else { "" };
            format!(
                "{}{whole}: {}",
                path::display(&tree.path(root.node)),
                root.because
            )
        };
        facts.roots.iter().map(show).collect()
    }

    #[test]
    fn commands_name_paths() {
        let files = [
            ("usr/bin/env", ""),
            ("usr/local/bin/app", "-> ../lib/app-1"),
            ("usr/local/lib/app-1", ""),
            ("srv/conf/a.conf", ""),
            ("srv/lib/x.jar", ""),
            ("tmp/x", ""),
        ];
        for (config, expected) in [
            (
                json!({"Entrypoint": ["app", "--config=conf/a.conf"], "WorkingDir": "/srv"}),
                vec![
                    "usr/local/bin/app: ENTRYPOINT",
                    "usr/local/lib/app-1: ENTRYPOINT",
                    "srv/conf/a.conf: ENTRYPOINT",
                    "srv: WORKDIR",
                ],
            ),
            (
                json!({"Cmd": ["sh", "-c", "exec env -C /tmp; ls /usr"]}),
                vec!["usr/bin/env: CMD", "tmp/**: CMD", "usr: CMD"],
            ),
            (
                json!({"Cmd": ["-cp", "/srv/lib/*:/gone"]}),
                vec!["srv/lib/**: CMD"],
            ),
            (
                json!({"Volumes": {"/srv/conf": {}}}),
                vec!["srv/conf/**: VOLUME"],
            ),
            (
                json!({"Healthcheck": {"Test": ["CMD", "/usr/bin/env"]}}),
                vec!["usr/bin/env: HEALTHCHECK"],
            ),
            (
                json!({"Env": ["A=/tmp/x", "B=/srv/lib", "PIP_CACHE_DIR=/tmp/x"]}),
                vec!["tmp/x: Env A"],
            ),
            (json!({"Cmd": ["/"], "WorkingDir": "/"}), vec![]),
        ] {
            assert_eq!(roots(&config, &files), expected, "{config}");
        }
    }

    #[test]
    fn scripts_name_paths_but_not_what_is_in_them() {
        let files = [
            ("run.sh", "#!/bin/sh\ncp /usr/share/doc/x/examples/a /etc\n"),
            ("usr/share/doc/x/examples/a", ""),
        ];
        assert_eq!(
            roots(&json!({"Cmd": ["/run.sh"]}), &files),
            [
                "run.sh: CMD",
                "usr/share/doc/x/examples/a: a script that the image starts"
            ]
        );
    }
}
