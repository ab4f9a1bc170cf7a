//! Takes the database of hardware where udev is not installed.

use crate::rules::builtin::SYSTEMD;
use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "udev-hwdb",
    level: Level::Safe,
    summary: "Takes the database of hardware where udev is not installed.",
    caveat: "None known.",
    source: "Rocky and Fedora container kickstarts",
    remove: &["{usr/,}lib/udev/hwdb.d/", "{etc,usr/lib}/udev/hwdb.bin"],
    when: &[When::Lacks(SYSTEMD)],
    fires: &["lib/udev/hwdb.d/20-pci.hwdb", "etc/udev/hwdb.bin"],
    spares: &["lib/udev/rules.d/a.rules"],
    ..Rule::PLAIN
};
