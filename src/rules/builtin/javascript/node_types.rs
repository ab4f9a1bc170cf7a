//! Takes TypeScript sources and declarations from installed JavaScript packages.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "node-types",
    level: Level::Aggressive,
    summary: "Takes TypeScript sources and declarations from installed JavaScript packages.",
    caveat: "Programs started by ts-node, tsx or type stripping run them; `tsc` reads them.",
    source: "tj/node-prune",
    remove: &["**/node_modules/**/*.{ts,mts,cts}"],
    keep: &["**/node_modules/{typescript,ts-node,tsx,@angular}"],
    when: &[When::RunsNone(&[
        "tsc",
        "ts-node",
        "ts-node-dev",
        "tsx",
        "nest",
        "ng",
        "vite",
        "deno",
        "bun",
    ])],
    reach: Reach::Everywhere,
    fires: &["app/node_modules/a/index.d.ts"],
    spares: &[
        "app/node_modules/typescript/lib/lib.dom.d.ts",
        "app/src/a.ts",
    ],
    ..Rule::PLAIN
};
