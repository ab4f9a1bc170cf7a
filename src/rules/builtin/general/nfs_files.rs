//! Takes files that NFS clients keep for a program that has them open.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "nfs-files",
    level: Level::Safe,
    summary: "Takes files that NFS clients keep for a program that has them open.",
    caveat: "None known.",
    source: "Linux NFS FAQ",
    remove: &[
        "**/.nfs[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]*",
    ],
    only: &[Only::File],
    reach: Reach::Owned,
    fires: &["app/.nfs000000000123abcd00000001"],
    spares: &["app/.nfsrc"],
    ..Rule::PLAIN
};
