//! Takes the temporary directories of R sessions.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "r-temporary",
    level: Level::Safe,
    summary: "Takes the temporary directories of R sessions.",
    caveat: "None known.",
    source: "R documentation, tempdir",
    remove: &["tmp/Rtmp*", "tmp/downloaded_packages"],
    reach: Reach::Owned,
    fires: &["tmp/RtmpAbc/a", "tmp/downloaded_packages/a.tar.gz"],
    spares: &["tmp/x"],
    ..Rule::PLAIN
};
