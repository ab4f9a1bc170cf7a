//! Takes CUDA's static libraries where no compiler is.

use crate::rules::builtin::{ARCHIVE, COMPILERS};
use crate::rules::rule::{Level, Only, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "cuda-static",
    level: Level::Standard,
    summary: "Takes CUDA's static libraries where no compiler is.",
    caveat: "Nothing can be linked against them.",
    source: "CUDA installation guide",
    remove: &["usr/local/cuda*/{targets/*/lib,lib64}/*.a"],
    only: &[Only::Magic(ARCHIVE)],
    when: &[When::Lacks(COMPILERS)],
    fires: &["usr/local/cuda-12.4/targets/x86_64-linux/lib/libcublas_static.a"],
    spares: &["usr/local/cuda-12.4/targets/x86_64-linux/lib/libcublas.so.12"],
    ..Rule::PLAIN
};
