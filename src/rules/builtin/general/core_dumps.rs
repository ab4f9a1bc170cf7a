//! Takes core dumps.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "core-dumps",
    level: Level::Safe,
    summary: "Takes core dumps.",
    caveat: "The crash can no longer be looked into.",
    source: "core(5)",
    remove: &["**/core", "**/core.[0-9]*"],
    only: &[
        Only::Magic(&[(16, b"\x04\x00"), (16, b"\x00\x04")]),
        Only::Magic(&[(0, b"\x7fELF")]),
    ],
    reach: Reach::Owned,
    fires: &["app/core", "app/core.123"],
    spares: &["app/core.2"],
    ..Rule::PLAIN
};
