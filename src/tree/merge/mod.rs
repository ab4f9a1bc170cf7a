//! Applies layers to the tree, base layer first, by image-spec `layer.md` and what runtimes make of it.
//!
//! Markers act on lower layers only, wherever they stand in their tar; so each layer's markers come first.

mod follow;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::layer::{Entries, Entry, Kind};
use crate::path;

use super::{EntryRef, Event, Node, NodeId, State, Tree};
use follow::Walk;

impl Tree {
    /// Merges the layers of an image, base layer first; `blobs` are their digests, for messages.
    ///
    /// # Errors
    /// An entry that no runtime could apply: a hard link to a missing path or a directory, a loop of links.
    pub fn merge(layers: Vec<Arc<Entries>>, blobs: &[Digest]) -> Result<Self> {
        let root = Node {
            parent: NodeId::ROOT,
            name: Box::default(),
            children: BTreeMap::new(),
            state: State::Implied,
            since: 0,
        };
        let mut tree = Self {
            layers: Vec::new(),
            nodes: vec![root],
            events: Vec::new(),
            groups: HashMap::new(),
            leans: BTreeSet::new(),
            retargeted: HashMap::new(),
        };
        for (number, entries) in layers.iter().enumerate() {
            let layer = u16::try_from(number).map_err(|_| too_many(&blobs[number]))?;
            tree.layers.push(Arc::clone(entries));
            let mut applied = Layer {
                tree: &mut tree,
                entries,
                layer,
                last: None,
            };
            applied.run().map_err(|(entry, fault)| Error::Entry {
                blob: blobs[number].clone(),
                entry: path::display(entries.path(entry)),
                fault: fault.into(),
            })?;
        }
        tree.events.sort_by_key(|&(node, _)| node);
        tree.gather_groups();
        Ok(tree)
    }

    /// Enters the visible names of files that hard links name.
    fn gather_groups(&mut self) {
        let data = |node: &Node| match node.state {
            State::Made { entry, data } => Some((entry, data)),
            State::Gone | State::Implied => None,
        };
        let linked: HashSet<EntryRef> = self
            .nodes
            .iter()
            .filter_map(data)
            .filter(|(entry, data)| entry != data)
            .map(|(_, data)| data)
            .collect();
        for (index, node) in self.nodes.iter().enumerate() {
            if let Some((_, data)) = data(node).filter(|(_, data)| linked.contains(data)) {
                self.groups.entry(data).or_default().push(node_id(index));
            }
        }
        let nodes = &self.nodes;
        for names in self.groups.values_mut() {
            names.sort_by_key(|name| data(&nodes[name.index()]));
        }
    }
}

fn too_many(blob: &Digest) -> Error {
    Error::Blob {
        digest: blob.to_string(),
        fault: "the image has more layers than any runtime takes".into(),
    }
}

fn node_id(index: usize) -> NodeId {
    NodeId(u32::try_from(index).expect("entries are bounded below 4 Gi"))
}

type Applied<'e, T> = Result<T, (&'e Entry, &'static str)>;

