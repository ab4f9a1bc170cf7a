//! Takes the sources of dependencies beside a release, which holds its own copies.

use crate::rules::rule::{Level, Only, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "mix-deps",
    level: Level::Standard,
    summary: "Takes the sources of dependencies beside a release, which holds its own copies.",
    caveat: "A later build downloads them again.",
    source: "Mix documentation, `mix release`",
    remove: &["**/deps"],
    only: &[Only::Near(&["_build/prod/rel/*/releases"])],
    when: &[When::RunsNone(&["mix", "iex", "rebar3"])],
    reach: Reach::Owned,
    fires: &["app/deps/jason/lib/jason.ex"],
    spares: &["app/deps.txt", "srv/deps/a"],
    beside: &["app/_build/prod/rel/app/releases/1/app.rel"],
    ..Rule::PLAIN
};
