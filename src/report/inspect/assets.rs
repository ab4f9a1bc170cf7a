//! Large static files in the directories of applications: nothing removes them unasked, so the user is asked.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::layer::Kind;
use crate::path;
use crate::tree::Tree;

use super::super::count::stored;
use super::super::value::PathBytes;

/// Files below this size are not worth a rule.
const LARGE: u64 = 1 << 20;

/// The extensions of what people download, watch or print, and programs seldom read.
const EXTENSIONS: [&str; 30] = [
    "7z", "ai", "avi", "bmp", "dmg", "doc", "docx", "eps", "exe", "flac", "indd", "iso", "key",
    "mkv", "mov", "mp3", "mp4", "msi", "pdf", "ppt", "pptx", "psd", "rar", "raw", "tif", "tiff",
    "wav", "webm", "xlsx", "zip",
];

/// Directories of the system, where such files belong to packages; what is named after them is for applications again.
const SYSTEM: [&str; 11] = [
    "bin", "boot", "dev", "etc", "lib", "lib64", "proc", "sbin", "sys", "usr", "var",
];
const APPLICATIONS: [&str; 5] = [
    "usr/local/apache2/htdocs",
    "usr/share/nginx",
    "usr/src",
    "var/lib/tomcat",
    "var/www",
];

/// Files of one kind in one place that could go, if the user says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// What a rule for them could be called.
    pub name: String,
    /// What would match them.
    pub glob: String,
    /// How many there are of at least 1 MiB.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The largest.
    pub largest: PathBytes,
}

impl Suggestion {
    /// The lines of slim.toml that would remove them.
    pub fn toml(&self) -> String {
        format!(
            "[[remove]]\nname = {}\nglobs = [{}]\nlarger-than = \"1MiB\"\n",
            toml::Value::from(&self.name[..]),
            toml::Value::from(&self.glob[..])
        )
    }
}

/// Finds them, the place with most bytes first.
pub(super) fn suggest(tree: &Tree) -> Vec<Suggestion> {
    let mut found: BTreeMap<(String, String), Suggestion> = BTreeMap::new();
    for node in tree.walk() {
        let bytes = if tree.kind(node) == Kind::File {
            stored(tree, node)
        } else {
            0
        };
        if bytes < LARGE || tree.names(node).first() != Some(&node) {
            continue;
        }
        let at = tree.path(node);
        let (Some(place), Some(extension)) = (place(&at), extension(&at)) else {
            continue;
        };
        let largest = PathBytes {
            path: path::display(&at),
            bytes,
        };
        let suggestion = found
            .entry((place.to_owned(), extension.to_owned()))
            .or_insert_with(|| Suggestion {
                name: format!("{extension} files in {place}"),
                glob: format!("{}/**/*.{extension}", globset::escape(place)),
                files: 0,
                bytes: 0,
                largest: largest.clone(),
            });
        suggestion.files += 1;
        suggestion.bytes += bytes;
        if largest.bytes > suggestion.largest.bytes {
            suggestion.largest = largest;
        }
    }
    let mut found: Vec<Suggestion> = found.into_values().collect();
    found.sort_by_key(|suggestion| Reverse(suggestion.bytes));
    found
}

/// The application's directory that holds the path; `None` for the system's files and those in the root.
fn place(at: &[u8]) -> Option<&str> {
    let at = str::from_utf8(at).ok()?;
    let (first, _) = at.split_once('/')?;
    if SYSTEM.contains(&first) {
        let mut known = APPLICATIONS.iter();
        return known
            .find(|dir| path::is_under(at.as_bytes(), dir.as_bytes()))
            .copied();
    }
    Some(first)
}

fn extension(at: &[u8]) -> Option<&str> {
    let (stem, extension) = str::from_utf8(path::name(at)).ok()?.rsplit_once('.')?;
    let known = EXTENSIONS.contains(&&extension.to_ascii_lowercase()[..]);
    (known && !stem.is_empty()).then_some(extension)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example::{layer, merge};

    #[test]
    fn places_and_extensions() {
        for (at, expected) in [
            ("srv/press/a.pdf", Some(("srv", "pdf"))),
            ("srv/press/A.PDF", Some(("srv", "PDF"))),
            ("var/www/html/v.mp4", Some(("var/www", "mp4"))),
            (
                "usr/share/nginx/html/a.zip",
                Some(("usr/share/nginx", "zip")),
            ),
            ("usr/share/doc/a.pdf", None),
            ("usr/local/lib/python3/x.zip", None),
            ("a.pdf", None),
            ("srv/.pdf", None),
            ("srv/a.txt", None),
        ] {
            let found = place(at.as_bytes()).zip(extension(at.as_bytes()));
            assert_eq!(found, expected, "{at}");
        }
    }

    #[test]
    fn large_files_are_suggested_once_with_lines_for_slim_toml() {
        let dir = tempfile::tempdir().unwrap();
        let layers = [layer(
            dir.path(),
            &[
                ("srv/a/one.pdf", "1048576"),
                ("srv/a/link.pdf", "-> srv/a/one.pdf"),
                ("srv/two.pdf", "2097152"),
                ("srv/small.pdf", "1000"),
                ("usr/share/doc/big.pdf", "2097152"),
                ("app[1]/x.zip", "1048576"),
            ],
        )];
        let found = suggest(&merge(&layers));
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].files, found[0].bytes), (2, 3 << 20));
        assert_eq!(found[0].largest.path, "srv/two.pdf");
        insta::assert_snapshot!(found[0].toml() + &found[1].toml(), @r#"
        [[remove]]
        name = "pdf files in srv"
        globs = ["srv/**/*.pdf"]
        larger-than = "1MiB"
        [[remove]]
        name = "zip files in app[1]"
        globs = ["app[[]1[]]/**/*.zip"]
        larger-than = "1MiB"
        "#);
        let text = found[0].toml() + &found[1].toml();
        assert_eq!(
            crate::config::parse(&text, "x").unwrap().rules.user.len(),
            2
        );
    }
}
