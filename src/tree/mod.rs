//! The merged file system: what a container sees, and who wrote, hid or deleted each path.
//!
//! Nodes are paths; a node that a later layer deleted stays, so that its life can be told, but no accessor for the
//! visible tree returns it. Hard links are several nodes with one data entry. Nothing here reads content.

mod find;
mod merge;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::layer::{Entries, Entry, Kind};
use crate::path;

/// A path of the tree, visible or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// The image's root directory.
    pub const ROOT: Self = Self(0);

    /// A number below [`Tree::len`], for tables with a place per node.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Names an entry of the image: layer (base layer is 0) and place in its [`Entries`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryRef {
    /// The layer, base layer first.
    pub layer: u16,
    /// The place in the layer's list.
    pub entry: u32,
}

/// What happened to a path in a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An entry made it, or replaced what was there.
    Wrote(EntryRef),
    /// It became a directory because an entry lies under it.
    Implied {
        /// The layer of that entry.
        layer: u16,
    },
    /// A whiteout, an opaque marker above it, or a non-directory in place of one of its parents deleted it.
    Deleted {
        /// The entry that did it.
        by: EntryRef,
    },
}

#[derive(Clone, Debug)]
struct Node {
    parent: NodeId,
    name: Box<[u8]>,
    /// All that ever were there, deleted ones too.
    children: BTreeMap<Box<[u8]>, NodeId>,
    state: State,
    /// The first layer of the present directory: what lower layers wrote there was another one, deleted since.
    since: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Deleted, or never there.
    Gone,
    /// A directory that no entry describes.
    Implied,
    /// Made by `entry`; the bytes and attributes are those of `data`, another entry only for a hard link.
    Made { entry: EntryRef, data: EntryRef },
}

/// The merged file system of an image.
#[derive(Debug)]
pub struct Tree {
    layers: Vec<Arc<Entries>>,
    nodes: Vec<Node>,
    /// In the order in which they happened, by node.
    events: Vec<(NodeId, Event)>,
    /// The visible names of each file that has several, in the order in which they were made.
    groups: HashMap<EntryRef, Vec<NodeId>>,
    /// Upper and lower layer.
    leans: BTreeSet<(u16, u16)>,
    /// Symbolic links that lead elsewhere than their entries say.
    retargeted: HashMap<NodeId, Vec<u8>>,
}

impl Tree {
    /// The same tree without what `is_gone`, and with other targets for some symbolic links; nodes keep their numbers.
    ///
    /// What lies under a directory that is gone is gone too. The life of a path is not told by such a tree.
    pub fn pruned(
        &self,
        is_gone: &dyn Fn(NodeId) -> bool,
        retargeted: HashMap<NodeId, Vec<u8>>,
    ) -> Self {
        let mut nodes = self.nodes.clone();
        let mut stack: Vec<(NodeId, bool)> = vec![(NodeId::ROOT, false)];
        while let Some((node, above)) = stack.pop() {
            let gone = above || (node != NodeId::ROOT && is_gone(node));
            if gone {
                nodes[node.index()].state = State::Gone;
            }
            stack.extend(self.children(node).map(|(_, child)| (child, gone)));
        }
        let groups = self.groups.iter().map(|(&data, names)| {
            let left = |node: &&NodeId| nodes[node.index()].state != State::Gone;
            (data, names.iter().filter(left).copied().collect())
        });
        Self {
            layers: self.layers.clone(),
            groups: groups.collect(),
            nodes,
            events: Vec::new(),
            leans: BTreeSet::new(),
            retargeted,
        }
    }

    /// The number of nodes, visible or not.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none; never so, as the root is always there.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The layers' entries, base layer first.
    pub fn layers(&self) -> &[Arc<Entries>] {
        &self.layers
    }

    /// The record of an entry.
    pub fn entry(&self, at: EntryRef) -> &Entry {
        &self.layers[usize::from(at.layer)].list()[at.entry as usize]
    }

    /// Whether a container sees the path.
    pub fn is_visible(&self, node: NodeId) -> bool {
        self.nodes[node.index()].state != State::Gone
    }

    /// The directory that holds `node`; the root for the root.
    pub fn parent(&self, node: NodeId) -> NodeId {
        self.nodes[node.index()].parent
    }

    /// The last component of the path.
    pub fn name(&self, node: NodeId) -> &[u8] {
        &self.nodes[node.index()].name
    }

