//! Takes seeds for the random numbers of one machine.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "random-seed",
    level: Level::Safe,
    summary: "Takes seeds for the random numbers of one machine.",
    caveat: "None known. The kernel of the host has its own.",
    source: "systemd-random-seed.service(8)",
    remove: &["var/lib/{systemd,urandom,misc}/random-seed"],
    reach: Reach::Owned,
    fires: &["var/lib/systemd/random-seed"],
    spares: &["var/lib/systemd/deb-systemd-helper-enabled/x"],
    ..Rule::PLAIN
};
