//! Takes what Bun has downloaded. Its files are hard links of those in `node_modules`, which stay.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "bun-cache",
    level: Level::Safe,
    summary: "Takes what Bun has downloaded. Its files are hard links of those in `node_modules`, which stay.",
    caveat: "Installing the same package again downloads it again. It acts only where a `node_modules` is, as Bun runs packages from the cache without one.",
    source: "Bun documentation, global cache; measured",
    remove: &[
        "~/.bun/install/cache",
        "$BUN_INSTALL_CACHE_DIR/",
        "$BUN_INSTALL/install/cache",
    ],
    when: &[
        When::Has(&[
            "app/**/node_modules",
            "usr/**/node_modules",
            "{srv,opt,home,code,workspace,workdir,project,data}/**/node_modules",
        ]),
        When::RunsNone(&["bunx", "bun x"]),
    ],
    reach: Reach::Owned,
    fires: &[
        "root/.bun/install/cache/a@1/index.js",
        "opt/x/bun/a",
        "opt/y/install/cache/a",
    ],
    spares: &[
        "root/.bun/bin/bun",
        "root/.bun/install/global/node_modules/a/index.js",
    ],
    beside: &[
        "app/node_modules/a/index.js",
        "$BUN_INSTALL_CACHE_DIR=/opt/x/bun",
        "$BUN_INSTALL=/opt/y",
    ],
    ..Rule::PLAIN
};
