//! Takes the links without a version by which linkers find shared libraries.

use crate::rules::builtin::COMPILERS;
use crate::rules::rule::{Level, Only, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "linker-names",
    level: Level::Aggressive,
    summary: "Takes the links without a version by which linkers find shared libraries.",
    caveat: "What loads `libfoo.so` by that name (ctypes, JNA, plug-ins) fails.",
    source: "Debian policy, shared libraries",
    remove: &["{usr/,usr/local/,}lib{,64}/{,*-linux-*/}lib*.so"],
    only: &[Only::Symlink],
    when: &[When::Lacks(COMPILERS)],
    fires: &["usr/lib/x86_64-linux-gnu/libz.so"],
    spares: &["usr/lib/x86_64-linux-gnu/libz.so.1"],
    ..Rule::PLAIN
};
