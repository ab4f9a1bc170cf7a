//! Takes the pages that coverage tools draw beside the project they measured.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "coverage-pages",
    level: Level::Standard,
    summary: "Takes the pages that coverage tools draw beside the project they measured.",
    caveat: "None known. A page that is served from there is gone.",
    source: "coverage.py documentation",
    remove: &["**/htmlcov"],
    only: &[Only::Near(&[
        "{pyproject.toml,setup.py,setup.cfg,tox.ini,.coveragerc}",
    ])],
    reach: Reach::Owned,
    fires: &["app/htmlcov/index.html"],
    spares: &["srv/htmlcov/index.html"],
    beside: &["app/setup.py"],
    ..Rule::PLAIN
};
