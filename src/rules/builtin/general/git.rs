//! Takes the histories of Git working trees.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "git",
    level: Level::Standard,
    summary: "Takes the histories of Git working trees.",
    caveat: "What asks Git for a version when it starts (setuptools_scm, versioneer, `git describe`) fails. Trees that bundler has checked out stay.",
    source: "by many Dockerfiles and .dockerignore files",
    remove: &["**/.git"],
    keep: &[
        "**/bundler/gems/*/.git",
        "**/Homebrew/**/.git",
        "**/Homebrew/.git",
    ],
    when: &[When::RunsNone(&[
        "git",
        "git-daemon",
        "gitweb",
        "git-http-backend",
        "setuptools_scm",
        "brew",
    ])],
    reach: Reach::Owned,
    fires: &["app/.git/objects/pack/a.pack", "app/sub/.git"],
    spares: &[
        "usr/local/bundle/bundler/gems/x-abc/.git/HEAD",
        "app/.gitconfig",
    ],
    ..Rule::PLAIN
};