    /// Whether `path` is the node's, without building it.
    pub fn is_at(&self, node: NodeId, path: &[u8]) -> bool {
        let mut at = node;
        for name in path::components(path).rev() {
            if at == NodeId::ROOT || self.name(at) != name {
                return false;
            }
            at = self.parent(at);
        }
        at == NodeId::ROOT
    }

    /// The path from the root.
    pub fn path(&self, node: NodeId) -> Vec<u8> {
        let (mut at, mut length) = (node, 0);
        while at != NodeId::ROOT {
            length += self.name(at).len() + usize::from(length > 0);
            at = self.parent(at);
        }
        let mut path = vec![b'/'; length];
        let (mut at, mut end) = (node, length);
        while at != NodeId::ROOT {
            let name = self.name(at);
            path[end - name.len()..end].copy_from_slice(name);
            end = (end - name.len()).saturating_sub(1);
            at = self.parent(at);
        }
        path
    }

    /// What a container sees there; [`Kind::HardLink`] never, as a link is the file it names.
    ///
    /// # Panics
    /// For a node that is not visible.
    pub fn kind(&self, node: NodeId) -> Kind {
        match self.nodes[node.index()].state {
            State::Made { data, .. } => self.entry(data).kind,
            State::Implied => Kind::Dir,
            State::Gone => panic!("only visible paths have a kind"),
        }
    }

    /// The entry that made this name: for a hard link its own header. `None` for a directory that no entry describes.
    pub fn made_by(&self, node: NodeId) -> Option<EntryRef> {
        match self.nodes[node.index()].state {
            State::Made { entry, .. } => Some(entry),
            State::Implied | State::Gone => None,
        }
    }

    /// The entry that holds bytes and attributes.
    pub fn data(&self, node: NodeId) -> Option<EntryRef> {
        match self.nodes[node.index()].state {
            State::Made { data, .. } => Some(data),
            State::Implied | State::Gone => None,
        }
    }

    /// The record that holds size, mode, owner and times.
    pub fn attributes(&self, node: NodeId) -> Option<&Entry> {
        self.data(node).map(|at| self.entry(at))
    }

    /// Whether it is a regular file that somebody may run.
    pub fn is_executable(&self, node: NodeId) -> bool {
        let entry = self.attributes(node);
        entry.is_some_and(|entry| entry.kind == Kind::File && entry.mode & 0o111 != 0)
    }

    /// The file's size in bytes; 0 for all that is no regular file.
    pub fn size(&self, node: NodeId) -> u64 {
        self.attributes(node)
            .filter(|entry| entry.kind == Kind::File)
            .map_or(0, |entry| entry.size)
    }

    /// A symbolic link's target as written.
    pub fn symlink_target(&self, node: NodeId) -> Option<&[u8]> {
        let at = self.data(node)?;
        let entry = self.entry(at);
        let written = || self.layers[usize::from(at.layer)].target(entry);
        let target = || match self.retargeted.get(&node) {
            Some(target) => &target[..],
            None => written(),
        };
        (entry.kind == Kind::Symlink).then(target)
    }

    /// All visible names of the file, `node` among them, in the order in which they were made.
    pub fn names(&self, node: NodeId) -> Vec<NodeId> {
        self.data(node)
            .and_then(|data| self.groups.get(&data))
            .cloned()
            .unwrap_or_else(|| vec![node])
    }

    /// The first layer of the directory that is visible at `node`: lower layers' entries there made another, deleted one.
    pub fn since(&self, node: NodeId) -> u16 {
        self.nodes[node.index()].since
    }

    /// The lower layers without which the entries of `layer` would mean something else: they hold symbolic links on the
    /// way to its paths, or what its hard links name.
    pub fn leans_on(&self, layer: usize) -> impl Iterator<Item = usize> {
        let of = move |&&(upper, _): &&(u16, u16)| usize::from(upper) == layer;
        let pairs = self.leans.iter().filter(of);
        pairs.map(|&(_, lower)| usize::from(lower))
    }

    /// What happened to each path, by node and then in order.
    pub fn events(&self) -> &[(NodeId, Event)] {
        &self.events
    }

    /// What happened to one path, first to last.
    pub fn life(&self, node: NodeId) -> impl Iterator<Item = Event> {
        let from = self.events.partition_point(|(at, _)| *at < node);
        self.events[from..]
            .iter()
            .take_while(move |(at, _)| *at == node)
            .map(|&(_, event)| event)
    }
}
