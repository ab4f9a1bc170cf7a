//! Takes what pip has downloaded and built, and the temporary directories it left.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "pip-cache",
    level: Level::Safe,
    summary: "Takes what pip has downloaded and built, and the temporary directories it left.",
    caveat: "Installing the same package again downloads it again.",
    source: "pip documentation, caching",
    remove: &["~/.cache/pip", "$PIP_CACHE_DIR/", "tmp/pip-*"],
    reach: Reach::Owned,
    fires: &[
        "root/.cache/pip/http-v2/a/b",
        "tmp/pip-req-build-x/setup.py",
        "opt/x/pip/a",
    ],
    spares: &["root/.config/pip/pip.conf"],
    beside: &["$PIP_CACHE_DIR=/opt/x/pip"],
    ..Rule::PLAIN
};
