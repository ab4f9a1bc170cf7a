//! What could be done, the most bytes first, each with the flag or the lines of slim.toml that do it.

use std::cmp::Reverse;

use serde::Serialize;

use super::super::words::{counted, size};
use super::InspectedImage;

/// Something that could be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// What it saves: visible bytes for rules, hidden ones for what upper layers hide.
    pub bytes: u64,
    /// What it does.
    pub what: String,
    /// What to add to `oci-slim shrink`; empty for what every run does.
    pub flag: String,
    /// The same in slim.toml; empty for what every run does.
    pub toml: String,
}

/// Gathers advice from what was found.
pub(super) fn advise(image: &InspectedImage) -> Vec<Advice> {
    let mut advice = Vec::new();
    let hidden = &image.hidden;
    if hidden.bytes > 0 {
        let files = counted(hidden.files, "file", "files");
        advice.push(Advice {
            bytes: hidden.bytes,
            what: format!("drop {files} that upper layers hide: every run of shrink does"),
            flag: String::new(),
            toml: String::new(),
        });
    }
    for rule in image.rules.iter().filter(|rule| rule.bytes > 0) {
        let (flag, toml) = match &rule.profile[..] {
            "safe" => (String::new(), String::new()),
            _ => (
                format!("--enable {}", rule.name),
                format!("[rules]\nenable = [\"{}\"]", rule.name),
            ),
        };
        advice.push(Advice {
            bytes: rule.bytes,
            what: format!("{}: {}", rule.name, rule.summary),
            flag,
            toml,
        });
    }
    for found in &image.suggestions {
        let files = counted(found.files, "file", "files");
        advice.push(Advice {
            bytes: found.bytes,
            what: format!(
                "{}: {files} of 1 MiB and more, the largest {}",
                found.name,
                size(found.largest.bytes)
            ),
            flag: String::new(),
            toml: found.toml(),
        });
    }
    advice.sort_by_key(|row| Reverse(row.bytes));
    advice
}
