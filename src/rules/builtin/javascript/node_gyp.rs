//! Takes the headers that node-gyp has downloaded, and what compiling modules left beside the result.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "node-gyp",
    level: Level::Safe,
    summary: "Takes the headers that node-gyp has downloaded, and what compiling modules left beside the result.",
    caveat: "Compiling a native module again downloads the headers again.",
    source: "node-gyp README",
    remove: &[
        "~/.cache/node-gyp",
        "~/.node-gyp",
        "**/node_modules/**/build/Release/{obj.target,.deps}",
        "**/node_modules/**/build/Release/*.{o,a}",
        "**/node_modules/**/build/{binding.Makefile,*.target.mk,gyp-mac-tool}",
    ],
    reach: Reach::Owned,
    fires: &[
        "root/.cache/node-gyp/18/include/node/a.h",
        "root/.node-gyp/18/a",
        "app/node_modules/a/build/Release/obj.target/a.o",
        "app/node_modules/a/build/Release/a.a",
        "app/node_modules/a/build/a.target.mk",
    ],
    spares: &[
        "app/node_modules/a/build/Release/a.node",
        "app/node_modules/a/build/index.js",
    ],
    ..Rule::PLAIN
};
