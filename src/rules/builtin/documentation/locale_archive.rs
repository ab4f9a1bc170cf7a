//! Takes compiled locales where the environment names none, but for C.

use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "locale-archive",
    level: Level::Aggressive,
    summary: "Takes compiled locales where the environment names none, but for C.",
    caveat: "Setting `LANG` when the container starts no longer changes how text sorts and numbers look.",
    source: "Rocky and Fedora container kickstarts",
    remove: &["usr/lib/locale/*"],
    keep: &["usr/lib/locale/C.*"],
    when: &[When::Environment(|facts| facts.languages().is_empty())],
    fires: &[
        "usr/lib/locale/locale-archive",
        "usr/lib/locale/fr_FR.utf8/LC_TIME",
    ],
    spares: &["usr/lib/locale/C.utf8/LC_CTYPE"],
    ..Rule::PLAIN
};
