//! Takes CUDA's headers.

use crate::rules::builtin::COMPILERS;
use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "cuda-headers",
    level: Level::Aggressive,
    summary: "Takes CUDA's headers.",
    caveat: "What compiles kernels at run time with NVRTC (CuPy, numba, JAX) reads them.",
    source: "CUDA installation guide",
    remove: &["usr/local/cuda*/{targets/*/include,include}/"],
    when: &[When::Lacks(COMPILERS)],
    fires: &["usr/local/cuda-12.4/targets/x86_64-linux/include/cuda.h"],
    spares: &["usr/local/cuda-12.4/version.json"],
    ..Rule::PLAIN
};
