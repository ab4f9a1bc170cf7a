//! Takes icons, wallpapers, word lists, places of IP addresses and sample files.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "desktop-data",
    level: Level::Aggressive,
    summary: "Takes icons, wallpapers, word lists, places of IP addresses and sample files.",
    caveat: "Programs that read word lists or `GeoIP` miss them.",
    source: "debuerreotype .slimify-excludes",
    remove: &["usr/share/{icons,wallpapers,backgrounds,dict,GeoIP,example-content}/"],
    fires: &["usr/share/dict/words"],
    spares: &["usr/share/mime/mime.cache"],
    ..Rule::PLAIN
};
