//! The depth `files`: what nothing needs goes, whoever owns it; licences stay, and the records tell what is left.

use crate::error::Result;
use crate::layer::Kind;
use crate::packages::{self, Records};
use crate::path;
use crate::rules::{Decisions, Reason};
use crate::tree::{NodeId, Tree};

use super::{Outcome, Subject};

/// Takes what is not needed, then the directories that hold nothing any more.
pub(super) fn thin(
    subject: &Subject<'_>,
    outcome: &Outcome,
    reason: &Reason,
    decisions: &mut Decisions,
) -> Result<()> {
    let tree = subject.inventory.tree;
    let place = decisions.reason(reason.clone());
    let records = records(subject, outcome);
    for node in tree.walk() {
        let goes = tree.kind(node) != Kind::Dir
            && decisions.removed(node).is_none()
            && !outcome.needed.contains(node)
            && !is_licence(subject, outcome, node)
            && !is_alias(subject, node)
            && records.binary_search(&node).is_err()
            && !(subject.limits.frozen)(node)
            && (subject.limits.keep)(node).is_none();
        if goes {
            decisions.remove(node, place);
        }
    }
    directories(subject, outcome, place, decisions);
    for (database, stays) in subject.inventory.databases.iter().zip(&outcome.stays) {
        let mut staying = stays.keys().copied();
        packages::thin(
            subject.inventory,
            database,
            subject.limits,
            &mut staying,
            place,
            decisions,
        )?;
    }
    Ok(())
}

/// The files by which scanners and package managers know what is there, by node.
fn records(subject: &Subject<'_>, outcome: &Outcome) -> Vec<NodeId> {
    let mut records = Vec::new();
    for (database, stays) in subject.inventory.databases.iter().zip(&outcome.stays) {
        match &database.records {
            Records::Dpkg(dpkg) => {
                records.extend(dpkg.list());
                records.extend(subject.inventory.tree.find(b"var/lib/dpkg/info/format"));
                records.extend(stays.keys().flat_map(|&number| dpkg.own(number)));
            }
            Records::Apk(apk) => records.push(apk.installed),
            Records::Rpm(rpm) => records.push(rpm.file),
        }
    }
    records.sort_unstable();
    records
}

/// A licence of a package of which something stays.
fn is_licence(subject: &Subject<'_>, outcome: &Outcome, node: NodeId) -> bool {
    let at = subject.inventory.tree.path(node);
    let is_text = path::is_under(&at, b"usr/share/licenses")
        || (path::is_under(&at, b"usr/share/doc")
            && path::name(&at).eq_ignore_ascii_case(b"copyright"));
    is_text
        && subject
            .inventory
            .databases
            .iter()
            .zip(&outcome.stays)
            .any(|(database, stays)| {
                let mut owners = database.owners_of(node);
                owners.any(|owner| stays.contains_key(&owner))
            })
}

/// A link that stands for a directory, such as `/lib`.
fn is_alias(subject: &Subject<'_>, node: NodeId) -> bool {
    subject
        .inventory
        .databases
        .iter()
        .any(|one| one.aliases.contains(&node))
}

/// Takes directories that hold nothing any more, innermost first; those that were empty before stay unless a package made
/// them, and those at the top stay.
fn directories(subject: &Subject<'_>, outcome: &Outcome, place: usize, decisions: &mut Decisions) {
    let tree = subject.inventory.tree;
    let mut dirs: Vec<NodeId> = tree
        .walk()
        .filter(|&node| tree.kind(node) == Kind::Dir)
        .collect();
    // A walk tells a directory before what it holds.
    dirs.reverse();
    for dir in dirs {
        let mut children = tree.children(dir);
        let is_empty = children.all(|(_, child)| decisions.removed(child).is_some());
        let is_owned = || {
            subject
                .inventory
                .databases
                .iter()
                .any(|one| one.owner(dir).is_some())
        };
        let goes = is_empty
            && decisions.removed(dir).is_none()
            && (tree.children(dir).next().is_some() || is_owned())
            && !outcome.needed.contains(dir)
            && !is_skeleton(tree, dir)
            && !(subject.limits.frozen)(dir)
            && (subject.limits.keep)(dir).is_none();
        if goes {
            decisions.remove(dir, place);
        }
    }
}

/// The directories that programs expect, and those that links at the top lead to.
pub(super) fn is_skeleton(tree: &Tree, dir: NodeId) -> bool {
    const PLACES: &[&str] = &[
        "usr/bin",
        "usr/sbin",
        "usr/lib",
        "usr/lib64",
        "usr/lib32",
        "usr/libx32",
        "usr/local",
        "usr/share",
        "var/lib",
        "var/log",
        "var/cache",
        "var/tmp",
        "var/spool",
        "var/run",
        "etc/ssl",
        "etc/ssl/certs",
    ];
    tree.parent(dir) == NodeId::ROOT || PLACES.iter().any(|place| tree.is_at(dir, place.as_bytes()))
}
