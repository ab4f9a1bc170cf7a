//! Takes what sbt and Ivy have downloaded.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "sbt-cache",
    level: Level::Safe,
    summary: "Takes what sbt and Ivy have downloaded.",
    caveat: "The next build downloads all again.",
    source: "sbt reference manual",
    remove: &["~/.ivy2/cache", "~/.sbt/{boot,launchers}"],
    when: &[When::RunsNone(&["sbt", "sbtn", "activator", "amm", "ant"])],
    reach: Reach::Owned,
    fires: &["root/.ivy2/cache/a/b.jar", "root/.sbt/boot/a/b.jar"],
    spares: &["root/.sbt/1.0/plugins/a.sbt", "root/.ivy2/local/a.jar"],
    ..Rule::PLAIN
};
