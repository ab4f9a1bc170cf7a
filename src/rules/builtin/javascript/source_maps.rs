//! Takes source maps from installed JavaScript packages.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "source-maps",
    level: Level::Aggressive,
    summary: "Takes source maps from installed JavaScript packages.",
    caveat: "`--enable-source-maps` and what uploads them to an error tracker show compiled lines.",
    source: "tj/node-prune",
    remove: &["**/node_modules/**/*.{js,mjs,cjs,css,ts}.map"],
    reach: Reach::Everywhere,
    fires: &["app/node_modules/a/index.js.map"],
    spares: &["app/dist/app.js.map"],
    ..Rule::PLAIN
};
