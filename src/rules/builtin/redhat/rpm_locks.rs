//! Takes the locks and regions that rpm makes beside its database while it runs.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rpm-locks",
    level: Level::Safe,
    summary: "Takes the locks and regions that rpm makes beside its database while it runs.",
    caveat: "None known.",
    source: "rpmdb(8)",
    remove: &["{var/lib,usr/lib/sysimage}/rpm/{__db.*,.rpm.lock,.dbenv.lock}"],
    reach: Reach::Owned,
    fires: &["var/lib/rpm/__db.001", "usr/lib/sysimage/rpm/.rpm.lock"],
    spares: &["var/lib/rpm/Packages", "usr/lib/sysimage/rpm/rpmdb.sqlite"],
    ..Rule::PLAIN
};
