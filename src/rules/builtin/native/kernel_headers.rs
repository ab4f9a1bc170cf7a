//! Takes kernel headers where no compiler and no BPF compiler is.

use crate::rules::builtin::COMPILERS;
use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "kernel-headers",
    level: Level::Standard,
    summary: "Takes kernel headers where no compiler and no BPF compiler is.",
    caveat: "Kernel modules can no longer be compiled.",
    source: "dkms(8)",
    remove: &["usr/src/{linux-headers,linux-kbuild,kernels}*"],
    when: &[When::Lacks(COMPILERS)],
    fires: &["usr/src/linux-headers-6.1.0-1-amd64/a.h"],
    spares: &["usr/src/app/a.h"],
    ..Rule::PLAIN
};
