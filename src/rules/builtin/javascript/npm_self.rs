//! Takes npm, corepack and Yarn.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "npm-self",
    level: Level::Aggressive,
    summary: "Takes npm, corepack and Yarn.",
    caveat: "Nothing can be installed, and scripts of `package.json` no longer run by `npm`.",
    source: "docker-library/node",
    remove: &[
        "usr/local/lib/node_modules/{npm,corepack}",
        "opt/yarn-*",
        "usr/local/bin/{npm,npx,corepack,yarn,yarnpkg,pnpm,pnpx}",
    ],
    when: &[When::RunsNone(&[
        "npm", "npx", "corepack", "yarn", "yarnpkg", "pnpm", "pnpx",
    ])],
    reach: Reach::Owned,
    fires: &[
        "usr/local/lib/node_modules/npm/index.js",
        "opt/yarn-v1.22.22/bin/yarn",
        "usr/local/bin/npm",
    ],
    spares: &[
        "usr/local/bin/node",
        "usr/local/lib/node_modules/pm2/index.js",
    ],
    ..Rule::PLAIN
};
