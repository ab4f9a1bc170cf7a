//! Reads rpm's database from the tree.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::path;
use crate::rules::Contents;
use crate::tree::{NodeId, Tree};

use super::super::alternatives;
use super::super::package::{Database, Manager, Package, Records};
use super::super::paths::Paths;
use super::super::read_file;
use super::header::{Header, tag};
use super::{Rpm, history, sqlite};

/// Packages without which rpm and the rest do not work, though nothing marks them.
const ESSENTIAL: &[&str] = &["basesystem", "filesystem", "glibc", "glibc-common", "setup"];

pub(super) fn read(
    tree: &Tree,
    contents: &dyn Contents,
    distribution: &str,
    mut records: Rpm,
) -> Result<Database> {
    let bytes = sqlite::load(tree, contents, records.file)?;
    let blobs = sqlite::rows(bytes).map_err(|fault| sqlite::fault(tree, records.file, &fault))?;
    let mut rows = Vec::with_capacity(blobs.len());
    for (number, blob) in blobs {
        let row = Header::parse(&blob).and_then(|header| Row::new(&header));
        rows.push(row.ok_or_else(|| Error::Database {
            path: path::display(&tree.path(records.file)),
            fault: format!("the header of package {number} is damaged"),
        })?);
        records.numbers.push(number);
    }
    // A key of the repository's is a row, but no package.
    let keys = |row: &Row| row.name == "gpg-pubkey";
    let marks = history::marks(tree, contents)?;
    let protected = protected(tree, contents)?;
    let mut paths = Paths::new(tree);
    let owned: Vec<Vec<NodeId>> = rows
        .iter()
        .map(|row| row.files.iter().filter_map(|at| paths.locate(at)).collect())
        .collect();
    let offers = Offers::new(&rows, &owned, &mut paths);
    let packages = rows
        .iter()
        .map(|row| {
            let key = (row.name.clone(), row.architecture.clone());
            let is_essential =
                ESSENTIAL.contains(&&row.name[..]) || protected.contains(&row.name) || keys(row);
            Package {
                name: row.name.clone(),
                source: row.source.clone(),
                version: row.version.clone(),
                architecture: row.architecture.clone(),
                automatic: marks.get(&key).copied().unwrap_or(false),
                essential: is_essential.then_some("protected"),
                needs: offers.satisfying(&row.requires),
                wants: offers.satisfying(&row.recommends).concat(),
                joins: Vec::new(),
                files: (0, 0),
            }
        })
        .collect();
    if let Some(directory) = tree.resolve(b"var/lib/alternatives") {
        let list = alternatives::read(tree, contents, directory)?;
        records.alternatives = Some((directory, list));
    }
    Ok(Database::new(
        Manager::Rpm,
        distribution.to_owned(),
        packages,
        owned,
        paths.aliases(),
        Records::Rpm(Box::new(records)),
    ))
}

/// What dnf never removes.
fn protected(tree: &Tree, contents: &dyn Contents) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let folder = tree.resolve(b"etc/dnf/protected.d");
    for (_, file) in folder.into_iter().flat_map(|folder| tree.children(folder)) {
        let bytes = read_file(tree, contents, file)?;
        let text = String::from_utf8_lossy(&bytes);
        names.extend(text.lines().map(|line| line.trim().to_owned()));
    }
    Ok(names)
}

/// What a header says of a package.
#[derive(Debug)]
struct Row {
    name: String,
    source: String,
    version: String,
    architecture: String,
    provides: Vec<String>,
    requires: Vec<String>,
    recommends: Vec<String>,
    files: Vec<Vec<u8>>,
}

impl Row {
    fn new(header: &Header<'_>) -> Option<Self> {
        let texts = |tag| -> Vec<String> {
            let texts = header.texts(tag).into_iter();
            texts
                .map(|text| String::from_utf8_lossy(text).into_owned())
                .collect()
        };
        let version = format!(
            "{}-{}",
            header.text(tag::VERSION)?,
            header.text(tag::RELEASE)?
        );
        let epoch = header.numbers(tag::EPOCH).first().copied();
        let name = header.text(tag::NAME)?;
        let source = header.text(tag::SOURCE_RPM);
        let source = source.and_then(|file| Some(file.rsplitn(3, '-').nth(2)?.to_owned()));
        Some(Self {
            source: source.unwrap_or_else(|| name.clone()),
            name,
            version: epoch.map_or(version.clone(), |epoch| format!("{epoch}:{version}")),
            architecture: header.text(tag::ARCH).unwrap_or_default(),
            provides: texts(tag::PROVIDE_NAME),
            requires: texts(tag::REQUIRE_NAME),
            recommends: texts(tag::RECOMMEND_NAME),
            files: header.files(),
        })
    }
}

/// Who satisfies a requirement: by name, as versions fit among what is installed, or by a file's path.
struct Offers {
    names: HashMap<String, Vec<u32>>,
}

impl Offers {
    fn new(rows: &[Row], owned: &[Vec<NodeId>], paths: &mut Paths<'_>) -> Self {
        let mut names: HashMap<String, Vec<u32>> = HashMap::new();
        for (number, row) in (0u32..).zip(rows) {
            for name in row.provides.iter().chain([&row.name]) {
                let offering = names.entry(name.clone()).or_default();
                if offering.last() != Some(&number) {
                    offering.push(number);
                }
            }
        }
        let mut wanted: HashMap<NodeId, Vec<&str>> = HashMap::new();
        for name in rows.iter().flat_map(|row| &row.requires) {
            let is_new = name.starts_with('/') && !names.contains_key(name);
            if let Some(node) = is_new
                .then(|| paths.locate(&name.as_bytes()[1..]))
                .flatten()
            {
                wanted.entry(node).or_default().push(name);
            }
        }
        for (number, own) in (0u32..).zip(owned) {
            for name in own.iter().filter_map(|node| wanted.get(node)).flatten() {
                let offering = names.entry((*name).to_owned()).or_default();
                if offering.last() != Some(&number) {
                    offering.push(number);
                }
            }
        }
        Self { names }
    }

