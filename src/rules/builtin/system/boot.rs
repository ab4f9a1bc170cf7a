//! Takes kernels and boot loaders where systemd is not installed.

use crate::rules::builtin::SYSTEMD;
use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "boot",
    level: Level::Standard,
    summary: "Takes kernels and boot loaders where systemd is not installed.",
    caveat: "The tree no longer boots as a machine.",
    source: "Rocky and Fedora container kickstarts",
    remove: &["boot/"],
    when: &[
        When::Lacks(SYSTEMD),
        When::Lacks(&["usr/lib/ostree", "sysroot/ostree", "usr/lib/bootc"]),
    ],
    fires: &["boot/vmlinuz-6.1"],
    spares: &["etc/default/grub"],
    ..Rule::PLAIN
};
