//! Which whiteouts the result needs: only those that hide what layers kept as they are still hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::digest::Digest;
use crate::layer::Kind;
use crate::tree::{NodeId, Tree};

use super::Subject;

/// Finds the topmost paths that the layers of `run`, kept as they are one above the other, show and the result does not.
///
/// Whatever lower layers show was seen to before; but a hard link of the run may need them, so all are merged.
pub(super) fn needed(subject: &Subject<'_>, run: &[usize]) -> BTreeSet<Vec<u8>> {
    let mut whiteouts = BTreeSet::new();
    let (Some(&bottom), Some(&top)) = (run.first(), run.last()) else {
        return whiteouts;
    };
    let layers: Vec<_> = subject.tree.layers()[..=top]
        .iter()
        .map(Arc::clone)
        .collect();
    let blobs = vec![Digest::of(b""); layers.len()];
    let Ok(kept) = Tree::merge(layers, &blobs) else {
        return whiteouts;
    };
    let mut stack = vec![(NodeId::ROOT, NodeId::ROOT)];
    while let Some((below, now)) = stack.pop() {
        for (name, child) in kept.children(below) {
            if !shows_layers_from(&kept, child, bottom) {
                continue;
            }
            let shown = subject
                .tree
                .child(now, name)
                .filter(|&shown| subject.stays(shown));
            match shown.map(|shown| (shown, hides(subject, &kept, child, shown))) {
                Some((_, Hides::All)) => {}
                Some((shown, Hides::Below)) => stack.push((child, shown)),
                Some((_, Hides::Nothing)) | None => {
                    whiteouts.insert(kept.path(child));
                }
            }
        }
    }
    whiteouts
}

/// What the result's path does to the kept layers' path of the same name.
enum Hides {
    /// It is the same, or replaces it.
    All,
    /// Both are directories: it depends on what they hold.
    Below,
    /// A directory that no entry describes would show the kept one's attributes, or not replace a file.
    Nothing,
}

fn hides(subject: &Subject<'_>, kept: &Tree, below: NodeId, shown: NodeId) -> Hides {
    let described = subject.tree.made_by(shown).is_some();
    match (kept.kind(below), subject.tree.kind(shown)) {
        (Kind::Dir, Kind::Dir) if described || kept.made_by(below).is_none() => Hides::Below,
        (_, Kind::Dir) if !described => Hides::Nothing,
        _ => Hides::All,
    }
}

/// Whether a path or one below it comes from the layer `bottom` or one above.
fn shows_layers_from(kept: &Tree, path: NodeId, bottom: usize) -> bool {
    let mut left = vec![path];
    while let Some(at) = left.pop() {
        let layer = kept.made_by(at).map_or(kept.since(at), |made| made.layer);
        if usize::from(layer) >= bottom {
            return true;
        }
        left.extend(kept.children(at).map(|(_, child)| child));
    }
    false
}
