//! Takes what dnf, yum, zypper and tdnf have downloaded.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "dnf-cache",
    level: Level::Safe,
    summary: "Takes what dnf, yum, zypper and tdnf have downloaded.",
    caveat: "A later install downloads the metadata again.",
    source: "Rocky and Fedora container kickstarts",
    remove: &[
        "var/cache/{dnf,yum,libdnf5,zypp,tdnf}/",
        "var/lib/dnf/repos/",
    ],
    reach: Reach::Owned,
    fires: &[
        "var/cache/dnf/baseos/repodata/x.solv",
        "var/lib/dnf/repos/baseos/countme",
    ],
    spares: &["var/lib/dnf/modulefailsafe/x"],
    ..Rule::PLAIN
};
