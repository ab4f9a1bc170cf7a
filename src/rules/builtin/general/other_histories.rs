//! Takes the histories of Subversion, Mercurial and Bazaar working trees.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "other-histories",
    level: Level::Safe,
    summary: "Takes the histories of Subversion, Mercurial and Bazaar working trees.",
    caveat: "The tree can no longer be compared or updated.",
    source: "by many .dockerignore files",
    remove: &["**/.{svn,hg,bzr}"],
    when: &[When::RunsNone(&["svn", "hg", "bzr"])],
    reach: Reach::Owned,
    fires: &["app/.hg/store/a", "app/.svn/entries"],
    spares: &["app/.hgignore"],
    ..Rule::PLAIN
};
