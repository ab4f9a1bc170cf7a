//! Takes the builds for development and tests beside one for production.

use crate::rules::rule::{Level, Only, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "mix-build",
    level: Level::Safe,
    summary: "Takes the builds for development and tests beside one for production.",
    caveat: "They are made again when needed.",
    source: "Mix documentation, `mix compile`",
    remove: &["**/_build/{dev,test}"],
    only: &[Only::Near(&["prod"])],
    when: &[When::RunsNone(&["mix", "iex", "rebar3"])],
    reach: Reach::Owned,
    fires: &["app/_build/dev/lib/a.beam"],
    spares: &["app/_build/prod/rel/app/bin/app", "srv/_build/dev/a"],
    beside: &["app/_build/prod/rel/app/bin/app"],
    ..Rule::PLAIN
};
