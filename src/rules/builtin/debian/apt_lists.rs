//! Takes the package lists that `apt-get update` downloads.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "apt-lists",
    level: Level::Safe,
    summary: "Takes the package lists that `apt-get update` downloads.",
    caveat: "A later `apt-get install` needs `apt-get update` first.",
    source: "debuerreotype .slimify-excludes, bitnami/minideb mkimage",
    remove: &["var/lib/apt/lists/"],
    only: &[Only::File],
    reach: Reach::Owned,
    fires: &[
        "var/lib/apt/lists/deb.debian.org_debian_dists_stable_InRelease",
        "var/lib/apt/lists/partial/x",
    ],
    spares: &["var/lib/apt/extended_states"],
    ..Rule::PLAIN
};
