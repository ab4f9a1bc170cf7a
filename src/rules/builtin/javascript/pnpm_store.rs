//! Takes pnpm's store. Its files are hard links of those in `node_modules`, which stay.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "pnpm-store",
    level: Level::Safe,
    summary: "Takes pnpm's store. Its files are hard links of those in `node_modules`, which stay.",
    caveat: "Installing the same package again downloads it again. What links of `node_modules` lead to stays.",
    source: "pnpm documentation, store; measured",
    remove: &[
        "~/.local/share/pnpm/store",
        "pnpm/store",
        "**/.pnpm-store",
        "~/.cache/pnpm",
        "$PNPM_HOME/store",
    ],
    when: &[When::RunsNone(&["pnpm dlx", "pnpx"])],
    reach: Reach::Owned,
    fires: &[
        "root/.local/share/pnpm/store/v3/files/a",
        "pnpm/store/v3/a",
        "app/.pnpm-store/v3/a",
        "root/.cache/pnpm/metadata/a",
        "opt/x/store/a",
    ],
    spares: &[
        "app/node_modules/.pnpm/a@1/node_modules/a/index.js",
        "root/.local/share/pnpm/global/5/node_modules/a/index.js",
    ],
    beside: &["$PNPM_HOME=/opt/x"],
    ..Rule::PLAIN
};
