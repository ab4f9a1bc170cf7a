//! Takes what only building Python itself or embedding it statically needs.

use crate::rules::builtin::COMPILERS;
use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "stdlib-dev",
    level: Level::Safe,
    summary: "Takes what only building Python itself or embedding it statically needs.",
    caveat: "Linking against `libpython.a` fails.",
    source: "docker-library/python",
    remove: &[
        "**/lib{,64}/python[23].*/config-*",
        "**/lib{,64}/libpython[23]*.a",
        "**/lib{,64}/python[23].*/turtledemo",
        "**/lib{,64}/python[23].*/distutils/command/wininst-*.exe",
    ],
    when: &[When::Lacks(COMPILERS)],
    reach: Reach::Everywhere,
    fires: &[
        "usr/local/lib/python3.12/config-3.12-x86_64-linux-gnu/Makefile",
        "usr/local/lib/libpython3.12.a",
        "usr/lib/python3.11/turtledemo/a.py",
        "usr/lib/python3.8/distutils/command/wininst-6.0.exe",
    ],
    spares: &[
        "usr/local/lib/python3.12/_sysconfigdata__linux_x86_64-linux-gnu.py",
        "usr/local/lib/libpython3.12.so.1.0",
    ],
    ..Rule::PLAIN
};
