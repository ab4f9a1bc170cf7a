//! Takes Hex, rebar and what they have downloaded, where the image does not run `mix`.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "hex-cache",
    level: Level::Safe,
    summary: "Takes Hex, rebar and what they have downloaded, where the image does not run `mix`.",
    caveat: "`mix` asks to install Hex again.",
    source: "Mix documentation, `mix local.hex`",
    remove: &[
        "~/.{hex,mix}",
        "~/.cache/rebar3",
        "$MIX_HOME/",
        "$HEX_HOME/",
    ],
    when: &[When::RunsNone(&["mix", "iex", "rebar3"])],
    reach: Reach::Owned,
    fires: &[
        "root/.hex/packages/hexpm/a.tar",
        "root/.mix/archives/hex-2/a.beam",
        "root/.cache/rebar3/hex/a",
        "opt/x/mix/a",
        "opt/x/hex/a",
    ],
    spares: &["root/.iex.exs"],
    beside: &["$MIX_HOME=/opt/x/mix", "$HEX_HOME=/opt/x/hex"],
    ..Rule::PLAIN
};
