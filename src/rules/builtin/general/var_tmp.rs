//! Takes what is in `/var/tmp`.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "var-tmp",
    level: Level::Standard,
    summary: "Takes what is in `/var/tmp`.",
    caveat: "A program that was left there on purpose is gone; where the command, the working directory or a volume lies there, nothing is.",
    source: "by many Dockerfiles",
    remove: &["var/tmp/"],
    when: &[When::Idle("var/tmp")],
    reach: Reach::Owned,
    fires: &["var/tmp/build.log"],
    spares: &["var/temp/a"],
    ..Rule::PLAIN
};
