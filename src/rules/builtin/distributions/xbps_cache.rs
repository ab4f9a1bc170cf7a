//! Takes the packages that xbps has downloaded.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "xbps-cache",
    level: Level::Safe,
    summary: "Takes the packages that xbps has downloaded.",
    caveat: "Installing the same package again downloads it again.",
    source: "xbps-install(1)",
    remove: &["var/cache/xbps/"],
    reach: Reach::Owned,
    fires: &["var/cache/xbps/a.xbps"],
    spares: &["var/db/xbps/pkgdb-0.38.plist"],
    ..Rule::PLAIN
};
