//! Takes the directories in which conda-build works.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "conda-build",
    level: Level::Safe,
    summary: "Takes the directories in which conda-build works.",
    caveat: "None known.",
    source: "conda-build documentation",
    remove: &["**/conda-bld/{work,src_cache,git_cache,hg_cache,svn_cache,*_[0-9]*}"],
    reach: Reach::Owned,
    fires: &[
        "opt/conda/conda-bld/src_cache/a.tar",
        "opt/conda/conda-bld/x_1700000000/_build_env/a",
    ],
    spares: &["opt/conda/conda-bld/linux-64/a.conda"],
    ..Rule::PLAIN
};
