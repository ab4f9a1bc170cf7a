//! Takes files in `/run`, which describe processes that are gone; directories stay with their owners.

use crate::rules::rule::{Level, Only, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "run-files",
    level: Level::Standard,
    summary: "Takes files in `/run`, which describe processes that are gone; directories stay with their owners.",
    caveat: "A file that was put there for the program to find is gone.",
    source: "file-hierarchy(7)",
    remove: &["run/"],
    only: &[Only::File],
    when: &[When::Idle("run")],
    reach: Reach::Owned,
    fires: &["run/nginx.pid"],
    spares: &["run/lock/"],
    ..Rule::PLAIN
};
