//! Takes the modules that Go has downloaded, and its telemetry.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "go-modules",
    level: Level::Safe,
    summary: "Takes the modules that Go has downloaded, and its telemetry.",
    caveat: "The next build downloads them again. A program that reads templates out of a module's source directory misses them.",
    source: "go.dev/ref/mod, module cache",
    remove: &[
        "{go,~/go,~/.go}/pkg/{mod,sumdb}",
        "$GOMODCACHE/",
        "$GOPATH/pkg/{mod,sumdb}",
        "~/.config/go/telemetry",
    ],
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
    fires: &[
        "go/pkg/mod/github.com/a/b@v1/b.go",
        "root/go/pkg/sumdb/a",
        "root/.config/go/telemetry/a",
        "opt/x/mod/a",
        "opt/y/pkg/mod/a",
    ],
    spares: &["go/bin/app", "go/src/app/pkg/mod.go"],
    beside: &["$GOMODCACHE=/opt/x/mod", "$GOPATH=/opt/y"],
    ..Rule::PLAIN
};
