//! The SQLite database in memory: rows in, rows out, the file written again.

use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB};

use crate::error::{Error, Result};
use crate::rules::{Contents, Decisions, Edit};
use crate::tree::{NodeId, Tree};

use super::super::read_file;
use super::super::removal::{Leaving, Subject};
use super::{Rpm, wal};

/// Where the file says how it is written: 1 for a journal, 2 for a write-ahead log.
const MODES: std::ops::Range<usize> = 18..20;

/// Reads the file with what its log holds.
pub(super) fn load(tree: &Tree, contents: &dyn Contents, file: NodeId) -> Result<Vec<u8>> {
    let mut bytes = read_file(tree, contents, file)?;
    if let Some(log) = beside(tree, file, b"-wal") {
        wal::play(&mut bytes, &read_file(tree, contents, log)?);
    }
    Ok(bytes)
}

fn beside(tree: &Tree, file: NodeId, suffix: &[u8]) -> Option<NodeId> {
    tree.child(tree.parent(file), &[tree.name(file), suffix].concat())
}

/// Opens a database in memory. A log is of no use there, so the file is marked as one without.
pub(super) fn open(mut bytes: Vec<u8>) -> rusqlite::Result<Connection> {
    if let Some(modes) = bytes.get_mut(MODES) {
        modes.fill(1);
    }
    let mut connection = Connection::open_in_memory()?;
    // The file is the image's: nothing in its schema may act.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    let length = bytes.len();
    connection.deserialize_read_exact(MAIN_DB, &bytes[..], length, false)?;
    connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;")?;
    Ok(connection)
}

/// The rows of `Packages`: a number and a header each, by number.
pub(super) fn rows(bytes: Vec<u8>) -> rusqlite::Result<Vec<(i64, Vec<u8>)>> {
    let connection = open(bytes)?;
    let mut select = connection.prepare("SELECT hnum, blob FROM Packages ORDER BY hnum")?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Names the file of a fault.
pub(super) fn fault(tree: &Tree, file: NodeId, fault: &rusqlite::Error) -> Error {
    Error::Database {
        path: crate::path::display(&tree.path(file)),
        fault: format!("no database of rpm's: {fault}"),
    }
}

/// Writes the database without the leaving packages; its log is in it then.
pub(super) fn rewrite(
    subject: &Subject<'_>,
    records: &Rpm,
    leaving: &Leaving,
    reason: usize,
    decisions: &mut Decisions,
) -> Result<()> {
    let (tree, file) = (subject.tree, records.file);
    let bytes = load(tree, subject.contents, file)?;
    let gone: Vec<i64> = leaving
        .keys()
        .map(|&number| records.numbers[number as usize])
        .collect();
    let after = without(bytes, &gone).map_err(|error| fault(tree, file, &error))?;
    decisions.edit(file, reason, Edit::Content(Arc::from(after)));
    for suffix in [&b"-wal"[..], b"-shm"] {
        if let Some(node) = beside(tree, file, suffix)
            && decisions.removed(node).is_none()
        {
            decisions.remove(node, reason);
        }
    }
    Ok(())
}

/// Takes the packages' rows out of all tables that number them.
fn without(bytes: Vec<u8>, gone: &[i64]) -> rusqlite::Result<Vec<u8>> {
    let modes = bytes.get(MODES).map(<[u8]>::to_vec);
    let mut connection = open(bytes)?;
    let tables: Vec<String> = {
        let mut select = connection.prepare(
            "SELECT DISTINCT t.name FROM sqlite_master t, pragma_table_info(t.name) c
             WHERE t.type = 'table' AND c.name = 'hnum' ORDER BY t.name",
        )?;
        let names = select.query_map([], |row| row.get(0))?;
        names.collect::<rusqlite::Result<_>>()?
    };
    let transaction = connection.transaction()?;
    for table in tables {
        let quoted = table.replace('"', "\"\"");
        let mut delete =
            transaction.prepare(&format!("DELETE FROM \"{quoted}\" WHERE hnum = ?1"))?;
        for number in gone {
            delete.execute([number])?;
        }
    }
    transaction.commit()?;
    connection.execute_batch("VACUUM")?;
    let mut after = connection.serialize(MAIN_DB)?.to_vec();
    // rpm finds the file in the mode in which it left it.
    if let Some((place, modes)) = after.get_mut(MODES).zip(modes) {
        place.copy_from_slice(&modes);
    }
    Ok(after)
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::header::tag;
    use super::super::header::tests::{Value, blob};
    use super::*;

    /// A package of tests: name, what it provides, what it requires, files in `/usr/bin`.
    pub(crate) type Sample<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a [&'a str]);

    /// Builds a database of packages as rpm lays it out.
    pub(crate) fn database(packages: &[Sample<'_>]) -> Vec<u8> {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);
                 CREATE TABLE Name (key TEXT NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL);",
            )
            .unwrap();
        for (number, (name, provides, requires, files)) in packages.iter().enumerate() {
            let header = blob(&[
                (tag::NAME, Value::Texts(&[name])),
                (tag::VERSION, Value::Texts(&["1.0"])),
                (tag::RELEASE, Value::Texts(&["2"])),
                (tag::ARCH, Value::Texts(&["x86_64"])),
                (tag::PROVIDE_NAME, Value::Texts(provides)),
                (tag::REQUIRE_NAME, Value::Texts(requires)),
                (tag::DIR_NAMES, Value::Texts(&["/usr/bin/"])),
                (tag::DIR_INDEXES, Value::Numbers(&vec![0; files.len()])),
                (tag::BASE_NAMES, Value::Texts(files)),
            ]);
            let number = i64::try_from(number + 1).unwrap();
            connection
                .execute("INSERT INTO Packages VALUES (?1, ?2)", (number, header))
                .unwrap();
            connection
                .execute("INSERT INTO Name VALUES (?1, ?2, 0)", (*name, number))
                .unwrap();
        }
        let mut bytes = connection.serialize(MAIN_DB).unwrap().to_vec();
        bytes[MODES].fill(2);
        bytes
    }

    #[test]
    fn rows_leave_all_tables_and_the_mode_stays() {
        let before = database(&[
            ("a", &[], &[], &[]),
            ("b", &[], &[], &[]),
            ("c", &[], &[], &[]),
        ]);
        let after = without(before.clone(), &[1, 3]).unwrap();
        assert_eq!(after[MODES], [2, 2]);
        let rows = rows(after.clone()).unwrap();
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [2]);
        let connection = open(after.clone()).unwrap();
        let names: String = connection
            .query_row("SELECT group_concat(key) FROM Name", [], |row| row.get(0))
            .unwrap();
        assert_eq!(names, "b");
        assert_eq!(without(before, &[1, 3]).unwrap(), after);
    }

    #[test]
    fn damaged_files_are_errors() {
        let whole = database(&[("a", &[], &[], &[])]);
        assert!(rows(whole[..100].to_vec()).is_err());
        assert!(rows(b"no database".to_vec()).is_err());
        assert!(rows(Vec::new()).is_err());
    }
}
