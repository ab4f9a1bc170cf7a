//! Takes what Yarn 2 and later remember of the last install.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "yarn-state",
    level: Level::Standard,
    summary: "Takes what Yarn 2 and later remember of the last install.",
    caveat: "`yarn run` works out the state anew from the lock file.",
    source: "Yarn documentation, installStatePath",
    remove: &["**/.yarn/{install-state.gz,build-state.yml}"],
    when: &[
        When::Lacks(&["**/.pnp.{cjs,js}"]),
        When::RunsNone(&["yarn", "yarnpkg", "corepack"]),
    ],
    reach: Reach::Owned,
    fires: &["app/.yarn/install-state.gz"],
    spares: &["app/.yarn/releases/yarn-4.cjs"],
    ..Rule::PLAIN
};
