//! The second flattener: from entry lists alone to the file system that a container sees, by image-spec `layer.md`.
//!
//! It shares nothing with the merged tree that plans are made of. There are no nodes and nothing is ever deleted: a table
//! of full paths holds for each when it was made and, for a directory, when it was last emptied. A path is there when
//! it was made and its parent, itself there, has not been emptied since. So each entry costs the same, however much it hides.
//!
//! The choices where runtimes differ:
//! - markers act on lower layers only, wherever they stand (image-spec; umoci);
//! - symbolic links among the parents of a path are followed inside the root (umoci, containerd); what lies behind a
//!   missing component is taken as written. But a marker under a path that its own layer writes over a lower layer's
//!   link means the new directory, in which nothing is hidden yet (stereoscope #694);
//! - a file in the place of a parent gives way to a directory (umoci since 0.5);
//! - a hard link is another name of the inode that its target is at that moment; its own header says nothing (umoci);
//! - a directory that no entry describes is there, without attributes that could be compared.

mod apply;

use crate::layer::{Entries, Entry, Kind};
use crate::path;

use super::paths::{Paths, Place, Spelled};
use apply::Layer;

/// What a container sees.
#[derive(Debug)]
pub struct Flat<'a> {
    layers: Vec<&'a Entries>,
    /// The number of each layer's first entry when all entries are counted through.
    firsts: Vec<u32>,
    paths: Paths<'a>,
    /// By the path's number.
    states: Vec<State>,
    visible: usize,
    /// Whiteouts that deleted nothing: layer and place in it.
    pub idle_whiteouts: Vec<(usize, usize)>,
    now: u32,
}

/// What is at a path. Entries are counted through all layers; times are counts of entries applied.
#[derive(Clone, Copy, Debug)]
struct State {
    /// The entry that made the name, or `GONE`, or `IMPLIED`.
    entry: u32,
    /// The entry that made the file: another only for a hard link.
    inode: u32,
    made: u32,
    /// Of a directory: what was made in it before is gone.
    emptied: u32,
}

/// Deleted, or never there.
const GONE: u32 = u32::MAX;
/// A directory that no entry describes.
const IMPLIED: u32 = u32::MAX - 1;

impl State {
    const NOTHING: Self = Self {
        entry: GONE,
        inode: GONE,
        made: 0,
        emptied: 0,
    };
}

/// An entry that cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The layer, base layer first.
    pub layer: usize,
    /// The entry's path.
    pub path: Vec<u8>,
    /// What is wrong with it.
    pub fault: &'static str,
}

/// The entry that holds what a path shows: attributes, and where its bytes are stored.
#[derive(Clone, Copy, Debug)]
pub struct Inode<'a> {
    /// The same for all names of one file, different for different files.
    pub id: u32,
    /// The layer, base layer first.
    pub layer: usize,
    /// The place in the layer's list.
    pub place: usize,
    /// The layer's entries.
    pub entries: &'a Entries,
    /// The record.
    pub entry: &'a Entry,
}

/// Flattens layers, base layer first.
///
/// # Errors
/// An entry that no runtime could apply: a hard link to a missing path or a directory, a loop of links.
pub fn flatten<'a>(layers: &[&'a Entries]) -> Result<Flat<'a>, Fault> {
    let mut flat = Flat::new(layers)?;
    for (number, entries) in layers.iter().enumerate() {
        let counted = u16::try_from(number).expect("checked by Flat::new");
        let mut layer = Layer::new(counted, entries, &mut flat);
        layer.apply().map_err(|(entry, fault)| Fault {
            layer: number,
            path: entries.path(entry).to_vec(),
            fault,
        })?;
    }
    flat.settle();
    Ok(flat)
}

