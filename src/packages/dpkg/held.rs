//! What must stay for the sake of dpkg's database itself.

use crate::layer::Kind;
use crate::path;
use crate::tree::{NodeId, Tree};

use super::super::package::Database;
use super::super::paths::Paths;
use super::Dpkg;

/// The packages that must stay for the database's own sake, and why.
pub(crate) fn held(tree: &Tree, database: &Database, records: &Dpkg) -> Vec<(u32, String)> {
    let mut held = Vec::new();
    let numbers = || (0u32..).zip(database.packages());
    for ((number, _), &unlisted) in numbers().zip(&records.unlisted) {
        if unlisted {
            held.push((number, "its file list is missing".to_owned()));
        }
    }
    let mut paths = Paths::new(tree);
    for diversion in records.diversions.iter().flat_map(|(_, list)| list) {
        let by = numbers().filter(|(_, package)| package.name.as_bytes() == diversion.by);
        if let Some(to) = paths.locate(&diversion.to)
            && !paths
                .locate(&diversion.from)
                .is_some_and(|from| is_alike(tree, from, to))
        {
            let shown = path::display(&diversion.to);
            held.extend(by.map(|(number, _)| {
                (
                    number,
                    format!("it diverts another package's file to `/{shown}`"),
                )
            }));
        }
    }
    held
}

/// Whether one file can take the other's place by taking its content.
fn is_alike(tree: &Tree, a: NodeId, b: NodeId) -> bool {
    let look = |node: NodeId| {
        let at = tree.data(node)?;
        let entry = tree.entry(at);
        let xattrs = tree.layers()[usize::from(at.layer)].xattrs(entry);
        Some((entry.kind, entry.mode, entry.uid, entry.gid, xattrs))
    };
    let (a, b) = (look(a), look(b));
    a == b && a.is_some_and(|(kind, ..)| matches!(kind, Kind::File | Kind::Symlink))
}
