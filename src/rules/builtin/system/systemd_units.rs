//! Takes unit files where systemd is not installed.

use crate::rules::builtin::SYSTEMD;
use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "systemd-units",
    level: Level::Standard,
    summary: "Takes unit files where systemd is not installed.",
    caveat: "A derived image that installs systemd starts none of these services.",
    source: "Rocky and Fedora container kickstarts",
    remove: &[
        "{usr/,}lib/systemd/{system,user,system-preset,user-preset,catalog,network,ntp-units.d}/",
    ],
    when: &[When::Lacks(SYSTEMD)],
    fires: &[
        "usr/lib/systemd/system/cron.service",
        "lib/systemd/user/x.service",
    ],
    spares: &["usr/lib/systemd/libsystemd-shared-252.so"],
    ..Rule::PLAIN
};
