//! Takes headers and build scripts of PHP where no compiler is.

use crate::rules::builtin::COMPILERS;
use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "php-headers",
    level: Level::Standard,
    summary: "Takes headers and build scripts of PHP where no compiler is.",
    caveat: "Extensions can no longer be compiled.",
    source: "docker-library/php",
    remove: &["usr/local/include/php", "usr/local/lib/php/build"],
    when: &[
        When::Lacks(COMPILERS),
        When::RunsNone(&["docker-php-ext-install", "phpize", "pecl"]),
    ],
    fires: &[
        "usr/local/include/php/main/php.h",
        "usr/local/lib/php/build/phpize.m4",
    ],
    spares: &["usr/local/lib/php/PEAR.php"],
    ..Rule::PLAIN
};
