//! Takes the Go tool chain, where the image starts a program of its own and does not run `go`.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "go-root",
    level: Level::Aggressive,
    summary: "Takes the Go tool chain, where the image starts a program of its own and does not run `go`.",
    caveat: "Programs that run `go` themselves (linters, language servers, `mage`) fail: nothing here looks into the program, so it is not on by default. The time zones of the tool chain stay.",
    source: "docker-library/golang",
    remove: &["usr/local/go"],
    keep: &["usr/local/go/lib/time/zoneinfo.zip"],
    when: &[
        When::Serves,
        When::RunsNone(&[
            "go",
            "gofmt",
            "golangci-lint",
            "gopls",
            "mage",
            "ko",
            "staticcheck",
            "air",
            "dlv",
            "buf",
        ]),
    ],
    reach: Reach::Owned,
    fires: &["usr/local/go/bin/go", "usr/local/go/src/fmt/print.go"],
    spares: &["usr/local/go/lib/time/zoneinfo.zip", "go/bin/app"],
    ..Rule::PLAIN
};
