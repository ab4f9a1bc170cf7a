//! Takes what npm has downloaded, its logs and temporary directories.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "npm-cache",
    level: Level::Safe,
    summary: "Takes what npm has downloaded, its logs and temporary directories.",
    caveat: "Installing the same package again downloads it again. What `npx` has installed stays.",
    source: "npm documentation, cache",
    remove: &[
        "~/.npm/{_cacache,_logs,_locks,_prebuilds,_update-notifier-last-checked,anonymous-cli-metrics.json}",
        "${npm_config_cache,NPM_CONFIG_CACHE}/{_cacache,_logs,_locks,_update-notifier-last-checked}",
        "tmp/npm-*",
    ],
    when: &[When::RunsNone(&["npx", "npm exec", "npm x"])],
    reach: Reach::Owned,
    fires: &[
        "root/.npm/_cacache/index-v5/a",
        "tmp/npm-1-abc/x",
        "opt/x/npm/_cacache/a",
    ],
    spares: &["root/.npm/_npx/abc/node_modules/x/index.js", "root/.npmrc"],
    beside: &["$npm_config_cache=/opt/x/npm"],
    ..Rule::PLAIN
};
