//! Takes what file managers of macOS and Windows leave in each directory.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "desktop-litter",
    level: Level::Safe,
    summary: "Takes what file managers of macOS and Windows leave in each directory.",
    caveat: "None known.",
    source: "by many .dockerignore files",
    remove: &["**/{.DS_Store,Thumbs.db,desktop.ini}", "**/__MACOSX"],
    reach: Reach::Owned,
    fires: &["app/.DS_Store", "app/__MACOSX/._a"],
    spares: &["app/DS_Store"],
    ..Rule::PLAIN
};
