//! Takes the scripts and tables with which dpkg configures and removes packages.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "dpkg-maint",
    level: Level::Standard,
    summary: "Takes the scripts and tables with which dpkg configures and removes packages.",
    caveat: "`dpkg --configure`, `dpkg -r` and `dpkg-reconfigure` no longer work on the packages that are there, and a later install does not run their triggers. File lists and checksums stay, so scanners and `dpkg -L` see each package.",
    source: "dpkg(1), debconf(7)",
    remove: &[
        "var/lib/dpkg/info/*.{postinst,preinst,prerm,postrm,config,templates,triggers,shlibs,symbols}",
        "var/lib/dpkg/triggers/",
        "var/cache/debconf/",
    ],
    only: &[Only::File],
    reach: Reach::Owned,
    fires: &[
        "var/lib/dpkg/info/bash.postinst",
        "var/lib/dpkg/triggers/File",
        "var/cache/debconf/config.dat",
    ],
    spares: &[
        "var/lib/dpkg/info/bash.list",
        "var/lib/dpkg/info/bash.md5sums",
        "var/lib/dpkg/info/format",
    ],
    ..Rule::PLAIN
};
