//! Takes the packages and indexes that apk has downloaded, its log and the scripts it has run.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "apk-cache",
    level: Level::Safe,
    summary: "Takes the packages and indexes that apk has downloaded, its log and the scripts it has run.",
    caveat: "A later `apk add` downloads the index again.",
    source: "apk-cache(5)",
    remove: &[
        "var/cache/apk/",
        "etc/apk/cache/",
        "var/log/apk.log",
        "{,usr/}lib/apk/exec/",
    ],
    reach: Reach::Owned,
    fires: &[
        "var/cache/apk/APKINDEX.tar.gz",
        "etc/apk/cache/a.apk",
        "var/log/apk.log",
        "lib/apk/exec/x",
    ],
    spares: &["lib/apk/db/installed", "etc/apk/world"],
    ..Rule::PLAIN
};