    fn satisfying(&self, requires: &[String]) -> Vec<Vec<u32>> {
        let mut found: Vec<Vec<u32>> = Vec::new();
        for group in requires.iter().flat_map(|require| groups(require)) {
            let offering = group.iter().filter_map(|name| self.names.get(*name));
            let offering: Vec<u32> = offering.flatten().copied().collect();
            if !offering.is_empty() && !found.contains(&offering) {
                found.push(offering);
            }
        }
        found
    }
}

/// The alternatives of a requirement; a boolean one is `(a or b)`, `(a and b)`, `(a if b)` and the like.
///
/// Conditions are taken as met and nesting is not looked into: rather too much is needed than too little.
fn groups(require: &str) -> Vec<Vec<&str>> {
    if !require.starts_with('(') {
        return vec![vec![require]];
    }
    let mut names = Vec::new();
    let mut is_choice = false;
    let mut words = require.split_ascii_whitespace();
    while let Some(word) = words.next() {
        match word {
            "if" | "unless" | "without" => break,
            "or" => is_choice = true,
            "and" | "with" => {}
            "=" | "<" | ">" | "<=" | ">=" => drop(words.next()),
            _ => names.push(bare(word)),
        }
    }
    if is_choice {
        vec![names]
    } else {
        names.into_iter().map(|name| vec![name]).collect()
    }
}

/// A name without the parentheses around an expression; its own, as in `perl(Git)`, are balanced.
fn bare(word: &str) -> &str {
    let mut name = word.trim_start_matches('(');
    let count = |name: &str, c: char| name.matches(c).count();
    while name.ends_with(')') && count(name, ')') > count(name, '(') {
        name = &name[..name.len() - 1];
    }
    name
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::Image;
    use super::super::sqlite::tests::database;
    use super::*;
    use crate::rules::Facts;

    #[test]
    fn boolean_requirements_become_groups() {
        for (require, expected) in [
            ("glibc", vec![vec!["glibc"]]),
            ("perl(Git)", vec![vec!["perl(Git)"]]),
            (
                "(a or libb.so.1()(64bit))",
                vec![vec!["a", "libb.so.1()(64bit)"]],
            ),
            ("(a >= 1 and perl(B))", vec![vec!["a"], vec!["perl(B)"]]),
            ("(a if (b or c))", vec![vec!["a"]]),
            ("((a or b) and c)", vec![vec!["a", "b", "c"]]),
        ] {
            assert_eq!(groups(require), expected, "{require}");
        }
    }

    fn image(file: &str) -> Image {
        let rows = database(&[
            ("glibc", &["libc.so.6"], &[], &[]),
            ("bash", &["bash"], &["libc.so.6"], &["bash"]),
            ("gcc", &["gcc"], &["libc.so.6", "cpp"], &["gcc"]),
            ("cpp", &["cpp"], &["/usr/bin/bash"], &["cpp"]),
            ("app", &["app"], &["libc.so.6"], &["app"]),
            ("tools", &["tools"], &["/bin/cpp"], &["tools"]),
        ]);
        let mut paths: Vec<(String, String, Vec<u8>)> = ["bash", "gcc", "cpp", "app", "tools"]
            .map(|name| (format!("usr/bin/{name}"), "x".into(), name.into()))
            .into();
        paths.push(("bin".into(), "->usr/bin".into(), vec![]));
        paths.push((file.into(), "f".into(), rows));
        paths.push((
            "var/lib/rpm/rpmdb.sqlite-shm".into(),
            "f".into(),
            vec![0; 9],
        ));
        Image::of_bytes(&paths)
    }

    #[test]
    fn packages_leave_with_files_and_rows() {
        let image = image("var/lib/rpm/rpmdb.sqlite");
        let (report, decisions) = image.drop_packages(&["cpp", "glibc"], &Facts::default());
        let rows: Vec<String> = report
            .removed
            .iter()
            .map(|row| format!("{}: {}", row.name, row.why))
            .collect();
        assert_eq!(
            rows,
            ["cpp: asked for", "gcc: needs `cpp`", "tools: needs `cpp`"]
        );
        assert_eq!(report.kept[0].because, ["`glibc` stays: it is protected"]);
        assert!(decisions.removed(image.at("usr/bin/gcc")).is_some());
        assert!(decisions.removed(image.at("usr/bin/bash")).is_none());
        assert!(
            decisions
                .removed(image.at("var/lib/rpm/rpmdb.sqlite-shm"))
                .is_some()
        );
        let file = image.at("var/lib/rpm/rpmdb.sqlite");
        let Some((_, crate::rules::Edit::Content(bytes))) = decisions.edited(file) else {
            panic!("the database is written");
        };
        let left = sqlite::rows(bytes.to_vec()).unwrap();
        assert_eq!(left.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 5]);
    }

    #[test]
    fn older_kinds_are_left_alone() {
        let image = image("var/lib/rpm/Packages");
        let (report, decisions) = image.drop_packages(&["gcc"], &Facts::default());
        assert!(decisions.is_empty());
        assert_eq!(
            report.warnings[0].text,
            "`/var/lib/rpm/Packages` is a Berkeley DB database, which oci-slim can not write: no rpm package leaves"
        );
    }
}
