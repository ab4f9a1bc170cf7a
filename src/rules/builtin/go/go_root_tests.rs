//! Takes the tests and API lists of the Go tool chain.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "go-root-tests",
    level: Level::Safe,
    summary: "Takes the tests and API lists of the Go tool chain.",
    caveat: "None known.",
    source: "docker-library/golang, go.dev/doc/install/source",
    remove: &[
        "usr/local/go/{test,api,doc,misc}",
        "usr/{lib,share}/go-*/{test,api,misc}",
    ],
    keep: &["usr/{local/go,share/go-*,lib/go-*}/misc/wasm"],
    fires: &["usr/local/go/test/a.go", "usr/share/go-1.19/api/go1.txt"],
    spares: &["usr/local/go/bin/go", "usr/local/go/misc/wasm/wasm_exec.js"],
    ..Rule::PLAIN
};
