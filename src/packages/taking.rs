//! Takes what packages own: files and byte-code made of them, links that then lead nowhere, directories left empty.
//!
//! Who leaves was decided before; rows of databases are written elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::layer::Kind;
use crate::rules::Decisions;
use crate::tree::{NodeId, Tree};

use super::removal::{Leaving, Subject};

/// What was taken of each package: the files that no package that stays owns, and byte-code made of them.
pub(super) fn files(
    subject: &Subject<'_>,
    leaving: &Leaving,
    decisions: &mut Decisions,
) -> BTreeMap<u32, Vec<NodeId>> {
    let (tree, database) = (subject.tree, subject.database);
    let mut taken: BTreeMap<u32, Vec<NodeId>> = BTreeMap::new();
    for (&number, &reason) in leaving {
        let own = database.files(database.package(number));
        let mut files = Vec::new();
        for &node in own.iter().filter(|&&node| tree.kind(node) != Kind::Dir) {
            let stays = database
                .owners_of(node)
                .any(|owner| !leaving.contains_key(&owner));
            if stays || decisions.removed(node).is_some() || (subject.limits.keep)(node).is_some() {
                continue;
            }
            decisions.remove(node, reason);
            files.push(node);
            for made in byte_code(tree, node) {
                let is_owned = database.owner(made).is_some();
                if !is_owned && decisions.removed(made).is_none() {
                    decisions.remove(made, reason);
                    files.push(made);
                }
            }
        }
        taken.insert(number, files);
    }
    taken
}

/// The byte-code that Python made of a module: `__pycache__/x.cpython-311.pyc` of `x.py`.
pub(super) fn byte_code(tree: &Tree, module: NodeId) -> Vec<NodeId> {
    let Some(stem) = tree.name(module).strip_suffix(b"py") else {
        return Vec::new();
    };
    let cache = tree.child(tree.parent(module), b"__pycache__");
    let made = cache.into_iter().flat_map(|cache| tree.children(cache));
    made.filter(|(name, _)| name.starts_with(stem) && name.ends_with(b".pyc"))
        .map(|(_, node)| node)
        .collect()
}

/// Takes the links that installing made and that now lead nowhere.
pub(super) fn links(tree: &Tree, links: &[NodeId], reason: usize, decisions: &mut Decisions) {
    for &link in links {
        let target = tree.resolve(&tree.path(link));
        if let Some(gone) = target.filter(|&target| decisions.removed(target).is_some())
            && decisions.removed(link).is_none()
        {
            let reason = decisions.removed(gone).unwrap_or(reason);
            decisions.remove(link, reason);
        }
    }
}

/// Takes directories that are empty now and were only there for packages that go, innermost first.
pub(super) fn directories(
    subject: &Subject<'_>,
    leaving: &Leaving,
    taken: &BTreeMap<u32, Vec<NodeId>>,
    decisions: &mut Decisions,
) {
    let (tree, database) = (subject.tree, subject.database);
    let facts = subject.facts;
    let places = facts.volumes.iter().chain([&facts.workdir]);
    let spared: Vec<NodeId> = places.filter_map(|place| tree.resolve(place)).collect();
    let mut candidates: BTreeSet<(usize, NodeId)> = BTreeSet::new();
    let depth = |node: NodeId| {
        let mut steps = 0;
        let mut at = node;
        while at != NodeId::ROOT {
            at = tree.parent(at);
            steps += 1;
        }
        usize::MAX - steps
    };
    for (number, files) in taken {
        let own = database.files(database.package(*number)).iter().copied();
        candidates.extend(
            own.filter(|&node| tree.kind(node) == Kind::Dir)
                .map(|node| (depth(node), node)),
        );
        for &file in files {
            let parent = tree.parent(file);
            if tree.name(parent) == b"__pycache__" && database.owner(parent).is_none() {
                candidates.insert((depth(parent), parent));
            }
        }
    }
    for (_, directory) in candidates {
        let mut owners = database.owners_of(directory);
        let is_left = owners.all(|owner| leaving.contains_key(&owner))
            && !spared.contains(&directory)
            && directory != NodeId::ROOT
            && decisions.removed(directory).is_none()
            && (subject.limits.keep)(directory).is_none();
        let gone = |child: NodeId| decisions.removed(child);
        if is_left
            && tree
                .children(directory)
                .all(|(_, child)| gone(child).is_some())
        {
            let of_owner = database
                .owners_of(directory)
                .find_map(|owner| leaving.get(&owner).copied());
            let of_child = tree.children(directory).find_map(|(_, child)| gone(child));
            if let Some(reason) = of_owner.or(of_child) {
                decisions.remove(directory, reason);
            }
        }
    }
}
