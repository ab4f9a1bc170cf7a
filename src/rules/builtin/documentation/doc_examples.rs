//! Takes the examples in the documentation of packages.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "doc-examples",
    level: Level::Aggressive,
    summary: "Takes the examples in the documentation of packages.",
    caveat: "Entrypoints and installers that copy a sample configuration from there fail, as those of mysql and exim images do.",
    source: "debuerreotype .slimify-excludes",
    remove: &["usr/{,local/}share/doc/*/{examples,example,contrib,sample,samples}"],
    fires: &["usr/share/doc/x/examples/a.conf"],
    spares: &["usr/share/doc/x/copyright"],
    ..Rule::PLAIN
};