/// One layer on its way into the tree.
struct Layer<'t, 'e> {
    tree: &'t mut Tree,
    entries: &'e Entries,
    layer: u16,
    /// The directory of the entry before, and its node where no link leads to it: what is written in it changes nothing on
    /// the way to it, and entries of one directory come one after the other.
    last: Option<(&'e [u8], NodeId)>,
}

impl<'e> Layer<'_, 'e> {
    fn run(&mut self) -> Applied<'e, ()> {
        if self.entries.list().iter().any(|entry| !is_new(entry.kind)) {
            self.markers()?;
        }
        for (entry, at) in self.numbered() {
            if is_new(entry.kind) {
                self.write(entry, at)?;
            }
        }
        Ok(())
    }

    fn markers(&mut self) -> Applied<'e, ()> {
        let own: HashSet<&[u8]> = self
            .entries
            .list()
            .iter()
            .filter(|entry| is_new(entry.kind))
            .map(|entry| self.entries.path(entry))
            .collect();
        for (entry, by) in self.numbered() {
            match entry.kind {
                Kind::Whiteout => self.whiteout(entry, by, &own)?,
                Kind::Opaque => self.opaque(entry, by, &own)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn numbered(&self) -> impl Iterator<Item = (&'e Entry, EntryRef)> + use<'e> {
        let layer = self.layer;
        self.entries
            .list()
            .iter()
            .zip(0..)
            .map(move |(entry, number)| {
                (
                    entry,
                    EntryRef {
                        layer,
                        entry: number,
                    },
                )
            })
    }

    fn whiteout(
        &mut self,
        entry: &'e Entry,
        by: EntryRef,
        own: &HashSet<&[u8]>,
    ) -> Applied<'e, ()> {
        let at = self.entries.path(entry);
        if let Some(dir) = self.lower(entry, path::parent(at), own)?
            && let Some(node) = self.tree.child(dir, path::name(at))
        {
            self.delete(node, by);
        }
        Ok(())
    }

    fn opaque(&mut self, entry: &'e Entry, by: EntryRef, own: &HashSet<&[u8]>) -> Applied<'e, ()> {
        if let Some(dir) = self.lower(entry, self.entries.path(entry), own)? {
            let children: Vec<NodeId> = self.tree.children(dir).map(|(_, child)| child).collect();
            for child in children {
                self.delete(child, by);
            }
        }
        Ok(())
    }

    /// Finds the directory of lower layers that a marker means; `None` where there is none.
    ///
    /// Where this layer itself writes a path that below is a symbolic link, the marker means the new directory,
    /// which holds nothing yet: the link's target must keep its files (stereoscope #694).
    fn lower(
        &mut self,
        entry: &'e Entry,
        dir: &[u8],
        own: &HashSet<&[u8]>,
    ) -> Applied<'e, Option<NodeId>> {
        let walk = self.walk(entry, dir, own)?;
        self.lean_on_links(walk.as_ref());
        Ok(walk
            .filter(|walk| walk.missing.is_empty())
            .map(|walk| walk.at))
    }

    /// Follows a path as far as its directories are there; `None` where a marker means a new directory.
    fn walk(
        &self,
        entry: &'e Entry,
        dir: &[u8],
        own: &HashSet<&[u8]>,
    ) -> Applied<'e, Option<Walk>> {
        let mut walk = Walk::new(dir);
        let mut literal = Vec::new();
        while let Some(name) = walk.next(self.tree) {
            let on_the_way = walk.hops == 0 && !own.is_empty();
            if on_the_way {
                literal = path::join(&literal, &name);
            }
            let there = walk.missing.is_empty();
            let child = self.tree.child(walk.at, &name).filter(|_| there);
            let target = child.and_then(|child| self.tree.symlink_target(child));
            match (child, target) {
                (_, Some(_)) if on_the_way && own.contains(&literal[..]) => return Ok(None),
                (Some(link), Some(target)) => {
                    walk.links.extend(self.tree.made_by(link));
                    walk.follow(target).map_err(|fault| (entry, fault))?;
                }
                (Some(child), None) if self.tree.kind(child) == Kind::Dir => walk.at = child,
                _ => walk.missing.push(name),
            }
        }
        Ok(Some(walk))
    }

    fn lean_on_links(&mut self, walk: Option<&Walk>) {
        for &link in walk.iter().flat_map(|walk| &walk.links) {
            self.lean(Some(link));
        }
    }

    /// Notes that this layer means what it means because of an entry.
    fn lean(&mut self, on: Option<EntryRef>) {
        if let Some(on) = on.filter(|on| on.layer != self.layer) {
            self.tree.leans.insert((self.layer, on.layer));
        }
    }

    fn write(&mut self, entry: &'e Entry, at: EntryRef) -> Applied<'e, ()> {
        let written = self.entries.path(entry);
        if written.is_empty() {
            self.set(
                NodeId::ROOT,
                State::Made {
                    entry: at,
                    data: at,
                },
            );
            self.tree.events.push((NodeId::ROOT, Event::Wrote(at)));
            return Ok(());
        }
        let dir = self.parents(entry, path::parent(written), at)?;
        let node = self.place(dir, path::name(written));
        let data = if entry.kind == Kind::HardLink {
            self.link_target(entry, node)?
        } else {
            at
        };
        let stays_a_dir = entry.kind == Kind::Dir
            && self.tree.is_visible(node)
            && self.tree.kind(node) == Kind::Dir;
        if !stays_a_dir {
            self.delete_below(node, at);
            self.tree.nodes[node.index()].since = self.layer;
        }
        self.set(node, State::Made { entry: at, data });
        self.tree.events.push((node, Event::Wrote(at)));
        Ok(())
    }

    /// Finds the entry that holds what a hard link at `link` names: it shares the inode as it is now.
    fn link_target(&mut self, entry: &'e Entry, link: NodeId) -> Applied<'e, EntryRef> {
        let target = self.entries.target(entry);
        let dir = self.lower(entry, path::parent(target), &HashSet::new())?;
        let node = dir
            .and_then(|dir| self.tree.child(dir, path::name(target)))
            .filter(|_| !target.is_empty());
        let node = node.ok_or((entry, "a hard link to a path that is not there"))?;
        let mut above = node;
        while above != NodeId::ROOT {
            if above == link {
                return Err((entry, "a hard link to what it replaces"));
            }
            above = self.tree.parent(above);
        }
        match self.tree.data(node) {
            Some(data) if self.tree.entry(data).kind != Kind::Dir => {
                self.lean(self.tree.made_by(node));
                self.lean(Some(data));
                Ok(data)
            }
            _ => Err((entry, "a hard link to a directory")),
        }
    }

    /// Finds or makes the directory that an entry lies in; links on the way are followed inside the root.
    fn parents(&mut self, entry: &'e Entry, dir: &'e [u8], at: EntryRef) -> Applied<'e, NodeId> {
        if let Some((_, node)) = self.last.filter(|(last, _)| *last == dir) {
            return Ok(node);
        }
        let walk = self.walk(entry, dir, &HashSet::new())?;
        self.lean_on_links(walk.as_ref());
        let walk = walk.expect("only a marker can mean a new directory");
        let (text, mut dir) = (dir, walk.at);
        let is_plain = walk.links.is_empty() && walk.hops == 0;
        for name in walk.missing {
            let child = self.place(dir, &name);
            // A file in the way gives way to the directory, as newer umoci does.
            self.delete(child, at);
            self.set(child, State::Implied);
            self.tree.nodes[child.index()].since = self.layer;
            self.tree
                .events
                .push((child, Event::Implied { layer: self.layer }));
            dir = child;
        }
        self.last = is_plain.then_some((text, dir));
        Ok(dir)
    }

    /// Finds the node of a name in a directory, or makes one that is not visible yet.
    fn place(&mut self, dir: NodeId, name: &[u8]) -> NodeId {
        if let Some(&node) = self.tree.nodes[dir.index()].children.get(name) {
            return node;
        }
        let node = node_id(self.tree.nodes.len());
        self.tree.nodes.push(Node {
            parent: dir,
            name: name.into(),
            children: BTreeMap::new(),
            state: State::Gone,
            since: self.layer,
        });
        self.tree.nodes[dir.index()]
            .children
            .insert(name.into(), node);
        node
    }

    fn set(&mut self, node: NodeId, state: State) {
        self.tree.nodes[node.index()].state = state;
    }

    /// Makes a path and all below it invisible.
    fn delete(&mut self, node: NodeId, by: EntryRef) {
        self.delete_below(node, by);
        if self.tree.is_visible(node) {
            self.set(node, State::Gone);
            self.tree.events.push((node, Event::Deleted { by }));
        }
    }

    fn delete_below(&mut self, node: NodeId, by: EntryRef) {
        let mut stack: Vec<NodeId> = self.tree.children(node).map(|(_, child)| child).collect();
        while let Some(node) = stack.pop() {
            stack.extend(self.tree.children(node).map(|(_, child)| child));
            self.set(node, State::Gone);
            self.tree.events.push((node, Event::Deleted { by }));
        }
    }
}

/// Whether the entry makes something, unlike a marker.
fn is_new(kind: Kind) -> bool {
    !matches!(kind, Kind::Whiteout | Kind::Opaque)
}
