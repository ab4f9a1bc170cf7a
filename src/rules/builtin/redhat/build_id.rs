//! Takes the links by which debuggers find a program by its build ID.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "build-id",
    level: Level::Safe,
    summary: "Takes the links by which debuggers find a program by its build ID.",
    caveat: "A debugger asks for each program's path.",
    source: "Rocky and Fedora container kickstarts",
    remove: &["usr/lib/.build-id/"],
    reach: Reach::Owned,
    fires: &["usr/lib/.build-id/ab/cdef"],
    spares: &["usr/lib/build-id.txt"],
    ..Rule::PLAIN
};
