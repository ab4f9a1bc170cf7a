//! Takes backups of editors and patch.

use crate::rules::rule::{Level, Only, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "backups",
    level: Level::Aggressive,
    summary: "Takes backups of editors and patch.",
    caveat: "Entrypoints that restore a settings file from its `.orig` fail.",
    source: "patch(1), emacs manual",
    remove: &["**/*.{orig,rej}", "**/*~"],
    only: &[Only::File],
    fires: &["etc/a.conf.orig", "etc/b~"],
    spares: &["etc/original"],
    ..Rule::PLAIN
};
