//! Takes what rustup has downloaded and unpacked.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rustup-downloads",
    level: Level::Safe,
    summary: "Takes what rustup has downloaded and unpacked.",
    caveat: "None known.",
    source: "rustup book",
    remove: &["{~/.rustup,usr/local/rustup,$RUSTUP_HOME}/{tmp,downloads}"],
    reach: Reach::Owned,
    fires: &[
        "root/.rustup/tmp/a",
        "usr/local/rustup/downloads/a",
        "opt/x/tmp/a",
    ],
    spares: &["usr/local/rustup/settings.toml"],
    beside: &["$RUSTUP_HOME=/opt/x"],
    ..Rule::PLAIN
};
