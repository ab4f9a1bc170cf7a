//! Marked paths as rules of slim.toml.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use crate::error::{Error, Result};

/// What a marked path is to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Remove,
    Keep,
}

/// Writes marks as rules, one for all paths of a kind; empty for none.
pub(super) fn rules(marks: &[(&str, Mark)]) -> String {
    let mut text = String::new();
    for (mark, table) in [(Mark::Remove, "remove"), (Mark::Keep, "keep")] {
        let own = marks.iter().filter(|(_, known)| *known == mark);
        let globs: Vec<String> = own
            .map(|(path, _)| toml::Value::from(globset::escape(path)).to_string())
            .collect();
        if globs.is_empty() {
            continue;
        }
        let _ = writeln!(
            text,
            "\n[[{table}]]\nname = \"marked while browsing\"\nglobs = ["
        );
        for glob in globs {
            let _ = writeln!(text, "    {glob},");
        }
        text.push_str("]\n");
    }
    text
}

/// Adds rules at the end of a file; it need not be there.
pub(super) fn append(file: &Path, rules: &str) -> Result<()> {
    let options = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file);
    options
        .and_then(|mut file| file.write_all(rules.as_bytes()))
        .map_err(|source| Error::Write {
            path: file.to_owned(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_rules_that_slim_toml_takes() {
        let marks = [
            ("usr/share/doc", Mark::Remove),
            ("app/[id]/\"x\".js", Mark::Remove),
            ("etc/passwd", Mark::Keep),
        ];
        let text = format!(
            "profile = \"lean\"\n[rules]\nenable = [\"docs\"]\n{}",
            rules(&marks)
        );
        let config = crate::config::parse(&text, "slim.toml").unwrap();
        let user = &config.rules.user;
        assert_eq!(user.len(), 2);
        assert_eq!(user[0].globs, ["usr/share/doc", "app/[[]id[]]/\"x\".js"]);
        assert_eq!((user[0].keep, user[1].keep), (false, true));
        assert_eq!(rules(&[]), "");
    }
}
