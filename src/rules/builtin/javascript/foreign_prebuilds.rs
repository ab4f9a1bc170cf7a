//! Takes compiled modules of JavaScript packages for other systems, processors and C libraries than the image's.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "foreign-prebuilds",
    level: Level::Safe,
    summary: "Takes compiled modules of JavaScript packages for other systems, processors and C libraries than the image's.",
    caveat: "None known. The C library counts only where the loader of one of glibc and musl is there and that of the other is not.",
    source: "prebuildify, napi-rs and esbuild naming",
    remove: &[
        "**/prebuilds/*",
        "**/prebuilds/*/*.node",
        "**/node_modules/{,@*/}*-*",
        "**/node_modules/.pnpm/*",
    ],
    only: &[Only::Foreign],
    reach: Reach::Owned,
    fires: &[
        "app/node_modules/a/prebuilds/darwin-x64/a.node",
        "app/node_modules/a/prebuilds/linux-x64/node.napi.musl.node",
        "app/node_modules/@esbuild/win32-x64/esbuild.exe",
        "app/node_modules/@img/sharp-linuxmusl-x64/lib/a.node",
        "app/node_modules/lightningcss-linux-arm64-gnu/a.node",
        "app/node_modules/.pnpm/@esbuild+aix-ppc64@0.21.5/node_modules/@esbuild/aix-ppc64/bin/esbuild",
    ],
    spares: &[
        "app/node_modules/a/prebuilds/linux-x64/node.napi.glibc.node",
        "app/node_modules/@esbuild/linux-x64/bin/esbuild",
        "app/node_modules/@img/sharp-wasm32/lib/a.wasm",
        "app/node_modules/is-linux/index.js",
    ],
    beside: &["lib64/ld-linux-x86-64.so.2"],
    ..Rule::PLAIN
};
