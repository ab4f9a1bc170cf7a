//! Takes the manuals of Perl modules.

use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "perl-pod",
    level: Level::Standard,
    summary: "Takes the manuals of Perl modules.",
    caveat: "`perldoc` finds nothing, and scripts that print their usage from a file of their own module print none.",
    source: "perlpod(1)",
    remove: &[
        "usr/share/perl{,5}/**/*.pod",
        "usr/{,local/}lib{,64}/**/perl{,5}/**/*.pod",
        "usr/local/lib{,64}/perl5/**/*.pod",
    ],
    keep: &["**/perldiag.pod"],
    when: &[When::RunsNone(&["perldoc", "pod2text", "pod2man"])],
    fires: &[
        "usr/share/perl/5.36.0/pod/perlfunc.pod",
        "usr/share/perl5/X/Y.pod",
        "usr/lib/x86_64-linux-gnu/perl/5.36/X.pod",
        "usr/local/lib/perl5/X.pod",
    ],
    spares: &[
        "usr/share/perl/5.36.0/pod/perldiag.pod",
        "usr/share/perl5/X/Y.pm",
    ],
    ..Rule::PLAIN
};
