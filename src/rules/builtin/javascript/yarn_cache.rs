//! Takes what Yarn 1 has downloaded.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "yarn-cache",
    level: Level::Safe,
    summary: "Takes what Yarn 1 has downloaded.",
    caveat: "Installing the same package again downloads it again. It does not act where a `.pnp` file loads packages from the cache.",
    source: "Yarn 1 documentation, cache",
    remove: &[
        "~/.cache/yarn",
        "usr/local/share/.cache/yarn",
        "$YARN_CACHE_FOLDER/",
        "**/node_modules/.yarn-integrity",
    ],
    when: &[When::Lacks(&["**/.pnp.{cjs,js}"])],
    reach: Reach::Owned,
    fires: &[
        "root/.cache/yarn/v6/a",
        "usr/local/share/.cache/yarn/v6/a",
        "app/node_modules/.yarn-integrity",
        "opt/x/yarn/a",
    ],
    spares: &["app/node_modules/yarn/package.json"],
    beside: &["$YARN_CACHE_FOLDER=/opt/x/yarn"],
    ..Rule::PLAIN
};
