//! Takes the change log and debugger script of Node.js's own images.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "node-readme",
    level: Level::Standard,
    summary: "Takes the change log and debugger script of Node.js's own images.",
    caveat: "None known.",
    source: "docker-library/node",
    remove: &["usr/local/{CHANGELOG,README}.md"],
    fires: &["usr/local/CHANGELOG.md"],
    spares: &["usr/local/LICENSE"],
    ..Rule::PLAIN
};
