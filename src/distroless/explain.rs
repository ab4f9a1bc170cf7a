//! Why a path stays, as a chain from the image's config to the path.

use crate::layer::Kind;
use crate::packages::Database;
use crate::path;
use crate::tree::{NodeId, Tree};

use super::closing::Stays;
use super::thin::is_skeleton;
use super::{Depth, Outcome};

impl Outcome {
    /// The chain, one line a step; none where nothing says that the path stays.
    pub(crate) fn chain(&self, tree: &Tree, databases: &[Database], node: NodeId) -> Vec<String> {
        let own = self.needed.chain(tree, node);
        if !own.is_empty() {
            return own;
        }
        for (database, stays) in databases.iter().zip(&self.stays) {
            for owner in database.owners_of(node) {
                if stays.contains_key(&owner) {
                    let mut steps = self.package(tree, database, owner, stays);
                    let name = database.label(owner);
                    steps.push(match self.depth {
                        Depth::Files => format!("licences and records stay with `{name}`"),
                        _ => format!("package `{name}` stays whole"),
                    });
                    return steps;
                }
            }
        }
        if tree.kind(node) == Kind::Dir {
            return self.directory(tree, databases, node);
        }
        Vec::new()
    }

    /// Why a directory stays that belongs to nothing which does: for what is in it, or as programs expect it.
    fn directory(&self, tree: &Tree, databases: &[Database], dir: NodeId) -> Vec<String> {
        let children = tree.children(dir).map(|(_, child)| child);
        let mut chains = children.map(|child| (child, self.chain(tree, databases, child)));
        let held = chains.find(|(_, chain)| !chain.is_empty());
        let place = path::display(&tree.path(dir));
        match held {
            Some((child, mut steps)) => {
                let child = path::display(&tree.path(child));
                steps.push(format!("`/{place}` holds `/{child}`"));
                steps
            }
            None if is_skeleton(tree, dir) => vec![format!("programs expect `/{place}`")],
            None => Vec::new(),
        }
    }

    fn package(
        &self,
        tree: &Tree,
        database: &Database,
        number: u32,
        stays: &std::collections::BTreeMap<u32, Stays>,
    ) -> Vec<String> {
        let mut steps = Vec::new();
        let mut at = number;
        // Each package was entered after the one that needs it, so this ends.
        loop {
            match stays.get(&at) {
                Some(Stays::NeededBy(by)) => {
                    steps.push(format!(
                        "`{}` depends on `{}`",
                        database.label(*by),
                        database.label(at)
                    ));
                    at = *by;
                }
                Some(Stays::WantedBy(by)) => {
                    steps.push(format!(
                        "`{}` recommends `{}`",
                        database.label(*by),
                        database.label(at)
                    ));
                    at = *by;
                }
                Some(Stays::Says(why)) => {
                    steps.push(format!("`{}` stays: {why}", database.label(at)));
                    break;
                }
                Some(Stays::Owns(node)) => {
                    let path = path::display(&tree.path(*node));
                    steps.push(format!("`{}` owns `/{path}`", database.label(at)));
                    steps.extend(self.needed.chain(tree, *node).into_iter().rev());
                    break;
                }
                None => break,
            }
        }
        steps.reverse();
        steps
    }
}
