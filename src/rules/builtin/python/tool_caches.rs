//! Takes the caches of pytest, mypy, ruff, hypothesis and coverage, and the histories of IPython.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "tool-caches",
    level: Level::Safe,
    summary: "Takes the caches of pytest, mypy, ruff, hypothesis and coverage, and the histories of IPython.",
    caveat: "Their next run starts without a cache.",
    source: "documentation of each",
    remove: &[
        "**/.{pytest,mypy,ruff,pytype,pyre}_cache",
        "**/.hypothesis/{examples,unicode_data,tmp}",
        "**/.coverage",
        "**/.coverage.*",
        "~/.ipython/profile_*/{history.sqlite*,log,pid,security}",
        "~/.local/share/jupyter/runtime",
    ],
    keep: &["**/.coverage.{py,rc,toml,yml,yaml,ini}"],
    reach: Reach::Owned,
    fires: &[
        "app/.pytest_cache/v/a",
        "app/.mypy_cache/3.12/a",
        "app/.hypothesis/examples/a",
        "app/.coverage",
        "app/.coverage.host.1",
        "root/.ipython/profile_default/history.sqlite",
        "root/.local/share/jupyter/runtime/a",
    ],
    spares: &[
        "app/.coveragerc",
        "root/.ipython/profile_default/startup/a.py",
    ],
    ..Rule::PLAIN
};
