//! Takes documentation, but for licence texts and examples.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "docs",
    level: Level::Standard,
    summary: "Takes documentation, but for licence texts and examples.",
    caveat: "Nothing to read beside the program; examples stay, as entrypoints copy from them (see `doc-examples`).",
    source: "debuerreotype .slimify-excludes, bitnami/minideb mkimage",
    remove: &[
        "usr/share/doc/*/**",
        "usr/share/{doc-base,gtk-doc,devhelp,help}/",
        "usr/local/share/doc/*/**",
        "usr/{,local/}doc/",
    ],
    keep: &[
        "usr/share/doc/*/copyright",
        "usr/{,local/}share/doc/*/{examples,example,contrib,sample,samples}",
        "usr/{,local/}share/doc/*/*.{sql,sh,conf,cfg,ini,sample,default,dist}*",
    ],
    fires: &[
        "usr/share/doc/bash/changelog.gz",
        "usr/share/gtk-doc/html/x",
        "usr/local/share/doc/node/gdbinit",
        "usr/local/doc/x",
    ],
    spares: &[
        "usr/share/doc/bash/copyright",
        "usr/share/doc/x/LICENSE.txt",
        "usr/share/doc/x/examples/a.conf",
        "usr/share/licenses/bash/COPYING",
    ],
    ..Rule::PLAIN
};
