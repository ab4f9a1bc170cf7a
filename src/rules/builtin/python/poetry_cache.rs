//! Takes what Poetry has downloaded; its environments in the same directory stay.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "poetry-cache",
    level: Level::Safe,
    summary: "Takes what Poetry has downloaded; its environments in the same directory stay.",
    caveat: "Installing the same package again downloads it again.",
    source: "Poetry documentation, configuration",
    remove: &[
        "~/.cache/pypoetry/{cache,artifacts}",
        "$POETRY_CACHE_DIR/{cache,artifacts}",
    ],
    reach: Reach::Owned,
    fires: &[
        "root/.cache/pypoetry/artifacts/a/b.whl",
        "opt/x/poetry/cache/a",
    ],
    spares: &["root/.cache/pypoetry/virtualenvs/x/bin/python"],
    beside: &["$POETRY_CACHE_DIR=/opt/x/poetry"],
    ..Rule::PLAIN
};
