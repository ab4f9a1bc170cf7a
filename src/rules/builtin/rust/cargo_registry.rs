//! Takes what cargo has downloaded.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "cargo-registry",
    level: Level::Safe,
    summary: "Takes what cargo has downloaded.",
    caveat: "The next build downloads all again.",
    source: "The Cargo Book, Cargo home",
    remove: &[
        "{~/.cargo,usr/local/cargo}/registry/{index,cache,src}",
        "{~/.cargo,usr/local/cargo}/git/{db,checkouts}",
        "$CARGO_HOME/registry/{index,cache,src}",
        "$CARGO_HOME/git/{db,checkouts}",
    ],
    when: &[When::RunsNone(&["cargo", "cargo-watch", "bacon", "trunk"])],
    reach: Reach::Owned,
    fires: &[
        "root/.cargo/registry/src/x/a-1/src/lib.rs",
        "usr/local/cargo/git/db/a/HEAD",
        "opt/x/registry/cache/a.crate",
        "opt/x/git/db/a",
    ],
    spares: &["usr/local/cargo/bin/cargo", "root/.cargo/config.toml"],
    beside: &["$CARGO_HOME=/opt/x"],
    ..Rule::PLAIN
};
