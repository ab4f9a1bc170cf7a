//! Takes SELinux policies, which the host loads and not the container.

use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "selinux",
    level: Level::Standard,
    summary: "Takes SELinux policies, which the host loads and not the container.",
    caveat: "Tools that look into a policy (`semodule`, `sesearch`) no longer work.",
    source: "ceph/ceph-container",
    remove: &["usr/share/selinux/", "etc/selinux/*/"],
    when: &[When::Lacks(&["{usr/,}sbin/{semodule,load_policy}"])],
    fires: &[
        "usr/share/selinux/targeted/base.lst",
        "etc/selinux/targeted/policy/policy.33",
    ],
    spares: &["etc/selinux/semanage.conf"],
    ..Rule::PLAIN
};
