//! Takes the sources of test frameworks that Debian installs to be compiled.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "test-sources",
    level: Level::Safe,
    summary: "Takes the sources of test frameworks that Debian installs to be compiled.",
    caveat: "Tests that compile GoogleTest from there fail.",
    source: "Debian googletest README",
    remove: &["usr/src/{googletest,gtest,gmock}"],
    fires: &["usr/src/googletest/googletest/src/a.cc"],
    spares: &["usr/src/app/a.cc"],
    ..Rule::PLAIN
};
