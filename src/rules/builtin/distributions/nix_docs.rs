//! Takes outputs of Nix packages that hold only documentation.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "nix-docs",
    level: Level::Aggressive,
    summary: "Takes outputs of Nix packages that hold only documentation.",
    caveat: "A path that refers to one dangles; it is not on by default as the name alone says that it is documentation.",
    source: "nixpkgs manual, multiple-output packages",
    remove: &["nix/store/*-{doc,man,info,devdoc}"],
    fires: &["nix/store/abc-bash-5.2-doc/share/doc/bash/a"],
    spares: &["nix/store/abc-bash-5.2/bin/bash"],
    ..Rule::PLAIN
};
