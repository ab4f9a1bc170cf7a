//! Takes the documentation of Rust tool chains.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rustup-docs",
    level: Level::Standard,
    summary: "Takes the documentation of Rust tool chains.",
    caveat: "`rustup doc` finds nothing.",
    source: "rustup book, profiles",
    remove: &["{~/.rustup,usr/local/rustup,$RUSTUP_HOME}/toolchains/*/share/{doc,man}/"],
    reach: Reach::Everywhere,
    fires: &[
        "usr/local/rustup/toolchains/stable-x86_64-unknown-linux-gnu/share/doc/rust/html/index.html",
    ],
    spares: &[
        "usr/local/rustup/toolchains/stable-x86_64-unknown-linux-gnu/share/doc/rust/LICENSE-MIT",
        "usr/local/rustup/toolchains/stable-x86_64-unknown-linux-gnu/bin/rustc",
    ],
    ..Rule::PLAIN
};
