//! Takes the debug symbols of .NET libraries.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "dotnet-symbols",
    level: Level::Standard,
    summary: "Takes the debug symbols of .NET libraries.",
    caveat: "Stack traces show no lines.",
    source: "dotnet/designs, portable PDB",
    remove: &["**/*.pdb"],
    only: &[Only::Magic(&[
        (0, b"BSJB"),
        (0, b"Microsoft C/C++ MSF 7.00"),
    ])],
    reach: Reach::Everywhere,
    fires: &["app/app.pdb"],
    spares: &["srv/protein.pdb"],
    ..Rule::PLAIN
};
