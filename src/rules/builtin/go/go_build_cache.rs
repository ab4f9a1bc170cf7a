//! Takes what the Go compiler has built before.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "go-build-cache",
    level: Level::Safe,
    summary: "Takes what the Go compiler has built before.",
    caveat: "The next build compiles all again.",
    source: "go help cache",
    remove: &["~/.cache/go-build", "$GOCACHE/"],
    when: &[When::RunsNone(&[
        "go run",
        "go build",
        "go test",
        "go install",
        "go generate",
        "go tool",
        "go get",
        "air",
        "reflex",
        "CompileDaemon",
        "gow",
        "dlv",
    ])],
    reach: Reach::Owned,
    fires: &["root/.cache/go-build/ab/abc-a", "opt/x/gocache/a"],
    spares: &["root/.cache/huggingface/a"],
    beside: &["$GOCACHE=/opt/x/gocache"],
    ..Rule::PLAIN
};
