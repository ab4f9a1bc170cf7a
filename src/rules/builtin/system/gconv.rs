//! Takes the converters of rarer character sets.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "gconv",
    level: Level::Aggressive,
    summary: "Takes the converters of rarer character sets.",
    caveat: "What uses iconv(3), such as PHP, git and mail programs, no longer knows them.",
    source: "Rocky and Fedora container kickstarts",
    remove: &["usr/lib{,64}/{,*/}gconv/*.so"],
    keep: &["**/gconv/{UTF-,UNICODE,ISO8859-,CP125}*"],
    fires: &["usr/lib/x86_64-linux-gnu/gconv/BIG5.so"],
    spares: &[
        "usr/lib/x86_64-linux-gnu/gconv/UTF-16.so",
        "usr/lib64/gconv/gconv-modules.cache",
    ],
    ..Rule::PLAIN
};
