//! Takes tests and documentation at the root of Composer packages.

use crate::rules::rule::{Level, Only, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "composer-tests",
    level: Level::Aggressive,
    summary: "Takes tests and documentation at the root of Composer packages.",
    caveat: "A class map can name test classes, and files that are always loaded can lie there: nothing here looks, so it is not on by default.",
    source: "Composer documentation, autoload",
    remove: &["**/vendor/*/*/{tests,Tests,test,docs,doc,.github}"],
    only: &[Only::Near(&["composer.json"])],
    when: &[When::RunsNone(&["phpunit", "pest"])],
    reach: Reach::Everywhere,
    fires: &["app/vendor/a/b/tests/T.php"],
    spares: &["app/vendor/a/b/src/Tests.php", "srv/vendor/a/b/tests/T"],
    beside: &["app/vendor/a/b/composer.json"],
    ..Rule::PLAIN
};
