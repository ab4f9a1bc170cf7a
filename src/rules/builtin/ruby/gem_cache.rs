//! Takes the packages that gem and bundler have downloaded and installed.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "gem-cache",
    level: Level::Safe,
    summary: "Takes the packages that gem and bundler have downloaded and installed.",
    caveat: "`gem pristine` downloads them again.",
    source: "RubyGems guides; docker-library/ruby",
    remove: &[
        "usr/local/bundle/{,ruby/*/}cache/",
        "{usr/lib,usr/local/lib,var/lib,usr/share}/{ruby/gems/*,gems,rubygems-integration/*}/cache/*.gem",
        "usr/{lib,lib64,local/lib}/*/ruby/gems/*/cache/*.gem",
        "~/.{bundle/cache,gem/cache,gem/specs}",
        "~/.gem/ruby/*/cache",
        "~/.local/share/gem/{specs,ruby/*/cache}",
        "~/.cache/gem",
        "**/vendor/bundle/ruby/*/cache/",
        "${BUNDLE_PATH,GEM_HOME}/{,ruby/*/}cache/",
    ],
    reach: Reach::Owned,
    fires: &[
        "usr/local/bundle/cache/rails-7.gem",
        "usr/local/bundle/ruby/3.3.0/cache/a.gem",
        "var/lib/gems/cache/a.gem",
        "usr/lib/x86_64-linux-gnu/ruby/gems/3.1.0/cache/a.gem",
        "root/.bundle/cache/compact_index/a",
        "root/.gem/ruby/3.3.0/cache/a.gem",
        "root/.local/share/gem/specs/a",
        "root/.cache/gem/specs/a",
        "app/vendor/bundle/ruby/3.3.0/cache/a.gem",
        "opt/x/bundle/cache/a",
    ],
    spares: &[
        "app/vendor/cache/a.gem",
        "usr/local/bundle/gems/rails-7/lib/rails.rb",
        "usr/local/bundle/specifications/rails-7.gemspec",
    ],
    beside: &["$BUNDLE_PATH=/opt/x/bundle"],
    ..Rule::PLAIN
};
