//! Takes the scripts that apk runs when packages change.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "apk-scripts",
    level: Level::Standard,
    summary: "Takes the scripts that apk runs when packages change.",
    caveat: "`apk del` and `apk upgrade` no longer run the scripts of packages that are there.",
    source: "diffoci README (not reproducible), apk-package(5)",
    remove: &["{,usr/}lib/apk/db/{scripts.tar,scripts.tar.gz,triggers}"],
    reach: Reach::Owned,
    fires: &["lib/apk/db/scripts.tar", "usr/lib/apk/db/triggers"],
    spares: &["lib/apk/db/installed"],
    ..Rule::PLAIN
};
