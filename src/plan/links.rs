//! Hard links: a group of names is one file, and somewhere one name must come with the bytes.

use std::collections::{HashMap, HashSet};

use crate::layer::Kind;
use crate::rules::Edit;
use crate::tree::{EntryRef, NodeId};

use super::{Content, Piece, Remade, Subject, push_as_it_is};

/// The names of linked files that the output layers so far hold.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// By data entry: a name that a later link may name.
    first: HashMap<EntryRef, NodeId>,
    names: HashSet<NodeId>,
}

impl Links {
    /// Notes the names in a layer that stays as it is.
    pub(super) fn pass(&mut self, subject: &Subject<'_>, layer: usize) {
        for at in subject.entries(layer) {
            if let Some(node) = subject
                .node(at)
                .filter(|&node| subject.stays(node) && subject.tree.made_by(node) == Some(at))
            {
                self.note(subject, node);
            }
        }
    }

    /// Adds the entry at `at`, which made `node`, and sees that its bytes are in reach.
    pub(super) fn push(
        &mut self,
        subject: &Subject<'_>,
        pieces: &mut Vec<Piece>,
        at: EntryRef,
        node: NodeId,
    ) {
        let tree = subject.tree;
        let data = tree.data(node).unwrap_or(at);
        if data == at {
            self.push_own(subject, pieces, at, node);
        } else if let Some(&first) = self.first.get(&data) {
            let layer = &tree.layers()[usize::from(at.layer)];
            let named = tree.find(layer.target(tree.entry(at)));
            if named
                .is_some_and(|named| self.names.contains(&named) && tree.data(named) == Some(data))
            {
                push_as_it_is(subject, pieces, at, node);
            } else {
                let target = Some(tree.path(first));
                pieces.push(Piece::Remade(Box::new(Remade {
                    from: at,
                    path: subject.respelled(at, node),
                    target,
                    content: Content::Stored,
                    mtime: subject.time(node),
                })));
            }
        } else {
            let content = subject.new_content(data).unwrap_or(Content::Stored);
            pieces.push(Piece::Remade(Box::new(Remade {
                from: data,
                path: Some(tree.path(node)),
                target: None,
                content,
                mtime: subject.time(node),
            })));
        }
        self.note(subject, node);
    }

    /// Adds an entry that holds its own bytes, old or new.
    fn push_own(
        &mut self,
        subject: &Subject<'_>,
        pieces: &mut Vec<Piece>,
        at: EntryRef,
        node: NodeId,
    ) {
        let remade = match subject.decisions.edited(node) {
            Some((_, Edit::Target(target))) => Some((Some(target.clone()), Content::Stored)),
            _ => subject.new_content(at).map(|content| (None, content)),
        };
        match remade {
            Some((target, content)) => pieces.push(Piece::Remade(Box::new(Remade {
                from: at,
                path: subject.respelled(at, node),
                target,
                content,
                mtime: subject.time(node),
            }))),
            None => push_as_it_is(subject, pieces, at, node),
        }
    }

    fn note(&mut self, subject: &Subject<'_>, node: NodeId) {
        let Some(data) = subject.tree.data(node) else {
            return;
        };
        if subject.tree.entry(data).kind != Kind::Dir {
            self.first.entry(data).or_insert(node);
            self.names.insert(node);
        }
    }
}
