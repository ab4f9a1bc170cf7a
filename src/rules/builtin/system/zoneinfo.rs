//! Takes time zones but UTC and the one that the environment names.

use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "zoneinfo",
    level: Level::Aggressive,
    summary: "Takes time zones but UTC and the one that the environment names.",
    caveat: "Programs that convert times (Go, Python, Ruby, PostgreSQL) fail or silently say UTC.",
    source: "tzfile(5)",
    remove: &["usr/share/zoneinfo/"],
    keep: &[
        "usr/share/zoneinfo/{UTC,UCT,Etc,GMT,Zulu,Universal,posixrules,localtime,*.tab,*.list,tzdata.zi,leapseconds}",
    ],
    when: &[When::Environment(|facts| {
        facts
            .variable("TZ")
            .is_none_or(|zone| matches!(zone, "" | "UTC" | ":UTC" | "Etc/UTC"))
    })],
    fires: &["usr/share/zoneinfo/Asia/Tokyo"],
    spares: &["usr/share/zoneinfo/UTC", "usr/share/zoneinfo/zone.tab"],
    ..Rule::PLAIN
};
