//! Which whiteouts the result needs: only those that hide what layers kept as they are still hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::digest::Digest;
use crate::layer::Kind;
use crate::tree::{NodeId, Tree};

use super::Subject;

/// Finds the topmost paths that the layers of `run`, kept as they are one above the other, show and the result does not.
pub(super) fn needed(subject: &Subject<'_>, run: &[usize]) -> BTreeSet<Vec<u8>> {
    let mut whiteouts = BTreeSet::new();
    if run.is_empty() {
        return whiteouts;
    }
    let layers = run
        .iter()
        .map(|&layer| Arc::clone(&subject.tree.layers()[layer]))
        .collect();
    let blobs: Vec<Digest> = run.iter().map(|_| Digest::of(b"")).collect();
    // A run that starts in the middle may link to a path of a lower layer, which alone cannot be merged; then all below it join in.
    let kept = Tree::merge(layers, &blobs).or_else(|_| {
        let to_top = run.last().map_or(0, |top| top + 1);
        let layers = subject.tree.layers()[..to_top]
            .iter()
            .map(Arc::clone)
            .collect();
        Tree::merge(layers, &vec![Digest::of(b""); to_top])
    });
    let Ok(kept) = kept else { return whiteouts };
    let mut stack = vec![(NodeId::ROOT, NodeId::ROOT)];
    while let Some((below, now)) = stack.pop() {
        for (name, child) in kept.children(below) {
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
