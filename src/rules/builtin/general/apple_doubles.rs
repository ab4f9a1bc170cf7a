//! Takes the second halves of files that macOS's tar writes.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "apple-doubles",
    level: Level::Safe,
    summary: "Takes the second halves of files that macOS's tar writes.",
    caveat: "None known.",
    source: "RFC 1740",
    remove: &["**/._*"],
    only: &[Only::Magic(&[(0, b"\x00\x05\x16\x07")])],
    reach: Reach::Owned,
    fires: &["app/._a"],
    spares: &["app/._plain"],
    ..Rule::PLAIN
};
