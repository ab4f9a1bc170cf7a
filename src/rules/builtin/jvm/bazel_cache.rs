//! Takes Bazel's output base and what bazelisk has downloaded.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "bazel-cache",
    level: Level::Safe,
    summary: "Takes Bazel's output base and what bazelisk has downloaded.",
    caveat: "The next build starts anew. What the workspace's links lead to stays.",
    source: "Bazel documentation, output directory layout",
    remove: &["~/.cache/{bazel,bazelisk}"],
    when: &[When::RunsNone(&["bazel", "bazelisk"])],
    reach: Reach::Owned,
    fires: &[
        "root/.cache/bazel/_bazel_root/a/b",
        "root/.cache/bazelisk/downloads/a",
    ],
    spares: &["root/.bazelrc"],
    ..Rule::PLAIN
};
