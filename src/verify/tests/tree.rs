//! Over random stacks the second flattener and the merged tree see the same file system.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::stack::{self, Line};
use crate::digest::Digest;
use crate::layer::Entries;
use crate::tree::Tree;
use crate::verify::flatten;

/// By path: the entry that holds attributes and bytes, `None` for an implied directory.
type Seen = BTreeMap<Vec<u8>, Option<(usize, usize)>>;

fn by_flatten(layers: &[Arc<Entries>]) -> Option<Seen> {
    let layers: Vec<&Entries> = layers.iter().map(|entries| &**entries).collect();
    let flat = flatten(&layers).ok()?;
    let at = |number| flat.inode(number).map(|inode| (inode.layer, inode.place));
    Some(
        flat.numbers()
            .map(|number| (flat.path(number).to_vec(), at(number)))
            .collect(),
    )
}

fn by_tree(layers: &[Arc<Entries>]) -> Option<Seen> {
    let blobs = vec![Digest::of(b""); layers.len()];
    let tree = Tree::merge(layers.to_vec(), &blobs).ok()?;
    let at = |node| {
        tree.data(node)
            .map(|data| (usize::from(data.layer), data.entry as usize))
    };
    let root = crate::tree::NodeId::ROOT;
    Some(
        std::iter::once(root)
            .chain(tree.walk())
            .map(|node| (tree.path(node), at(node)))
            .collect(),
    )
}

fn check(stack: &[Vec<Line>]) -> Result<(), TestCaseError> {
    let layers: Vec<Arc<Entries>> = stack
        .iter()
        .map(|lines| Arc::new(stack::tar(lines).entries()))
        .collect();
    prop_assert_eq!(by_flatten(&layers), by_tree(&layers));
    Ok(())
}

proptest! {
    #![proptest_config(stack::cases(2000))]

    #[test]
    fn both_flatteners_agree_on_good_images(stack in stack::stacks()) {
        check(&stack::without_faults(stack))?;
    }

    #[test]
    fn both_flatteners_agree_on_what_is_refused(stack in stack::stacks()) {
        check(&stack)?;
    }
}
