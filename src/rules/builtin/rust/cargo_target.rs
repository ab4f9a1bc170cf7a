//! Takes what cargo needs to build again and no program to run.

use crate::rules::rule::{Level, Only, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "cargo-target",
    level: Level::Safe,
    summary: "Takes what cargo needs to build again and no program to run.",
    caveat: "The next build compiles all again. Shared libraries that a build script has made stay.",
    source: "The Cargo Book, build cache",
    remove: &[
        "**/target/{doc,tmp,package}",
        "**/target/{debug,release}/{incremental,deps,build,.fingerprint,examples}",
        "**/target/*/{debug,release}/{incremental,deps,build,.fingerprint,examples}",
    ],
    keep: &["**/target/**/build/**/*.so*", "**/target/**/deps/*.so"],
    only: &[Only::Near(&[
        "{.rustc_info.json,CACHEDIR.TAG}",
        "../{.rustc_info.json,CACHEDIR.TAG}",
        "../../{.rustc_info.json,CACHEDIR.TAG}",
    ])],
    when: &[When::RunsNone(&["cargo", "cargo-watch", "bacon", "trunk"])],
    reach: Reach::Owned,
    fires: &[
        "app/target/doc/a.html",
        "app/target/release/deps/liba.rlib",
        "app/target/x86_64-unknown-linux-musl/release/build/a/out/a.o",
    ],
    spares: &[
        "app/target/release/app",
        "app/target/release/build/torch-sys-1/out/libtorch.so",
        "srv/target/release/deps/a",
    ],
    beside: &["app/target/.rustc_info.json"],
    ..Rule::PLAIN
};
