//! Takes CUDA's documentation, samples and profilers.

use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "cuda-extras",
    level: Level::Standard,
    summary: "Takes CUDA's documentation, samples and profilers.",
    caveat: "Profiling in the container fails; the library that profilers of frameworks load stays.",
    source: "CUDA installation guide",
    remove: &[
        "usr/local/cuda*/{doc,samples,nsight*,nsightee_plugins,libnvvp,compute-sanitizer}",
        "usr/local/cuda*/extras/*",
        "usr/local/cuda*/gds/{samples,tools,README}",
    ],
    keep: &[
        "usr/local/cuda*/extras/CUPTI/{lib,lib64}",
        "usr/local/cuda*/compute-sanitizer/*.so*",
    ],
    when: &[When::RunsNone(&[
        "nsys",
        "ncu",
        "nvprof",
        "compute-sanitizer",
        "cuda-gdb",
    ])],
    fires: &[
        "usr/local/cuda-12.4/samples/a.cu",
        "usr/local/cuda-12.4/extras/demo_suite/a",
        "usr/local/cuda-12.4/gds/samples/a",
    ],
    spares: &[
        "usr/local/cuda-12.4/extras/CUPTI/lib64/libcupti.so.12",
        "usr/local/cuda-12.4/gds/cufile.json",
        "usr/local/cuda-12.4/lib64/libcudart.so.12",
    ],
    ..Rule::PLAIN
};
