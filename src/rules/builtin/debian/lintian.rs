//! Takes what packages bring for checkers of packages and for bug reports.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "lintian",
    level: Level::Safe,
    summary: "Takes what packages bring for checkers of packages and for bug reports.",
    caveat: "None known.",
    source: "debuerreotype .slimify-excludes",
    remove: &["usr/share/lintian/overrides/", "usr/share/{linda,bug}/"],
    fires: &[
        "usr/share/lintian/overrides/bash",
        "usr/share/bug/apt/script",
    ],
    spares: &["usr/share/lintian/profiles/debian/main.profile"],
    ..Rule::PLAIN
};
