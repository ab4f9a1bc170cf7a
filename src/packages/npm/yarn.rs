//! `yarn.lock` of yarn 1, and the record of what it installed.
//!
//! The tree is laid out as npm's, and the manifests tell who needs whom; the lockfile only tells whether they fit.

use std::collections::HashSet;

use serde_json::Value;

use crate::layer::Kind;
use crate::path;
use crate::rules::Decisions;
use crate::tree::{NodeId, Tree};

use super::Module;

/// The name of the record in `node_modules`.
pub(super) const INTEGRITY: &[u8] = b".yarn-integrity";

/// Why a project with this lockfile is left alone; `None` where its modules are what the lockfile says.
pub(super) fn refuse(lockfile: &[u8], modules: &[Module]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(lockfile);
    if text.lines().any(|line| line.starts_with("__metadata:")) {
        return Some("yarn 2 and later lay it out by rules of their own");
    }
    let locked = versions(&text);
    let is_locked = |module: &&Module| {
        let own = (module.name.clone(), module.version.clone());
        // What a package brought along in its own archive is in no lockfile.
        let is_brought = || {
            modules
                .iter()
                .any(|outer| outer.bundles && is_in(module, outer))
        };
        locked.contains(&own) || is_brought()
    };
    let fits = modules.iter().all(|module| is_locked(&module));
    (!fits).then_some("its lockfile is not that of what is installed")
}

fn is_in(module: &Module, outer: &Module) -> bool {
    path::is_under(module.place.as_bytes(), outer.place.as_bytes()) && module.place != outer.place
}

/// The names and versions that the lockfile has: a line of patterns without a space before it, then their version.
fn versions(text: &str) -> HashSet<(String, String)> {
    let mut found = HashSet::new();
    let mut names: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(patterns) = line.strip_suffix(':').filter(|line| !line.starts_with(' ')) {
            names = patterns.split(", ").filter_map(name).collect();
        } else if let Some(version) = line.strip_prefix("  version ") {
            let version = version.trim().trim_matches('"');
            found.extend(names.drain(..).map(|name| (name, version.to_owned())));
        }
    }
    found
}

/// The name of `"@scope/name@^1.0.0"`.
fn name(pattern: &str) -> Option<String> {
    let pattern = pattern.trim().trim_matches('"');
    let end = pattern.get(1..)?.find('@')? + 1;
    Some(pattern[..end].to_owned())
}

/// The record in `modules` as `yarn install --production` leaves it: with its flag, and without the files that are gone.
pub(super) fn integrity(
    tree: &Tree,
    modules: NodeId,
    decisions: &Decisions,
    mut record: Value,
) -> Value {
    if let Some(flags) = record.get_mut("flags").and_then(Value::as_array_mut)
        && !flags.iter().any(|flag| flag == "production")
    {
        flags.push("production".into());
    }
    if let Some(files) = record.get_mut("files").and_then(Value::as_array_mut) {
        files.retain(|file| {
            let at = path::join(
                &tree.path(modules),
                file.as_str().unwrap_or_default().as_bytes(),
            );
            let node = tree.find(&at).filter(|&node| tree.kind(node) != Kind::Dir);
            node.is_none_or(|node| decisions.removed(node).is_none())
        });
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lockfiles_tell_names_and_versions() {
        let text = "# yarn lockfile v1\n\n\n\"@a/b@^1.0.0\", \"@a/b@~1.2.0\":\n  version \"1.2.3\"\n  dependencies:\n    version \"^9\"\n\nms@2, ms@npm:ms@2.1:\n  version \"2.1.0\"\n";
        let mut found: Vec<(String, String)> = versions(text).into_iter().collect();
        found.sort();
        let pair = |name: &str, version: &str| (name.to_owned(), version.to_owned());
        assert_eq!(found, [pair("@a/b", "1.2.3"), pair("ms", "2.1.0")]);
        assert!(refuse(b"__metadata:\n  version: 6\n", &[]).is_some());
        assert_eq!(refuse(text.as_bytes(), &[]), None);
    }
}
