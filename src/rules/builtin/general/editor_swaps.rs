//! Takes the swap files of Vim, and files that NFS clients keep for a program that has them open.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "editor-swaps",
    level: Level::Safe,
    summary: "Takes the swap files of Vim, and files that NFS clients keep for a program that has them open.",
    caveat: "Changes that were never saved are lost.",
    source: "vim help, swap-file",
    remove: &["**/.*.sw[a-p]"],
    only: &[Only::Magic(&[(0, b"b0VIM ")])],
    reach: Reach::Owned,
    fires: &["app/.a.py.swp"],
    spares: &["app/.b.swp"],
    ..Rule::PLAIN
};
