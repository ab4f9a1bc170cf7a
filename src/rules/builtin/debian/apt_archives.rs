//! Takes the packages that apt has installed and its binary caches of the lists.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "apt-archives",
    level: Level::Safe,
    summary: "Takes the packages that apt has installed and its binary caches of the lists.",
    caveat: "Installing the same package again downloads it again.",
    source: "bitnami/minideb mkimage",
    remove: &[
        "var/cache/apt/archives/*.deb",
        "var/cache/apt/archives/partial/",
        "var/cache/apt/*.bin",
    ],
    reach: Reach::Owned,
    fires: &[
        "var/cache/apt/archives/bash_5.2_amd64.deb",
        "var/cache/apt/archives/partial/x.deb",
        "var/cache/apt/pkgcache.bin",
    ],
    spares: &["var/cache/apt/archives/lock"],
    ..Rule::PLAIN
};
