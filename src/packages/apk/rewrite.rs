//! Writes apk's database again without the packages that leave.

use std::collections::HashSet;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::path;
use crate::rules::{Decisions, Edit};
use crate::tree::NodeId;

use super::super::removal::{Leaving, Subject};
use super::super::{read_file, stanza};
use super::{Apk, scripts, world};

/// Takes the leaving packages' rows out of everything.
pub(crate) fn rewrite(
    subject: &Subject<'_>,
    records: &Apk,
    leaving: &Leaving,
    decisions: &mut Decisions,
) -> Result<()> {
    let any = leaving.values().next().copied().unwrap_or_default();
    let mut write = |node: NodeId, content: Vec<u8>| {
        if decisions.removed(node).is_none() {
            decisions.edit(node, any, Edit::Content(Arc::from(content)));
        }
    };
    let gone = || leaving.keys().map(|&number| number as usize);
    let ranges: Vec<_> = gone()
        .map(|number| records.stanzas[number].clone())
        .collect();
    write(records.installed, stanza::without(&records.bytes, &ranges));

    if let Some((node, bytes)) = &records.world {
        let after = world::after(subject.database, leaving, bytes);
        if after != *bytes {
            write(*node, after);
        }
    }
    let tree = subject.tree;
    let checksums: HashSet<&str> = gone()
        .map(|number| &records.checksums[number][..])
        .collect();
    if let Some(triggers) = tree.child(records.directory, b"triggers") {
        let before = read_file(tree, subject.contents, triggers)?;
        let after = without_lines(&before, &checksums);
        if after != before {
            write(triggers, after);
        }
    }
    // `NAME-VERSION.Q1…` with the checksum as the row has it; apk 3 writes `X1` and the same in hexadecimal digits.
    let members: Vec<Vec<u8>> = leaving
        .keys()
        .map(|&number| subject.database.package(number))
        .flat_map(|package| {
            ['Q', 'X'].map(|mark| format!("{}-{}.{mark}", package.name, package.version))
        })
        .map(String::into_bytes)
        .collect();
    for name in [&b"scripts.tar"[..], b"scripts.tar.gz"] {
        if let Some(archive) = tree.child(records.directory, name) {
            let before = read_file(tree, subject.contents, archive)?;
            let after = scripts::without(&before, &members).map_err(|error| Error::Database {
                path: path::display(&tree.path(archive)),
                fault: error.to_string(),
            })?;
            if let Some(after) = after {
                write(archive, after);
            }
        }
    }
    Ok(())
}

/// Each line of triggers starts with the checksum of its package.
fn without_lines(triggers: &[u8], checksums: &HashSet<&str>) -> Vec<u8> {
    let mut kept = Vec::with_capacity(triggers.len());
    for line in triggers.split_inclusive(|&b| b == b'\n') {
        let text = String::from_utf8_lossy(line);
        let first = text.split_ascii_whitespace().next();
        if !first.is_some_and(|first| checksums.contains(first)) {
            kept.extend_from_slice(line);
        }
    }
    kept
}
