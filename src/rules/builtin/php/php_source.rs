//! Takes the source archive of PHP's own images.

use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "php-source",
    level: Level::Standard,
    summary: "Takes the source archive of PHP's own images.",
    caveat: "`docker-php-ext-install` in a derived image fails.",
    source: "docker-library/php",
    remove: &["usr/src/php.tar.xz*"],
    when: &[When::RunsNone(&[
        "docker-php-ext-install",
        "docker-php-source",
    ])],
    fires: &["usr/src/php.tar.xz", "usr/src/php.tar.xz.asc"],
    spares: &["usr/src/app/php.tar.xz"],
    ..Rule::PLAIN
};
