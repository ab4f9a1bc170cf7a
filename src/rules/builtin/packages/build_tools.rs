//! Takes compilers, build tools and development packages.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "build-tools",
    level: Level::Standard,
    summary: "Takes packages of compilers, build tools, headers and editors, with what was installed for them alone.",
    caveat: "Nothing can be compiled or fetched in the image; what runs such tools by a name made up at run time is not seen.",
    source: "docker-library's `apt-mark auto` and `.build-deps`, pythonspeed.com/articles/smaller-python-docker-images",
    ..Rule::PLAIN
};
