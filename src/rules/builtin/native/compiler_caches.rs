//! Takes what ccache, sccache, zig, clangd, vcpkg and Conan remember of builds.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "compiler-caches",
    level: Level::Safe,
    summary: "Takes what ccache, sccache, zig, clangd, vcpkg and Conan remember of builds.",
    caveat: "The next build compiles all again. Packages that Conan and vcpkg have installed stay.",
    source: "documentation of each",
    remove: &[
        "~/.ccache",
        "~/.cache/{ccache,sccache,zig,clangd,vcpkg,Mozilla.sccache}",
        "${CCACHE_DIR,SCCACHE_DIR}/",
        "~/.conan2/p/b/*/{b,d}",
        "~/.conan2/p/*/{s,es,d}",
        "~/.conan/data/*/*/*/*/{build,source,dl,export_source}",
        "{vcpkg,opt/vcpkg,~/vcpkg}/{buildtrees,downloads,packages}/",
    ],
    reach: Reach::Owned,
    fires: &[
        "root/.ccache/a/b",
        "root/.cache/sccache/a",
        "root/.conan2/p/b/zlib1/b/a.o",
        "root/.conan2/p/zlib2/s/a.c",
        "root/.conan/data/zlib/1/_/_/build/a/a.o",
        "vcpkg/buildtrees/zlib/a.o",
        "opt/x/cc/a",
    ],
    spares: &[
        "root/.conan2/p/b/zlib1/p/lib/libz.so",
        "vcpkg/installed/x64-linux/lib/libz.so",
        "root/.ccacherc",
    ],
    beside: &["$CCACHE_DIR=/opt/x/cc"],
    ..Rule::PLAIN
};
