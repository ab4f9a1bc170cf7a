//! Takes the answers that the installer leaves in root's home.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "installer-traces",
    level: Level::Safe,
    summary: "Takes the answers that the installer leaves in root's home.",
    caveat: "None known.",
    source: "Rocky and Fedora container kickstarts",
    remove: &["root/{anaconda*,original-ks.cfg}"],
    reach: Reach::Owned,
    fires: &["root/anaconda-ks.cfg"],
    spares: &["root/.bashrc"],
    ..Rule::PLAIN
};
