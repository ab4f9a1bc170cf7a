//! Takes documentation and tests of PHP and PEAR.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "php-docs",
    level: Level::Safe,
    summary: "Takes documentation and tests of PHP and PEAR.",
    caveat: "None known.",
    source: "docker-library/php",
    remove: &[
        "usr/local/lib/php/{doc,docs,test,tests}",
        "usr/local/php/man",
    ],
    fires: &["usr/local/lib/php/doc/a", "usr/local/php/man/man1/php.1"],
    spares: &[
        "usr/local/lib/php/PEAR.php",
        "usr/local/lib/php/extensions/no-debug-non-zts-20230831/a.so",
    ],
    ..Rule::PLAIN
};
