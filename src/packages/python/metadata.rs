//! What a distribution says of itself: `METADATA` or `PKG-INFO`, and `requires.txt` of the old kind.
//!
//! Of markers only `extra` is looked at: what another platform or version needs counts as needed.

use super::normalised;

/// The fields that are looked at.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) version: String,
    /// Normalised names.
    pub(super) needs: Vec<String>,
}

/// Reads the fields before the description.
pub(super) fn read(bytes: &[u8]) -> Metadata {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Metadata::default();
    for line in text.lines().take_while(|line| !line.is_empty()) {
        let Some((field, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        match &field.to_ascii_lowercase()[..] {
            "name" => found.name = value.to_owned(),
            "version" => found.version = value.to_owned(),
            "requires-dist" => found.needs.extend(need(value)),
            _ => {}
        }
    }
    found
}

/// The names in `requires.txt`, up to the first section, which is an extra's.
pub(super) fn listed(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().take_while(|line| !line.starts_with('['));
    lines.filter_map(need).collect()
}

/// The name in `name[extra] (>=1); marker`; none for what only an extra needs.
fn need(requirement: &str) -> Option<String> {
    let (needed, marker) = requirement.split_once(';').unwrap_or((requirement, ""));
    let words = marker.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let is_extra = words.into_iter().any(|word| word == "extra");
    let needed = needed.trim();
    let end = needed
        .find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c))
        .unwrap_or(needed.len());
    (end > 0 && !is_extra).then(|| normalised(&needed[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_are_names_without_versions_extras_and_markers() {
        for (written, name) in [
            ("Foo_Bar.baz", Some("foo-bar-baz")),
            ("click (>=7,<9)", Some("click")),
            (
                "requests[socks]>=2 ; python_version < '3.9'",
                Some("requests"),
            ),
            ("pytest ; extra == 'test'", None),
            ("x;(extra=='a') and os_name=='nt'", None),
            ("extra-context ; extras_mode == 'x'", Some("extra-context")),
            ("a @ https://x/y.whl", Some("a")),
            ("", None),
        ] {
            assert_eq!(need(written).as_deref(), name, "{written}");
        }
    }

    #[test]
    fn fields_end_at_the_description() {
        let text = "Metadata-Version: 2.1\nName: A\nversion: 1.0\nRequires-Dist: b\n\nName: C\nRequires-Dist: d\n";
        let found = read(text.as_bytes());
        assert_eq!((&found.name[..], &found.version[..]), ("A", "1.0"));
        assert_eq!(found.needs, ["b"]);
        assert_eq!(listed(b"b>1\n\n[test]\nc\n"), ["b"]);
    }
}
