//! Empties log files; files, directories and owners stay as programs expect them.

use crate::rules::rule::{Action, Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "logs",
    level: Level::Safe,
    summary: "Empties log files; files, directories and owners stay as programs expect them.",
    caveat: "What was logged while the image was built can no longer be read. Links such as those to `/dev/stdout` stay.",
    source: "by many Dockerfiles",
    remove: &["var/log/"],
    action: Action::Truncate,
    reach: Reach::Owned,
    fires: &["var/log/x/a.log", "var/log/wtmp"],
    spares: &["var/lib/a.log"],
    ..Rule::PLAIN
};
