//! Why a path stays, as a chain from the image's config to the path.

use crate::packages::Database;
use crate::tree::{NodeId, Tree};

use super::Outcome;
use super::closing::Stays;

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
                    steps.push(format!("package `{}` stays whole", database.label(owner)));
                    return steps;
                }
            }
        }
        Vec::new()
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
                Some(Stays::Says(why)) => {
                    steps.push(format!("`{}` stays: {why}", database.label(at)));
                    break;
                }
                Some(Stays::Owns(node)) => {
                    let path = crate::path::display(&tree.path(*node));
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
