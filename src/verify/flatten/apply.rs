//! Applies one layer to what the layers below it left.

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::layer::{Entries, Entry, Kind};
use crate::path;

use super::super::paths::{Place, Spelled};
use super::{Flat, IMPLIED, State};

/// Symbolic links followed on the way to one path, as Linux counts them.
const LINKS_MAX: usize = 40;

pub(super) type Applied<'a, T> = Result<T, (&'a Entry, &'static str)>;

/// A layer that is being applied.
pub(super) struct Layer<'f, 'a> {
    number: u16,
    entries: &'a Entries,
    flat: &'f mut Flat<'a>,
    /// The parent of the last entry, as spelled and as found: neighbours mostly have the same.
    last_dir: Option<(&'a [u8], Place)>,
    /// The paths that the layer itself writes.
    own: OnceCell<HashSet<&'a [u8]>>,
}

impl<'f, 'a> Layer<'f, 'a> {
    /// Of the layers that `flat` knows, the one of this number, base layer first.
    pub(super) fn new(number: u16, entries: &'a Entries, flat: &'f mut Flat<'a>) -> Self {
        Self {
            number,
            entries,
            flat,
            last_dir: None,
            own: OnceCell::new(),
        }
    }

    pub(super) fn apply(&mut self) -> Applied<'a, ()> {
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
