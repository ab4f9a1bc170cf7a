//! Takes fonts.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "fonts",
    level: Level::Aggressive,
    summary: "Takes fonts.",
    caveat: "Java AWT, PDF makers and browsers need one.",
    source: "debuerreotype .slimify-excludes",
    remove: &["usr/share/fonts/"],
    fires: &["usr/share/fonts/truetype/a.ttf"],
    spares: &["etc/fonts/fonts.conf"],
    ..Rule::PLAIN
};
