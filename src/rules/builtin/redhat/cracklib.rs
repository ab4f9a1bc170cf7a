//! Takes the dictionary against which new passwords are checked.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "cracklib",
    level: Level::Aggressive,
    summary: "Takes the dictionary against which new passwords are checked.",
    caveat: "`passwd` and what uses pam_pwquality refuse each new password; it is not on by default as nothing in the image tells who does.",
    source: "Rocky and Fedora container kickstarts",
    remove: &["usr/share/cracklib/"],
    fires: &["usr/share/cracklib/pw_dict.pwd"],
    spares: &["usr/share/dict/words"],
    ..Rule::PLAIN
};
