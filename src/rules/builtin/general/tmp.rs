//! Takes what is in `/tmp`.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "tmp",
    level: Level::Standard,
    summary: "Takes what is in `/tmp`.",
    caveat: "A program that was left there on purpose is gone; where the command, the working directory or a volume lies there, nothing is.",
    source: "by many Dockerfiles",
    remove: &["tmp/"],
    keep: &["tmp/.{X11,ICE,font,Test,XIM}-unix"],
    when: &[When::Idle("tmp")],
    reach: Reach::Owned,
    fires: &["tmp/build.log", "tmp/x/a"],
    spares: &["tmp/.X11-unix/"],
    ..Rule::PLAIN
};
