//! Takes cargo's debug builds beside a release build.

use crate::rules::rule::{Level, Only, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "cargo-debug",
    level: Level::Safe,
    summary: "Takes cargo's debug builds beside a release build.",
    caveat: "The next debug build compiles all again. A debug build from which the image starts a program stays.",
    source: "The Cargo Book, build cache",
    remove: &["**/target/debug"],
    only: &[
        Only::Near(&[".rustc_info.json"]),
        Only::Near(&["{,*/}release"]),
    ],
    when: &[When::RunsNone(&["cargo", "cargo-watch", "bacon", "trunk"])],
    reach: Reach::Owned,
    fires: &["app/target/debug/app"],
    spares: &["srv/target/debug/a", "app/target/release/app"],
    beside: &[
        "app/target/.rustc_info.json",
        "app/target/release/app",
        "srv/target/.rustc_info.json",
    ],
    ..Rule::PLAIN
};
