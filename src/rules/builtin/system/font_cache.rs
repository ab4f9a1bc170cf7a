//! Takes the caches of fonts that fontconfig and matplotlib make.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "font-cache",
    level: Level::Standard,
    summary: "Takes the caches of fonts that fontconfig and matplotlib make.",
    caveat: "The first use of a font is slower; on a read-only root each start is.",
    source: "fonts-conf(5), matplotlib FAQ",
    remove: &["var/cache/fontconfig/", "~/.cache/{matplotlib,fontconfig}"],
    reach: Reach::Owned,
    fires: &[
        "var/cache/fontconfig/a.cache-7",
        "root/.cache/matplotlib/fontlist.json",
    ],
    spares: &["etc/fonts/fonts.conf"],
    ..Rule::PLAIN
};
