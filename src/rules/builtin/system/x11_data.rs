//! Takes keyboard layouts and colour names of X where nothing that talks to X is installed.

use crate::rules::builtin::GUI;
use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "x11-data",
    level: Level::Standard,
    summary: "Takes keyboard layouts and colour names of X where nothing that talks to X is installed.",
    caveat: "Nothing that does not talk to X misses them.",
    source: "Rocky and Fedora container kickstarts",
    remove: &["usr/share/X11/"],
    when: &[
        When::Lacks(GUI),
        When::Lacks(&[
            "usr/{,local/}lib{,64}/{,*/}{libX11.so,libxkbcommon.so,libxcb.so,libxkbfile.so}*",
            "usr/bin/{Xvfb,Xorg,X}",
        ]),
    ],
    fires: &["usr/share/X11/xkb/rules/base"],
    spares: &["usr/share/x/y"],
    ..Rule::PLAIN
};
