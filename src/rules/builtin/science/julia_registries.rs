//! Takes the lists of packages that Julia has downloaded, and its logs.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "julia-registries",
    level: Level::Standard,
    summary: "Takes the lists of packages that Julia has downloaded, and its logs.",
    caveat: "`Pkg.add` and `Pkg.instantiate` download the lists again.",
    source: "Pkg documentation, depots",
    remove: &["~/.julia/{registries,logs}"],
    reach: Reach::Owned,
    fires: &[
        "root/.julia/registries/General.tar.gz",
        "root/.julia/logs/manifest_usage.toml",
    ],
    spares: &[
        "root/.julia/packages/X/a/src/X.jl",
        "root/.julia/scratchspaces/a",
    ],
    ..Rule::PLAIN
};
