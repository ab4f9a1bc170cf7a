//! Takes what `node_modules` holds for development alone.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "dev-dependencies",
    level: Level::Standard,
    summary: "Takes packages of `node_modules` that development alone needs, by the lockfile or the manifests.",
    caveat: "Programs that import a development dependency by a name made up at run time no longer find it.",
    source: "npm-prune(1), `--omit=dev`",
    ..Rule::PLAIN
};
