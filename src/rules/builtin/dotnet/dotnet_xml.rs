//! Takes the documentation beside .NET libraries.

use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "dotnet-xml",
    level: Level::Aggressive,
    summary: "Takes the documentation beside .NET libraries.",
    caveat: "Swashbuckle reads it when the program starts, and throws.",
    source: "learn.microsoft.com, documentation comments",
    remove: &["**/*.xml"],
    only: &[Only::Twin(library)],
    reach: Reach::Everywhere,
    fires: &["app/app.xml"],
    spares: &["app/settings.xml"],
    beside: &["app/app.dll"],
    ..Rule::PLAIN
};

/// `x.dll` for `x.xml`.
fn library(documentation: &[u8]) -> Option<Vec<u8>> {
    Some([documentation.strip_suffix(b"xml")?, b"dll"].concat())
}
