//! Takes menus, icons in sizes, sounds and themes where no toolkit for windows is installed.

use crate::rules::builtin::GUI;
use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "menus",
    level: Level::Standard,
    summary: "Takes menus, icons in sizes, sounds and themes where no toolkit for windows is installed.",
    caveat: "Nothing that has no window misses them.",
    source: "debuerreotype .slimify-excludes",
    remove: &[
        "usr/share/{applications,menu,pixmaps,sounds,themes,metainfo,appdata,app-install}/",
        "usr/share/icons/*/*x*/",
    ],
    when: &[When::Lacks(GUI)],
    fires: &[
        "usr/share/applications/vim.desktop",
        "usr/share/icons/hicolor/48x48/apps/x.png",
    ],
    spares: &[
        "usr/share/icons/hicolor/index.theme",
        "usr/share/nginx/html/icons/a.png",
    ],
    ..Rule::PLAIN
};
