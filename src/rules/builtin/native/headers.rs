//! Takes C headers, and the tables of pkg-config, CMake and autoconf, where no compiler is.

use crate::rules::builtin::COMPILERS;
use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "headers",
    level: Level::Standard,
    summary: "Takes C headers, and the tables of pkg-config, CMake and autoconf, where no compiler is.",
    caveat: "Nothing can be compiled against the libraries of the image.",
    source: "Debian *-dev packages",
    remove: &[
        "usr/{,local/}include/",
        "usr/{,local/}{lib,lib64,share}/{,*-linux-*/}{pkgconfig,cmake}/",
        "usr/{,local/}share/aclocal{,-*}/",
        "usr/share/{swig,bison,autoconf,automake,libtool}*",
    ],
    keep: &[
        "usr/{,local/}include/**/python*/pyconfig*.h",
        "usr/{,local/}include/python*/pyconfig*.h",
        "usr/local/include/{node,php}",
    ],
    when: &[
        When::Lacks(COMPILERS),
        When::RunsNone(&["pkg-config", "pkgconf", "cmake", "node-gyp"]),
    ],
    fires: &[
        "usr/include/stdio.h",
        "usr/lib/x86_64-linux-gnu/pkgconfig/zlib.pc",
        "usr/local/lib/cmake/x/a.cmake",
        "usr/share/aclocal/a.m4",
        "usr/share/bison/skeletons/a.c",
    ],
    spares: &[
        "usr/local/include/python3.12/pyconfig.h",
        "usr/lib/x86_64-linux-gnu/libz.so.1",
    ],
    ..Rule::PLAIN
};
