//! Takes documentation, examples and tests from installed JavaScript packages.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "node-docs",
    level: Level::Aggressive,
    summary: "Takes documentation, examples and tests from installed JavaScript packages.",
    caveat: "Some packages have code in directories of these names (eemeli/yaml#384, bull-board#446): only those beside a `package.json` go, but nothing here looks whether it refers to them.",
    source: "tj/node-prune",
    remove: &[
        "**/node_modules/{,@*/}*/{test,tests,__tests__,spec,docs,doc,example,examples,website,man,coverage,benchmark,benchmarks}",
        "**/node_modules/{,@*/}*/*.{md,markdown,mkd}",
    ],
    only: &[Only::Near(&["package.json"])],
    reach: Reach::Everywhere,
    fires: &[
        "app/node_modules/a/test/a.js",
        "app/node_modules/a/README.md",
    ],
    spares: &[
        "app/node_modules/a/dist/doc/a.js",
        "app/node_modules/a/LICENSE.md",
    ],
    beside: &["app/node_modules/a/package.json"],
    ..Rule::PLAIN
};
