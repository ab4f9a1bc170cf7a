//! Takes sources, objects and logs of native extensions of gems.

use crate::rules::builtin::COMPILERS;
use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "gem-build",
    level: Level::Safe,
    summary: "Takes sources, objects and logs of native extensions of gems.",
    caveat: "Compiling an extension again needs the gem again. Compiled extensions stay wherever they are.",
    source: "RubyGems guides, gems with extensions",
    remove: &[
        "**/gems/*/ext/**/*.{o,c,cc,cpp,h,hpp,a,S}",
        "**/gems/*/ext/**/{Makefile,mkmf.log}",
        "**/extensions/*/*/*/{gem_make.out,mkmf.log}",
    ],
    keep: &[
        "app/gems",
        "{srv,opt,home/*,root}/*/gems",
        "home/*/*/*/gems",
    ],
    when: &[When::Lacks(COMPILERS)],
    reach: Reach::Everywhere,
    fires: &[
        "usr/local/bundle/gems/nokogiri-1/ext/nokogiri/a.o",
        "app/vendor/bundle/ruby/3.3.0/gems/x-1/ext/x/Makefile",
        "usr/local/bundle/extensions/x86_64-linux/3.3.0/x-1/gem_make.out",
    ],
    spares: &[
        "usr/local/bundle/gems/x-1/ext/x/x.so",
        "usr/local/bundle/gems/x-1/ext/x/x.rb",
        "usr/local/bundle/extensions/x86_64-linux/3.3.0/x-1/gem.build_complete",
        "app/gems/own/ext/a.c",
    ],
    ..Rule::PLAIN
};
