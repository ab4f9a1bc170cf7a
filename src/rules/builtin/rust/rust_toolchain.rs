//! Takes cargo and the Rust tool chains, where the image starts a program of its own and does not run `cargo`.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rust-toolchain",
    level: Level::Aggressive,
    summary: "Takes cargo and the Rust tool chains, where the image starts a program of its own and does not run `cargo`.",
    caveat: "Programs that run `cargo` or `rustc` themselves fail, and those linked with `-C prefer-dynamic` miss the library: nothing here looks into the program, so it is not on by default.",
    source: "docker-library/rust",
    remove: &[
        "{~/.rustup,usr/local/rustup}/toolchains",
        "{~/.cargo,usr/local/cargo}/bin/{cargo,cargo-clippy,cargo-fmt,cargo-miri,clippy-driver,rls,rust-analyzer,rust-gdb,rust-gdbgui,rust-lldb,rustc,rustdoc,rustfmt,rustup}",
    ],
    when: &[
        When::Serves,
        When::RunsNone(&["cargo", "rustc", "rustup", "trunk", "bacon", "maturin"]),
    ],
    reach: Reach::Owned,
    fires: &[
        "usr/local/rustup/toolchains/stable/bin/rustc",
        "usr/local/cargo/bin/cargo",
    ],
    spares: &["usr/local/cargo/bin/app"],
    ..Rule::PLAIN
};
