//! Takes C, C++ and header files and static libraries of Python packages.

use crate::rules::builtin::COMPILERS;
use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "site-sources",
    level: Level::Aggressive,
    summary: "Takes C, C++ and header files and static libraries of Python packages.",
    caveat: "Packages that compile at run time (torch, triton, numba, cupy, deepspeed, esphome, bcc) read theirs; those known stay, but nothing here finds the others.",
    source: "known breakages of JIT compilers",
    remove: &["**/{site,dist}-packages/**/*.{c,cc,cpp,cxx,h,hpp,hxx,a}"],
    keep: &[
        "**/{site,dist}-packages/{torch,torchvision,triton,numba,cupy,cupyx,deepspeed,flashinfer,tvm,tilelang,jaxlib,tensorflow,nvidia,pybind11,numpy,cffi,Cython,nuitka,mypyc,esphome,platformio,bcc,taichi,warp,pycuda,pyopencl,vllm,sglang,sgl_kernel,xformers,llvmlite,cppyy*,cling*}",
    ],
    when: &[When::Lacks(COMPILERS)],
    reach: Reach::Everywhere,
    fires: &["usr/local/lib/python3.12/site-packages/x/a.cpp"],
    spares: &["usr/local/lib/python3.12/site-packages/torch/include/a.h"],
    ..Rule::PLAIN
};
