//! Takes what Pipenv, PDM, Hatch and Rye have downloaded, and their logs.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "pipenv-cache",
    level: Level::Safe,
    summary: "Takes what Pipenv, PDM, Hatch and Rye have downloaded, and their logs.",
    caveat: "Installing the same package again downloads it again.",
    source: "documentation of each, caching",
    remove: &[
        "~/.cache/{pipenv,pdm,hatch,rye}",
        "~/.local/{share,state}/pdm/log",
        "$PIPENV_CACHE_DIR/",
    ],
    reach: Reach::Owned,
    fires: &[
        "root/.cache/pipenv/a",
        "root/.local/share/pdm/log/x",
        "opt/x/pipenv/a",
    ],
    spares: &[
        "root/.local/share/virtualenvs/x/bin/python",
        "root/.local/share/hatch/env/x",
    ],
    beside: &["$PIPENV_CACHE_DIR=/opt/x/pipenv"],
    ..Rule::PLAIN
};
