//! Takes the record of what dnf and yum did when.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "dnf-history",
    level: Level::Safe,
    summary: "Takes the record of what dnf and yum did when.",
    caveat: "`dnf history` starts anew, and `dnf autoremove` no longer knows which packages were asked for.",
    source: "Rocky and Fedora container kickstarts",
    remove: &["var/lib/dnf/history*", "var/lib/yum/history/"],
    reach: Reach::Owned,
    fires: &["var/lib/dnf/history.sqlite", "var/lib/yum/history/x.sqlite"],
    spares: &["var/lib/rpm/rpmdb.sqlite"],
    ..Rule::PLAIN
};
