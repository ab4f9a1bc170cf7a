//! Takes translated resources of .NET libraries, but for the languages that the image's environment names.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "dotnet-satellites",
    level: Level::Aggressive,
    summary: "Takes translated resources of .NET libraries, but for the languages that the image's environment names.",
    caveat: "Messages fall back to the library's own language.",
    source: "learn.microsoft.com, satellite assemblies",
    remove: &["**/*/*.resources.dll"],
    keep: &[
        "**/{en,en-*}/*.resources.dll",
        "**/{<locale>,<locale>-*}/*.resources.dll",
    ],
    only: &[Only::Near(&["../*.dll"])],
    reach: Reach::Everywhere,
    fires: &["app/fr/x.resources.dll"],
    spares: &["app/de/x.resources.dll", "app/x.resources.dll"],
    beside: &["$LANG=de_DE.UTF-8", "app/x.dll"],
    ..Rule::PLAIN
};
