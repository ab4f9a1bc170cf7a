//! Takes the documentation that `gem install` makes.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "gem-docs",
    level: Level::Standard,
    summary: "Takes the documentation that `gem install` makes.",
    caveat: "`ri` finds nothing.",
    source: "RubyGems guides",
    remove: &[
        "{usr/lib,usr/local/lib,var/lib}/{ruby/gems/*,gems/*}/doc/",
        "usr/local/bundle/{,ruby/*/}doc/",
        "usr/{,local/}share/ri/",
        "~/.rdoc",
        "~/.local/share/rdoc",
    ],
    reach: Reach::Everywhere,
    fires: &[
        "usr/local/lib/ruby/gems/3.3.0/doc/a/ri/b.ri",
        "usr/local/bundle/doc/a",
        "usr/share/ri/3.1/system/a.ri",
        "root/.rdoc/a",
        "root/.local/share/rdoc/a",
    ],
    spares: &["usr/local/lib/ruby/gems/3.3.0/gems/rdoc-6/lib/rdoc.rb"],
    ..Rule::PLAIN
};
