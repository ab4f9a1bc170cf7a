//! Takes the time zones that count leap seconds, and the second copy of those that do not.

use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "zoneinfo-right",
    level: Level::Standard,
    summary: "Takes the time zones that count leap seconds, and the second copy of those that do not.",
    caveat: "A `TZ` that starts with `right/` or `posix/` is UTC.",
    source: "tzdata NEWS, Debian tzdata-legacy",
    remove: &["usr/share/zoneinfo/{right,posix}"],
    when: &[When::Environment(|facts| {
        !facts
            .variable("TZ")
            .is_some_and(|zone| zone.contains("right/") || zone.contains("posix/"))
    })],
    fires: &["usr/share/zoneinfo/right/Europe/Berlin"],
    spares: &["usr/share/zoneinfo/Europe/Berlin"],
    ..Rule::PLAIN
};
