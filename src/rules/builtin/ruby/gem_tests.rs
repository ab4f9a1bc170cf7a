//! Takes tests, examples and benchmarks of installed gems.

use crate::rules::rule::{Level, Only, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "gem-tests",
    level: Level::Standard,
    summary: "Takes tests, examples and benchmarks of installed gems.",
    caveat: "A gem whose library reads files of its own tests fails; none is known.",
    source: "bundler-gem templates, by many Dockerfiles",
    remove: &[
        "**/{ruby/*,ruby/gems/*,bundle,gems/*,vendor_ruby}/gems/*/{spec,test,features,examples,benchmark,benchmarks}",
    ],
    only: &[Only::Near(&["lib"])],
    when: &[When::RunsNone(&[
        "rspec",
        "cucumber",
        "minitest",
        "rake test",
        "rake spec",
    ])],
    reach: Reach::Everywhere,
    fires: &[
        "usr/local/bundle/gems/rack-3/test/a.rb",
        "usr/lib/ruby/gems/3.1.0/gems/x-1/spec/a_spec.rb",
        "app/vendor/bundle/ruby/3.3.0/gems/y-1/spec/a_spec.rb",
    ],
    spares: &[
        "usr/local/bundle/gems/rspec-core-3/lib/rspec/core.rb",
        "app/spec/a_spec.rb",
        "usr/local/bundle/gems/rails-7/lib/test/a.rb",
    ],
    beside: &[
        "usr/local/bundle/gems/rack-3/lib/rack.rb",
        "usr/lib/ruby/gems/3.1.0/gems/x-1/lib/x.rb",
        "app/vendor/bundle/ruby/3.3.0/gems/y-1/lib/y.rb",
    ],
    ..Rule::PLAIN
};
