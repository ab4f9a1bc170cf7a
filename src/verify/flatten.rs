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

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::layer::{Entries, Entry, Kind};
use crate::path;

use super::paths::{Paths, Place, Spelled};

/// Symbolic links followed on the way to one path, as Linux counts them.
const LINKS_MAX: usize = 40;

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
        let mut layer = Layer {
            number: u16::try_from(number).expect("checked by Flat::new"),
            entries,
            flat: &mut flat,
            last_dir: None,
            own: OnceCell::new(),
        };
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

type Applied<'a, T> = Result<T, (&'a Entry, &'static str)>;

/// A layer that is being applied.
struct Layer<'f, 'a> {
    number: u16,
    entries: &'a Entries,
    flat: &'f mut Flat<'a>,
    /// The parent of the last entry, as spelled and as found: neighbours mostly have the same.
    last_dir: Option<(&'a [u8], Place)>,
    /// The paths that the layer itself writes.
    own: OnceCell<HashSet<&'a [u8]>>,
}

impl<'a> Layer<'_, 'a> {
    fn apply(&mut self) -> Applied<'a, ()> {
        let entries = self.entries;
        let numbered = || entries.list().iter().enumerate();
        for (place, entry) in numbered().filter(|(_, entry)| is_marker(entry)) {
            self.flat.now += 1;
            self.mark(place, entry).map_err(|fault| (entry, fault))?;
        }
        for (place, entry) in numbered().filter(|(_, entry)| !is_marker(entry)) {
            self.flat.now += 1;
            self.write(place, entry).map_err(|fault| (entry, fault))?;
        }
        Ok(())
    }

    fn mark(&mut self, place: usize, entry: &'a Entry) -> Result<(), &'static str> {
        let marked = self.entries.path(entry);
        if entry.kind == Kind::Opaque {
            if let Some(dir) = self.resolve(marked, true)?.and_then(|dir| dir.number) {
                self.flat.states[dir as usize].emptied = self.flat.now;
            }
            return Ok(());
        }
        let dir = self.resolve(path::parent(marked), true)?;
        match dir.and_then(|dir| self.flat.child(&dir, path::name(marked))) {
            Some(number) => self.flat.states[number as usize] = State::NOTHING,
            None => self
                .flat
                .idle_whiteouts
                .push((usize::from(self.number), place)),
        }
        Ok(())
    }

    fn write(&mut self, place: usize, entry: &'a Entry) -> Result<(), &'static str> {
        let written = self.entries.path(entry);
        let own = self.flat.firsts[usize::from(self.number)]
            + u32::try_from(place).expect("checked by Flat::new");
        if written.is_empty() {
            let root = &mut self.flat.states[0];
            (root.entry, root.inode) = (own, own);
            return Ok(());
        }
        let dir = self.parent(entry)?;
        let above = dir.number.expect("the parent was found or made");
        let spelled = self.spelled(&dir, entry);
        let number = self.flat.add_child(&dir, path::name(written), spelled)?;
        let inode = match entry.kind {
            Kind::HardLink => self.linked(entry, number)?,
            _ => own,
        };
        self.last_dir = Some((path::parent(written), dir));
        let was_there = self.flat.is_there(number, above);
        if was_there && entry.kind == Kind::Dir && self.flat.kind(number) == Kind::Dir {
            let state = &mut self.flat.states[number as usize];
            (state.entry, state.inode) = (own, own);
        } else {
            if was_there {
                self.last_dir = None;
            }
            let now = self.flat.now;
            self.flat.states[number as usize] = State {
                entry: own,
                inode,
                made: now,
                emptied: now,
            };
        }
        Ok(())
    }

    /// Finds the inode that a hard link at `number` shares.
    fn linked(&self, entry: &'a Entry, number: u32) -> Result<u32, &'static str> {
        let target = self.entries.target(entry);
        let dir = self.resolve(path::parent(target), false)?;
        let named = dir.and_then(|dir| self.flat.child(&dir, path::name(target)));
        let named = named.ok_or("a hard link to a path that is not there")?;
        if self.flat.kind(named) == Kind::Dir {
            return Err("a hard link to a directory");
        }
        if path::is_under(self.flat.path(named), self.flat.path(number)) {
            return Err("a hard link to what it replaces");
        }
        Ok(self.flat.states[named as usize].inode)
    }

    /// Who spells what is written into `dir`: the entry, unless a symbolic link led there.
    fn spelled(&self, dir: &Place, entry: &'a Entry) -> Spelled<'a> {
        if dir.path == path::parent(self.entries.path(entry)) {
            Spelled::By(self.number, entry)
        } else {
            Spelled::ByNone
        }
    }

    /// Finds or makes the directory that an entry lies in.
    fn parent(&mut self, entry: &'a Entry) -> Result<Place, &'static str> {
        let spelled = path::parent(self.entries.path(entry));
        match self.last_dir.take() {
            Some((last, dir)) if last == spelled => return Ok(dir),
            _ => {}
        }
        let dir = self
            .resolve(spelled, false)?
            .expect("only markers mean no directory");
        if dir.number.is_some() {
            return Ok(dir);
        }
        let mut at = self.flat.paths.root();
        for name in path::components(&dir.path) {
            let spelled = self.spelled(&dir, entry);
            let above = at.number.expect("the parent was found or made");
            let number = self.flat.add_child(&at, name, spelled)?;
            if !(self.flat.is_there(number, above) && self.flat.kind(number) == Kind::Dir) {
                let now = self.flat.now;
                self.flat.states[number as usize] = State {
                    entry: IMPLIED,
                    inode: IMPLIED,
                    made: now,
                    emptied: now,
                };
            }
            at.descend(name, Some(number));
        }
        Ok(at)
    }

    /// Follows a path and the symbolic links in it to a directory, which need not be there.
    ///
    /// `None` when a marker's path has a link in it that its own layer replaces.
    fn resolve(&self, spelled: &'a [u8], is_markers: bool) -> Result<Option<Place>, &'static str> {
        let mut left: Vec<&'a [u8]> = path::components(spelled).rev().collect();
        let mut at = self.flat.paths.root();
        let mut links = 0;
        while let Some(name) = left.pop() {
            match name {
                b"." => continue,
                b".." => {
                    at = self.literal(path::parent(&at.path));
                    continue;
                }
                _ => {}
            }
            let child = self.flat.child(&at, name);
            let Some(target) = child.and_then(|child| self.flat.link(child)) else {
                let dir = child.filter(|&child| self.flat.kind(child) == Kind::Dir);
                at.descend(name, dir);
                continue;
            };
            if is_markers && links == 0 && self.writes(&path::join(&at.path, name)) {
                return Ok(None);
            }
            links += 1;
            if links > LINKS_MAX {
                return Err("a loop of symbolic links on the way to it");
            }
            if target.starts_with(b"/") {
                at = self.flat.paths.root();
            }
            left.extend(path::components(target).rev());
        }
        Ok(Some(at))
    }

    /// Goes to a path in which no component is a link.
    fn literal(&self, to: &[u8]) -> Place {
        let mut at = self.flat.paths.root();
        for name in path::components(to) {
            let child = self.flat.child(&at, name);
            at.descend(
                name,
                child.filter(|&child| self.flat.kind(child) == Kind::Dir),
            );
        }
        at
    }

    fn writes(&self, path: &[u8]) -> bool {
        let own = self.own.get_or_init(|| {
            let made = self.entries.list().iter().filter(|entry| !is_marker(entry));
            made.map(|entry| self.entries.path(entry)).collect()
        });
        own.contains(path)
    }
}

fn is_marker(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::Whiteout | Kind::Opaque)
}
