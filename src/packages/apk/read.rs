//! Reads apk's database from the tree.

use std::collections::{HashMap, HashSet};

use crate::error::Result;
use crate::path;
use crate::rules::Contents;
use crate::tree::Tree;

use super::super::package::{Database, Manager, Package, Records};
use super::super::paths::Paths;
use super::super::{read_file, stanza};
use super::{Apk, relation_name};

/// Reads the database; `None` where the image has none.
///
/// # Errors
/// When a file of it cannot be read.
pub(crate) fn read(
    tree: &Tree,
    contents: &dyn Contents,
    distribution: &str,
) -> Result<Option<Database>> {
    let places = [&b"lib/apk/db/installed"[..], b"usr/lib/apk/db/installed"];
    let Some(installed) = places.iter().find_map(|at| tree.resolve(at)) else {
        return Ok(None);
    };
    let bytes = read_file(tree, contents, installed)?;
    let stanzas = stanza::ranges(&bytes);
    let rows: Vec<Row> = stanzas
        .iter()
        .map(|range| Row::parse(&bytes[range.clone()]))
        .collect();
    let world = match tree.resolve(b"etc/apk/world") {
        Some(node) => Some((node, read_file(tree, contents, node)?)),
        None => None,
    };
    let named = world
        .as_ref()
        .map_or(HashSet::new(), |(_, bytes)| words(bytes));
    let mut offers: HashMap<&str, Vec<u32>> = HashMap::new();
    for (number, row) in (0u32..).zip(&rows) {
        for name in row.provides.iter().chain([&row.name]) {
            offers.entry(name).or_default().push(number);
        }
    }
    let satisfied = |names: &[String]| -> Vec<Vec<u32>> {
        let found = names.iter().filter_map(|name| offers.get(&name[..]));
        found.cloned().collect()
    };
    let is_named = |row: &Row| {
        row.provides
            .iter()
            .chain([&row.name])
            .any(|n| named.contains(n))
    };
    let mut paths = Paths::new(tree);
    let (mut packages, mut owned) = (Vec::new(), Vec::new());
    for row in &rows {
        let own = row.paths.iter();
        owned.push(own.filter_map(|at| paths.locate(at)).collect());
        let joins = satisfied(&row.joins);
        packages.push(Package {
            name: row.name.clone(),
            source: match row.origin.is_empty() {
                true => row.name.clone(),
                false => row.origin.clone(),
            },
            version: row.version.clone(),
            architecture: row.architecture.clone(),
            automatic: !is_named(row),
            essential: None,
            needs: satisfied(&row.depends),
            wants: Vec::new(),
            // What is not installed can not have brought it.
            joins: if joins.len() == row.joins.len() {
                joins
            } else {
                Vec::new()
            },
            files: (0, 0),
        });
    }
    let records = Apk {
        directory: tree.parent(installed),
        installed,
        checksums: rows.into_iter().map(|row| row.checksum).collect(),
        bytes,
        stanzas,
        world,
    };
    Ok(Some(Database::new(
        Manager::Apk,
        distribution.to_owned(),
        packages,
        owned,
        paths.aliases(),
        Records::Apk(Box::new(records)),
    )))
}

/// The names in world, versions and repositories taken off.
fn words(bytes: &[u8]) -> HashSet<String> {
    String::from_utf8_lossy(bytes)
        .split_ascii_whitespace()
        .map(|word| relation_name(word).to_owned())
        .collect()
}

/// One stanza.
#[derive(Debug, Default)]
struct Row {
    checksum: String,
    name: String,
    origin: String,
    version: String,
    architecture: String,
    depends: Vec<String>,
    provides: Vec<String>,
    joins: Vec<String>,
    /// Directories and files.
    paths: Vec<Vec<u8>>,
}

impl Row {
    fn parse(stanza: &[u8]) -> Self {
        let mut row = Self::default();
        let mut directory: &[u8] = b"";
        for line in stanza.split(|&b| b == b'\n') {
            let [letter, b':', value @ ..] = line else {
                continue;
            };
            let text = || String::from_utf8_lossy(value).into_owned();
            match letter {
                b'C' => row.checksum = text(),
                b'P' => row.name = text(),
                b'o' => row.origin = text(),
                b'V' => row.version = text(),
                b'A' => row.architecture = text(),
                b'D' => row.depends = relations(&text()),
                b'p' => row.provides = relations(&text()),
                b'i' => row.joins = relations(&text()),
                b'F' => {
                    directory = value;
                    row.paths.push(value.to_vec());
                }
                b'R' => row.paths.push(path::join(directory, value)),
                _ => {}
            }
        }
        row
    }
}

/// The names in a list of relations; what must not be there says nothing of what must.
fn relations(list: &str) -> Vec<String> {
    list.split_ascii_whitespace()
        .filter(|word| !word.starts_with('!'))
        .map(|word| relation_name(word).to_owned())
        .collect()
}
