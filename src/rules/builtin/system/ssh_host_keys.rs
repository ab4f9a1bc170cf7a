//! Takes the host keys of an SSH server: whoever has the image has the keys.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "ssh-host-keys",
    level: Level::Aggressive,
    summary: "Takes the host keys of an SSH server: whoever has the image has the keys.",
    caveat: "An SSH server does not start until `ssh-keygen -A` has made new ones.",
    source: "sshd(8)",
    remove: &["etc/ssh/ssh_host_*"],
    reach: Reach::Owned,
    fires: &["etc/ssh/ssh_host_rsa_key"],
    spares: &["etc/ssh/sshd_config"],
    ..Rule::PLAIN
};
