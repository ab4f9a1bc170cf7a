//! Takes the logs of apt, dpkg and the installer, and the empty records of logins.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "apt-logs",
    level: Level::Safe,
    summary: "Takes the logs of apt, dpkg and the installer, and the empty records of logins.",
    caveat: "When a package was installed can no longer be looked up.",
    source: "debuerreotype .slimify-excludes",
    remove: &[
        "var/log/apt/",
        "var/log/{dpkg,alternatives,bootstrap}.log*",
        "var/log/{faillog,lastlog,tallylog}",
    ],
    only: &[Only::File],
    reach: Reach::Owned,
    fires: &[
        "var/log/apt/history.log",
        "var/log/dpkg.log.1",
        "var/log/lastlog",
    ],
    spares: &["var/log/wtmp", "var/log/nginx/access.log"],
    ..Rule::PLAIN
};