impl<'a> Flat<'a> {
    fn new(layers: &[&'a Entries]) -> Result<Self, Fault> {
        let too_many = |layer| Fault {
            layer,
            path: Vec::new(),
            fault: "the image has more layers or entries than any runtime takes",
        };
        let mut firsts = Vec::with_capacity(layers.len());
        let mut count = 0_usize;
        for (number, entries) in layers.iter().enumerate() {
            let first = u32::try_from(count).ok();
            firsts.push(
                first
                    .filter(|_| number < usize::from(u16::MAX))
                    .ok_or_else(|| too_many(number))?,
            );
            count += entries.list().len();
        }
        if count >= IMPLIED as usize {
            return Err(too_many(layers.len() - 1));
        }
        let paths = Paths::new(layers.to_vec());
        let mut states = Vec::with_capacity(count + count / 16 + 1);
        states.push(State {
            entry: IMPLIED,
            ..State::NOTHING
        });
        Ok(Self {
            layers: layers.to_vec(),
            firsts,
            paths,
            states,
            visible: 0,
            idle_whiteouts: Vec::new(),
            now: 0,
        })
    }

    /// The number of paths that are there, the root among them.
    pub fn len(&self) -> usize {
        self.visible
    }

    /// Whether nothing is there; never so, as the root always is.
    pub fn is_empty(&self) -> bool {
        self.visible == 0
    }

    /// The numbers of the paths that are there, the root's first and every directory's before those in it.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        (0..)
            .zip(&self.states)
            .filter(|(_, state)| state.entry != GONE)
            .map(|(number, _)| number)
    }

    /// One more than the largest number.
    pub fn bound(&self) -> usize {
        self.states.len()
    }

    /// The number of entries in all layers: more than any [`Inode::id`].
    pub fn entries(&self) -> usize {
        self.layers.iter().map(|entries| entries.list().len()).sum()
    }

    /// The path of this number.
    pub fn path(&self, number: u32) -> &[u8] {
        self.paths.path(number)
    }

    /// The number of a path that is there.
    pub fn find(&self, path: &[u8]) -> Option<u32> {
        self.paths
            .find(path)
            .filter(|&number| self.states[number as usize].entry != GONE)
    }

    /// What holds attributes and bytes; `None` for a directory that no entry describes.
    pub fn inode(&self, number: u32) -> Option<Inode<'a>> {
        let id = self.states[number as usize].inode;
        if id >= IMPLIED {
            return None;
        }
        let (layer, place) = self.entry_place(id);
        let entries = self.layers[layer];
        Some(Inode {
            id,
            layer,
            place,
            entries,
            entry: &entries.list()[place],
        })
    }

    /// The type of what is there; never a hard link.
    pub fn kind(&self, number: u32) -> Kind {
        self.inode(number)
            .map_or(Kind::Dir, |inode| inode.entry.kind)
    }

    fn entry_place(&self, counted: u32) -> (usize, usize) {
        let layer = self.firsts.partition_point(|&first| first <= counted) - 1;
        (layer, (counted - self.firsts[layer]) as usize)
    }

    /// Whether `number` is there, given that the directory `dir` is.
    fn is_there(&self, number: u32, dir: u32) -> bool {
        let state = self.states[number as usize];
        state.entry != GONE && state.made >= self.states[dir as usize].emptied
    }

    /// The name's number when something is there.
    fn child(&self, dir: &Place, name: &[u8]) -> Option<u32> {
        let above = dir.number?;
        self.paths
            .child(dir, name)
            .filter(|&number| self.is_there(number, above))
    }

    fn add_child(
        &mut self,
        dir: &Place,
        name: &[u8],
        spelled: Spelled<'_>,
    ) -> Result<u32, &'static str> {
        let number = self.paths.add_child(dir, name, spelled)?;
        self.states.resize(self.paths.len(), State::NOTHING);
        Ok(number)
    }

    /// The target of a symbolic link that is there.
    fn link(&self, number: u32) -> Option<&'a [u8]> {
        let inode = self.inode(number)?;
        (inode.entry.kind == Kind::Symlink).then(|| inode.entries.target(inode.entry))
    }

    /// Marks all that is not there, so that no parent need be asked again.
    fn settle(&mut self) {
        // A path is numbered after its parent, so the parent is settled before it.
        let mut dir = 0;
        for number in 1..self.states.len() {
            let counted = u32::try_from(number).expect("entries are bounded below 4 Gi");
            let parent = path::parent(self.paths.path(counted));
            if parent != self.paths.path(dir) {
                dir = self
                    .paths
                    .find(parent)
                    .expect("a parent is entered before its children");
            }
            let above = self.states[dir as usize].entry != GONE;
            if !(above && self.is_there(counted, dir)) {
                self.states[number] = State::NOTHING;
            }
        }
        self.visible = self.numbers().count();
    }
}
