//! Takes what CMake and autoconf keep beside a build: objects, logs, dependency lists.

use crate::rules::rule::{Level, Only, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "cmake-files",
    level: Level::Safe,
    summary: "Takes what CMake and autoconf keep beside a build: objects, logs, dependency lists.",
    caveat: "The next build compiles all again.",
    source: "CMake and autoconf manuals",
    remove: &["**/CMakeFiles", "**/autom4te.cache", "**/config.log"],
    only: &[Only::Near(&[
        "{CMakeCache.txt,cmake_install.cmake,build.ninja,configure,configure.ac,config.status}",
    ])],
    when: &[When::RunsNone(&["make", "ninja", "cmake", "ctest"])],
    reach: Reach::Owned,
    fires: &[
        "app/build/CMakeFiles/app.dir/main.cpp.o",
        "app/autom4te.cache/a",
        "app/config.log",
    ],
    spares: &["app/build/app", "srv/config.log"],
    beside: &["app/build/CMakeCache.txt", "app/configure"],
    ..Rule::PLAIN
};
