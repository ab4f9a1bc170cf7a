//! Takes kernel modules and firmware.

use crate::rules::builtin::SYSTEMD;
use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "kernel-modules",
    level: Level::Aggressive,
    summary: "Takes kernel modules and firmware.",
    caveat: "Images that bring a driver to the host have their modules here, so it is not on by default.",
    source: "Rocky and Fedora container kickstarts",
    remove: &["{usr/,}lib/{modules,firmware}/"],
    when: &[
        When::Lacks(SYSTEMD),
        When::RunsNone(&["modprobe", "insmod", "depmod"]),
    ],
    fires: &["lib/modules/6.1/kernel/x.ko", "usr/lib/firmware/x.bin"],
    spares: &["usr/lib/modules-load.d/x.conf"],
    ..Rule::PLAIN
};
