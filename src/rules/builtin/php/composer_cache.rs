//! Takes what Composer and PEAR have downloaded.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "composer-cache",
    level: Level::Safe,
    summary: "Takes what Composer and PEAR have downloaded.",
    caveat: "Installing the same package again downloads it again.",
    source: "Composer documentation, cache-dir",
    remove: &[
        "~/.composer/cache",
        "~/.cache/composer",
        "$COMPOSER_CACHE_DIR/",
        "$COMPOSER_HOME/cache",
        "tmp/pear",
    ],
    reach: Reach::Owned,
    fires: &[
        "root/.composer/cache/files/a.zip",
        "root/.cache/composer/repo/a",
        "tmp/pear/cache/a",
        "opt/x/cc/a",
        "opt/y/cache/a",
    ],
    spares: &["root/.composer/vendor/bin/a", "root/.composer/auth.json"],
    beside: &["$COMPOSER_CACHE_DIR=/opt/x/cc", "$COMPOSER_HOME=/opt/y"],
    ..Rule::PLAIN
};
