//! Takes the tables by which shells complete words at a prompt.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "completions",
    level: Level::Safe,
    summary: "Takes the tables by which shells complete words at a prompt.",
    caveat: "The tab key completes file names only.",
    source: "debuerreotype .slimify-excludes",
    remove: &[
        "usr/{,local/}share/bash-completion/completions/",
        "usr/{,local/}share/zsh/{site-functions,vendor-completions}/_*",
        "usr/{,local/}share/fish/{completions,vendor_completions.d}/",
        "etc/bash_completion.d/",
    ],
    fires: &[
        "usr/share/bash-completion/completions/git",
        "usr/share/zsh/vendor-completions/_git",
        "usr/share/fish/vendor_completions.d/git.fish",
        "etc/bash_completion.d/git",
    ],
    spares: &[
        "usr/share/zsh/functions/Misc/add-zsh-hook",
        "usr/share/bash-completion/bash_completion",
    ],
    ..Rule::PLAIN
};
