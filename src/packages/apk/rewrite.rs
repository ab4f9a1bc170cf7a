//! Writes apk's database again without the packages that leave.

use std::collections::HashSet;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::path;
use crate::rules::{Decisions, Edit};
use crate::tree::NodeId;

use super::super::removal::{Leaving, Subject};
use super::super::{read_file, stanza};
use super::{Apk, relation_name, scripts};

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
        let names: HashSet<&str> = leaving
            .keys()
            .map(|&number| &subject.database.package(number).name[..])
            .collect();
        let after = without_words(bytes, |word| names.contains(relation_name(word)));
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
    let members: Vec<Vec<u8>> = leaving
        .keys()
        .map(|&number| {
            let package = subject.database.package(number);
            let checksum = &records.checksums[number as usize];
            format!("{}-{}.{checksum}.", package.name, package.version).into_bytes()
        })
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

fn without_words(world: &[u8], is_gone: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut kept = Vec::with_capacity(world.len());
    for word in world.split_inclusive(|b| b.is_ascii_whitespace()) {
        let text = String::from_utf8_lossy(word);
        if !is_gone(text.trim_ascii()) {
            kept.extend_from_slice(word);
        }
    }
    kept
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
