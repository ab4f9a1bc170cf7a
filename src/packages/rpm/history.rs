//! Which packages were installed only for another's sake: dnf's history knows, rpm does not.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Deserialize;

use crate::error::Result;
use crate::rules::Contents;
use crate::tree::Tree;

use super::super::read_file;
use super::sqlite;

/// The reasons that dnf 4 notes for what it was not asked for: a dependency, a weak one.
const FOR_ANOTHER: [i64; 2] = [1, 4];

/// By name and architecture: whether it was installed for another's sake. Empty where nothing tells.
pub(super) type Marks = BTreeMap<(String, String), bool>;

/// Reads the history of dnf 4 or 5; one that cannot be understood tells nothing.
pub(super) fn marks(tree: &Tree, contents: &dyn Contents) -> Result<Marks> {
    if let Some(file) = tree.resolve(b"usr/lib/sysimage/libdnf5/packages.toml") {
        let bytes = read_file(tree, contents, file)?;
        return Ok(of_dnf5(&String::from_utf8_lossy(&bytes)));
    }
    if let Some(file) = tree.resolve(b"var/lib/dnf/history.sqlite") {
        let bytes = sqlite::load(tree, contents, file)?;
        let marks = sqlite::open(bytes).and_then(|connection| of_dnf4(&connection));
        return Ok(marks.unwrap_or_default());
    }
    Ok(Marks::new())
}

/// The last transaction that touched a package tells.
fn of_dnf4(connection: &Connection) -> rusqlite::Result<Marks> {
    let mut select = connection.prepare(
        "SELECT rpm.name, rpm.arch, trans_item.reason FROM trans_item JOIN rpm USING (item_id)
         ORDER BY trans_item.id",
    )?;
    let rows = select.query_map([], |row| {
        let key = (row.get(0)?, row.get(1)?);
        Ok((key, FOR_ANOTHER.contains(&row.get(2)?)))
    })?;
    rows.collect()
}

#[derive(Deserialize)]
struct Packages {
    packages: BTreeMap<String, Noted>,
}

#[derive(Deserialize)]
struct Noted {
    reason: String,
}

fn of_dnf5(text: &str) -> Marks {
    let Ok(noted) = toml::from_str::<Packages>(text) else {
        return Marks::new();
    };
    let split = |(key, noted): (String, Noted)| {
        let (name, architecture) = key.rsplit_once('.')?;
        let is_automatic = matches!(&noted.reason[..], "Dependency" | "Weak Dependency");
        Some(((name.to_owned(), architecture.to_owned()), is_automatic))
    };
    noted.packages.into_iter().filter_map(split).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(marks: &Marks, name: &str) -> Option<bool> {
        marks.get(&(name.to_owned(), "x86_64".to_owned())).copied()
    }

    #[test]
    fn both_histories_tell() {
        let five = of_dnf5(
            "version = \"1.0\"\n[packages]\n\"gcc.x86_64\" = {reason = \"User\"}\n\"cpp.x86_64\" = {reason = \"Dependency\"}\n",
        );
        assert_eq!(
            (mark(&five, "gcc"), mark(&five, "cpp")),
            (Some(false), Some(true))
        );
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE rpm (item_id, name, arch); CREATE TABLE trans_item (id, item_id, reason);
                 INSERT INTO rpm VALUES (1, 'gcc', 'x86_64'), (2, 'cpp', 'x86_64');
                 INSERT INTO trans_item VALUES (1, 1, 1), (2, 2, 4), (3, 1, 2);",
            )
            .unwrap();
        let four = of_dnf4(&connection).unwrap();
        assert_eq!(
            (mark(&four, "gcc"), mark(&four, "cpp")),
            (Some(false), Some(true))
        );
        assert!(of_dnf5("= no toml").is_empty());
    }
}
