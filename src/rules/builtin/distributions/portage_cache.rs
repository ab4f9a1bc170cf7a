//! Takes the sources, binary packages and package trees that Portage has downloaded.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "portage-cache",
    level: Level::Safe,
    summary: "Takes the sources, binary packages and package trees that Portage has downloaded.",
    caveat: "A later `emerge` needs `emerge --sync` first.",
    source: "Gentoo handbook, portage directories",
    remove: &[
        "var/cache/{distfiles,binpkgs,edb}/",
        "var/db/repos/",
        "usr/portage/",
    ],
    reach: Reach::Owned,
    fires: &[
        "var/cache/distfiles/a.tar.xz",
        "var/db/repos/gentoo/app/a.ebuild",
        "usr/portage/x/a.ebuild",
    ],
    spares: &["var/db/pkg/app/a-1/CONTENTS"],
    ..Rule::PLAIN
};
