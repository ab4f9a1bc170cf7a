//! Takes what running JVMs leave in temporary directories.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "jvm-temporary",
    level: Level::Safe,
    summary: "Takes what running JVMs leave in temporary directories.",
    caveat: "None known.",
    source: "HotSpot and JNA documentation",
    remove: &["tmp/hsperfdata_*", "~/.cache/JNA", "tmp/jna-*"],
    reach: Reach::Owned,
    fires: &[
        "tmp/hsperfdata_root/1",
        "root/.cache/JNA/temp/a.tmp",
        "tmp/jna-1/a.tmp",
    ],
    spares: &["tmp/x"],
    ..Rule::PLAIN
};
