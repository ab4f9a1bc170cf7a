//! Takes the environments that tox and nox make for tests.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "tox-environments",
    level: Level::Standard,
    summary: "Takes the environments that tox and nox make for tests.",
    caveat: "The next `tox` or `nox` makes them again.",
    source: "tox and nox documentation",
    remove: &["**/.{tox,nox}"],
    when: &[When::RunsNone(&["tox", "nox"])],
    reach: Reach::Owned,
    fires: &["app/.tox/py312/bin/python"],
    spares: &["app/tox.ini"],
    ..Rule::PLAIN
};
