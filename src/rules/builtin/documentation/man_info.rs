//! Takes manual and info pages.

use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "man-info",
    level: Level::Standard,
    summary: "Takes manual and info pages.",
    caveat: "`man` finds nothing. The directories of the sections stay, as `update-alternatives` in a later install needs them.",
    source: "debuerreotype .slimify-excludes",
    remove: &[
        "usr/{,local/}{,share/}{man,info}/",
        "usr/share/groff/",
        "var/cache/man/",
        "usr/share/{man-db,texinfo}/",
    ],
    keep: &["usr/{,local/}{,share/}man/man*/"],
    when: &[When::RunsNone(&[
        "man", "groff", "troff", "mandoc", "makeinfo",
    ])],
    fires: &[
        "usr/share/man/man1/bash.1.gz",
        "usr/share/man/de/man1/a.1.gz",
        "usr/local/man/man1/a.1",
        "usr/share/groff/current/x",
        "var/cache/man/index.db",
        "usr/share/texinfo/x",
    ],
    spares: &["usr/share/manuals/x"],
    ..Rule::PLAIN
};
