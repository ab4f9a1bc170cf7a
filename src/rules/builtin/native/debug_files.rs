//! Takes debug information that was split from its program.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "debug-files",
    level: Level::Standard,
    summary: "Takes debug information that was split from its program.",
    caveat: "Debuggers and crash reports show no names and lines; valgrind needs those of the C library.",
    source: "Fedora build-id guidelines",
    remove: &[
        "usr/lib/debug/",
        "{usr/,opt/,}lib{,64}/**/*.{debug,dwo,dwp,debuginfo}",
        "usr/local/{bin,lib,sbin}/**/*.{debug,dwo,dwp,debuginfo}",
        "{usr/lib/jvm/*,usr/java/*,usr/local/openjdk-*,usr/local/jdk*,opt/java/*,opt/jdk*,opt/openjdk*,opt/graalvm*,opt/java}/**/*.{debuginfo,diz}",
    ],
    when: &[When::RunsNone(&["valgrind", "gdb", "perf", "lldb"])],
    reach: Reach::Everywhere,
    fires: &[
        "usr/lib/debug/.build-id/ab/c.debug",
        "usr/lib/x/a.dwp",
        "usr/local/bin/a.debug",
        "opt/java/openjdk/lib/libjava.debuginfo",
    ],
    spares: &["usr/lib/x/debug.so"],
    ..Rule::PLAIN
};
