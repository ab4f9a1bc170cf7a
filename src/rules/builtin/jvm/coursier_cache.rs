//! Takes what coursier has downloaded, where no launcher of it is installed.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "coursier-cache",
    level: Level::Standard,
    summary: "Takes what coursier has downloaded, where no launcher of it is installed.",
    caveat: "A program that was packed with `cs bootstrap` downloads its class path again, or fails.",
    source: "coursier documentation, cache",
    remove: &["~/.cache/coursier/{v1,arc}", "~/.coursier/cache"],
    when: &[
        When::Serves,
        When::RunsNone(&[
            "cs",
            "coursier",
            "sbt",
            "sbtn",
            "mill",
            "amm",
            "scala",
            "scala-cli",
            "metals",
            "bloop",
        ]),
        When::Lacks(&[
            "~/.local/share/coursier/bin/*",
            "usr/{,local/}bin/{cs,coursier,scala-cli}",
        ]),
    ],
    reach: Reach::Owned,
    fires: &[
        "root/.cache/coursier/v1/https/a.jar",
        "root/.coursier/cache/v1/a.jar",
    ],
    spares: &["root/.cache/coursier/jvm/a/bin/java"],
    ..Rule::PLAIN
};
