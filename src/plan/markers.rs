//! Which whiteouts the result needs: only those that hide what layers kept as they are still hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::digest::Digest;
use crate::layer::{Entries, Indexer, Kind, whiteout};
use crate::tree::{Event, NodeId, Tree};

use super::Subject;

/// The topmost paths that layers kept as they are show and the result does not.
#[derive(Debug)]
pub(super) struct Hidden {
    /// Layers that are kept, with their numbers, and between them whiteouts that were asked for.
    below: Vec<(usize, Arc<Entries>)>,
    paths: Vec<HiddenPath>,
    is_stale: bool,
    /// The topmost layer that is not kept as it is.
    last: usize,
}

#[derive(Debug)]
struct HiddenPath {
    path: Vec<u8>,
    /// The layer of the source that hides it; `None` where only the decisions do.
    by: Option<usize>,
}

impl Hidden {
    /// Starts below all layers; `last` is the topmost one that is not kept as it is.
    pub(super) fn new(last: usize) -> Self {
        Self {
            below: Vec::new(),
            paths: Vec::new(),
            is_stale: false,
            last,
        }
    }

    /// Adds a layer that is kept as it is, above those before.
    pub(super) fn keep(&mut self, subject: &Subject<'_>, layer: usize) {
        let entries = Arc::clone(&subject.tree.layers()[layer]);
        self.below.push((layer, entries));
        self.is_stale = true;
    }

    /// Returns the paths that the layers in `by`, which lie above those added, are to hide: a whiteout stands where the
    /// source hid the path, because layers in between may need it, and a layer that is kept hides by itself.
    pub(super) fn by(&mut self, subject: &Subject<'_>, by: &[usize]) -> BTreeSet<Vec<u8>> {
        if std::mem::take(&mut self.is_stale) {
            self.paths = hidden(subject, &self.below);
        }
        let is_theirs = |hidden: &&HiddenPath| by.contains(&hidden.by.unwrap_or(self.last));
        let paths = self.paths.iter().filter(is_theirs);
        let whiteouts: BTreeSet<Vec<u8>> = paths.map(|hidden| hidden.path.clone()).collect();
        if let (false, Some(&layer)) = (whiteouts.is_empty(), by.first()) {
            self.below.push((layer, Arc::new(layer_of(&whiteouts))));
        }
        whiteouts
    }
}

/// The entries of a layer that holds these whiteouts and nothing else.
fn layer_of(whiteouts: &BTreeSet<Vec<u8>>) -> Entries {
    let mut indexer = Indexer::new(Digest::of(b""));
    let fed = whiteouts
        .iter()
        .try_for_each(|path| indexer.feed(&whiteout(path)));
    let finished = fed.and_then(|()| indexer.finish());
    finished.expect("whiteouts of clean paths are entries").0
}

fn hidden(subject: &Subject<'_>, layers: &[(usize, Arc<Entries>)]) -> Vec<HiddenPath> {
    let mut hidden = Vec::new();
    let entries = layers.iter().map(|(_, entries)| Arc::clone(entries));
    let blobs = vec![Digest::of(b""); layers.len()];
    let Ok(kept) = Tree::merge(entries.collect(), &blobs) else {
        return hidden;
    };
    let mut stack = vec![(NodeId::ROOT, NodeId::ROOT)];
    while let Some((below, now)) = stack.pop() {
        for (name, child) in kept.children(below) {
            let shown = subject
                .tree
                .child(now, name)
                .filter(|&shown| subject.stays(shown));
            let is_same = |shown: NodeId| {
                let at = kept.made_by(child);
                let at = at.map(|at| (layers[usize::from(at.layer)].0, at.entry));
                let now = subject.tree.made_by(shown);
                at.is_some() && at == now.map(|now| (usize::from(now.layer), now.entry))
            };
            match shown.map(|shown| (shown, hides(subject, &kept, child, shown))) {
                Some((shown, Hides::Nothing)) if is_same(shown) => {}
                Some((_, Hides::All)) => {}
                Some((shown, Hides::Below)) => stack.push((child, shown)),
                Some((_, Hides::Nothing)) | None => {
                    let path = kept.path(child);
                    let made = kept
                        .made_by(child)
                        .map_or(kept.since(child), |made| made.layer);
                    let (made, _) = layers[usize::from(made)];
                    let is_dir = kept.kind(child) == Kind::Dir;
                    let by = hider(subject, &path, made, is_dir);
                    hidden.push(HiddenPath { path, by });
                }
            }
        }
    }
    hidden
}

/// The layer above `made` that hides what `made` put at a path.
fn hider(subject: &Subject<'_>, path: &[u8], made: usize, is_dir: bool) -> Option<usize> {
    let mut described_again = None;
    for event in subject.tree.life(subject.tree.find_any(path)?) {
        let (layer, hides) = match event {
            Event::Deleted { by } => (by.layer, true),
            Event::Implied { layer } => (layer, true),
            Event::Wrote(at) => (
                at.layer,
                !(is_dir && subject.tree.entry(at).kind == Kind::Dir),
            ),
        };
        let layer = usize::from(layer);
        if layer > made && hides {
            return Some(layer);
        }
        if layer > made {
            described_again = Some(layer);
        }
    }
    described_again
}

/// What the result's path does to the kept layers' path of the same name.
enum Hides {
    /// It is the same, or replaces it.
    All,
    /// Both are directories: it depends on what they hold.
    Below,
    /// A directory that no entry describes would show the kept one's attributes, or not replace a file. And what is in a
    /// described one may stand before it: a file is no parent, and a symbolic link would lead elsewhere.
    Nothing,
}

fn hides(subject: &Subject<'_>, kept: &Tree, below: NodeId, shown: NodeId) -> Hides {
    let described = subject.tree.made_by(shown).is_some();
    let holds_something = || {
        let mut children = subject.tree.children(shown);
        children.any(|(_, child)| subject.stays(child))
    };
    match (kept.kind(below), subject.tree.kind(shown)) {
        (Kind::Dir, Kind::Dir) if described || kept.made_by(below).is_none() => Hides::Below,
        (_, Kind::Dir) if !described => Hides::Nothing,
        (below, Kind::Dir) if below != Kind::Dir && holds_something() => Hides::Nothing,
        _ => Hides::All,
    }
}
