//! Takes the packages and databases that pacman has downloaded, and its log.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "pacman-cache",
    level: Level::Safe,
    summary: "Takes the packages and databases that pacman has downloaded, and its log.",
    caveat: "A later install needs `pacman -Sy` first.",
    source: "pacman(8)",
    remove: &[
        "var/cache/pacman/pkg/",
        "var/lib/pacman/sync/",
        "var/log/pacman.log",
    ],
    reach: Reach::Owned,
    fires: &[
        "var/cache/pacman/pkg/a.pkg.tar.zst",
        "var/lib/pacman/sync/core.db",
        "var/log/pacman.log",
    ],
    spares: &["var/lib/pacman/local/bash-5/desc"],
    ..Rule::PLAIN
};
