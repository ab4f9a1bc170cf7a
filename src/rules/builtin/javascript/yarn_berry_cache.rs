//! Takes what Yarn 2 and later have downloaded for all projects.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "yarn-berry-cache",
    level: Level::Safe,
    summary: "Takes what Yarn 2 and later have downloaded for all projects.",
    caveat: "Installing the same package again downloads it again. It does not act where a `.pnp` file loads packages from the cache.",
    source: "Yarn documentation, cacheFolder",
    remove: &["~/.yarn/berry/{cache,metadata,index}"],
    when: &[When::Lacks(&["**/.pnp.{cjs,js}"])],
    reach: Reach::Owned,
    fires: &["root/.yarn/berry/cache/a.zip"],
    spares: &["app/.yarn/cache/a.zip", "root/.yarn/releases/yarn-4.cjs"],
    ..Rule::PLAIN
};
