//! rpm's database: `rpmdb.sqlite` in `var/lib/rpm` or `usr/lib/sysimage/rpm`, read and written in memory.
//!
//! The older kinds, Berkeley DB and ndb, are recognised and left alone. The feature `rpm` brings SQLite; without it all
//! kinds are left alone.

#[cfg(feature = "rpm")]
mod header;
#[cfg(feature = "rpm")]
mod history;
#[cfg(feature = "rpm")]
mod read;
#[cfg(feature = "rpm")]
mod sqlite;
#[cfg(feature = "rpm")]
mod wal;

use crate::error::Result;
use crate::rules::{Contents, Decisions};
use crate::tree::{NodeId, Tree};

use super::alternatives::{self, Alternative};
use super::package::{Database, Manager, Records};
use super::removal::{Leaving, Subject};

/// What the database's own files hold.
#[derive(Debug)]
pub(crate) struct Rpm {
    /// `rpmdb.sqlite`.
    pub(crate) file: NodeId,
    /// By package: its number in the database.
    #[cfg_attr(
        not(feature = "rpm"),
        expect(dead_code, reason = "only SQLite is written")
    )]
    numbers: Vec<i64>,
    /// The directory of update-alternatives' database and what it holds.
    alternatives: Option<(NodeId, Vec<Alternative>)>,
    /// Why it can not be read.
    pub(crate) refused: Option<String>,
}

/// Where the database lies, the usual place first.
const PLACES: &[&str] = &["var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"];

/// Reads the database; `None` where the image has none.
///
/// # Errors
/// When a file of it cannot be read.
pub(crate) fn read(
    tree: &Tree,
    contents: &dyn Contents,
    distribution: &str,
) -> Result<Option<Database>> {
    for place in PLACES {
        let Some(directory) = tree.resolve(place.as_bytes()) else {
            continue;
        };
        for (name, kind) in [
            ("rpmdb.sqlite", "SQLite"),
            ("Packages.db", "ndb"),
            ("Packages", "Berkeley DB"),
        ] {
            if let Some(file) = tree.child(directory, name.as_bytes()) {
                let mut records = Rpm {
                    file,
                    numbers: Vec::new(),
                    alternatives: None,
                    refused: None,
                };
                #[cfg(feature = "rpm")]
                if kind == "SQLite" {
                    return read::read(tree, contents, distribution, records).map(Some);
                }
                records.refused = Some(refusal(place, name, kind));
                return Ok(Some(unread(distribution, records)));
            }
        }
    }
    let _ = contents;
    Ok(None)
}

fn refusal(place: &str, name: &str, kind: &str) -> String {
    let why = if kind == "SQLite" {
        "which this build of oci-slim can not read"
    } else {
        "which oci-slim can not write"
    };
    format!("`/{place}/{name}` is a {kind} database, {why}: no rpm package leaves")
}

fn unread(distribution: &str, records: Rpm) -> Database {
    Database::new(
        Manager::Rpm,
        distribution.to_owned(),
        Vec::new(),
        Vec::new(),
        std::collections::HashSet::new(),
        Records::Rpm(Box::new(records)),
    )
}

/// Takes the leaving packages' rows out of everything.
pub(crate) fn rewrite(
    subject: &Subject<'_>,
    records: &Rpm,
    leaving: &Leaving,
    decisions: &mut Decisions,
) -> Result<()> {
    let any = leaving.values().next().copied().unwrap_or_default();
    if let Some((directory, list)) = &records.alternatives {
        alternatives::rewrite(subject.tree, *directory, list, any, decisions);
    }
    #[cfg(feature = "rpm")]
    sqlite::rewrite(subject, records, leaving, any, decisions)?;
    Ok(())
}
