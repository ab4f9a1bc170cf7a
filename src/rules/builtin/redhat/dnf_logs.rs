//! Takes the logs of dnf, yum, zypper and the installer.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "dnf-logs",
    level: Level::Safe,
    summary: "Takes the logs of dnf, yum, zypper and the installer.",
    caveat: "When a package was installed can no longer be looked up.",
    source: "Rocky and Fedora container kickstarts",
    remove: &[
        "var/log/{dnf,yum,hawkey,zypper,tdnf}*",
        "var/log/{anaconda,zypp}/",
    ],
    reach: Reach::Owned,
    fires: &["var/log/dnf.rpm.log", "var/log/anaconda/syslog"],
    spares: &["var/log/messages"],
    ..Rule::PLAIN
};
