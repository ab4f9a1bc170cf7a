//! Takes logs that were rotated.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rotated-logs",
    level: Level::Safe,
    summary: "Takes logs that were rotated.",
    caveat: "They can no longer be read.",
    source: "logrotate(8)",
    remove: &[
        "var/log/**/*.{gz,xz,bz2,zst,old}",
        "var/log/**/*.{log,err,out}.[0-9]",
        "var/log/**/*.{log,err,out}-20[0-9]*",
        "var/log/*.[0-9]",
    ],
    only: &[Only::File],
    reach: Reach::Owned,
    fires: &[
        "var/log/x/a.log.2.gz",
        "var/log/x/a.log.1",
        "var/log/x/a.log-20240101",
        "var/log/syslog.1",
    ],
    spares: &["var/log/x/a.log"],
    ..Rule::PLAIN
};
