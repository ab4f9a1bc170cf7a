//! Takes the backups that dpkg, debconf and the account tools make before they write.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "dpkg-old",
    level: Level::Safe,
    summary: "Takes the backups that dpkg, debconf and the account tools make before they write.",
    caveat: "None known.",
    source: "bitnami/minideb mkimage",
    remove: &[
        "var/lib/dpkg/*-old",
        "var/lib/dpkg/available*",
        "var/cache/debconf/*-old",
        "etc/{passwd,group,shadow,gshadow,subuid,subgid}-",
    ],
    reach: Reach::Owned,
    fires: &[
        "var/lib/dpkg/status-old",
        "var/lib/dpkg/available",
        "var/cache/debconf/config.dat-old",
        "etc/passwd-",
    ],
    spares: &[
        "var/lib/dpkg/status",
        "etc/passwd",
        "var/cache/debconf/config.dat",
    ],
    ..Rule::PLAIN
};
