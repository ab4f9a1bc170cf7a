//! Takes static libraries and start-up objects where no compiler or linker is.

use crate::rules::builtin::{ARCHIVE, COMPILERS};
use crate::rules::rule::{Level, Only, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "static-libraries",
    level: Level::Standard,
    summary: "Takes static libraries and start-up objects where no compiler or linker is.",
    caveat: "Nothing can be linked against them.",
    source: "Debian *-dev packages",
    remove: &["{usr/,usr/local/,}lib{,32,64}/**/*.a"],
    keep: &["usr/{,local/}lib{,64}/{erlang,R,julia,ocaml,ghc*,swift,zig,emscripten}"],
    only: &[Only::Magic(ARCHIVE)],
    when: &[When::Lacks(COMPILERS)],
    fires: &["usr/lib/x86_64-linux-gnu/libz.a", "usr/local/lib/libx.a"],
    spares: &["usr/lib/x86_64-linux-gnu/libz.so.1", "usr/lib/x/notes.a"],
    ..Rule::PLAIN
};
