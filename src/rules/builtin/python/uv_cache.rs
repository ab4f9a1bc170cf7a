//! Takes uv's cache. Its files are hard links of those in the environments, which stay.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "uv-cache",
    level: Level::Safe,
    summary: "Takes uv's cache. Its files are hard links of those in the environments, which stay.",
    caveat: "Installing the same package again downloads it again. An environment made with `link-mode = \"symlink\"` keeps what it links to.",
    source: "uv documentation, caching; measured",
    remove: &["~/.cache/uv", "$UV_CACHE_DIR/"],
    when: &[When::RunsNone(&["uvx", "uv run", "uv tool", "uv sync"])],
    reach: Reach::Owned,
    fires: &["root/.cache/uv/archive-v0/x/a.py", "opt/x/uv/a"],
    spares: &["root/.local/share/uv/python/cpython-3.12/bin/python3"],
    beside: &["$UV_CACHE_DIR=/opt/x/uv"],
    ..Rule::PLAIN
};
