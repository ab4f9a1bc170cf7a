//! A table of full paths, each once, numbered in the order in which they came.
//!
//! A path is a place in some layer's names, so it costs 8 bytes, and 16 more in the table that finds it. The table knows
//! nothing of directories: a path and its parent are two texts.

use std::hash::{BuildHasher as _, DefaultHasher, Hasher as _, RandomState};

use crate::layer::{Entries, Entry};
use crate::path;

/// The longest path that Linux takes.
const PATH_MAX: usize = 4095;
/// Paths that only symbolic links lead to are stored; real images have hardly any.
const COMPOSED_MAX: usize = 256 << 20;

/// The paths that an image's entries name.
#[derive(Debug)]
pub(super) struct Paths<'a> {
    layers: Vec<&'a Entries>,
    texts: Vec<Text>,
    /// Paths that no layer spells, because a symbolic link led to them.
    composed: Vec<u8>,
    slots: Vec<Slot>,
    seed: RandomState,
}

/// A place in a layer's names, or in `composed`.
#[derive(Clone, Copy, Debug)]
struct Text {
    at: u32,
    layer: u16,
    len: u16,
}

/// The layer number that stands for `composed`.
const COMPOSED: u16 = u16::MAX;

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    number: u32,
}

const FREE: u32 = u32::MAX;

/// Who spells a path that is to be added.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spelled<'a> {
    /// This entry of this layer: its path starts with it.
    By(u16, &'a Entry),
    /// Nobody: a symbolic link led to it.
    ByNone,
}

/// A directory's path, to go on from.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The path, without symbolic links.
    pub(super) path: Vec<u8>,
    /// Its number; `None` when no directory is there.
    pub(super) number: Option<u32>,
    /// Has taken the path and a slash.
    hasher: DefaultHasher,
}

impl Place {
    /// Goes on to a name below, which has this number if a directory is there.
    pub(super) fn descend(&mut self, name: &[u8], number: Option<u32>) {
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name);
        self.hasher.write(name);
        self.hasher.write(b"/");
        self.number = number;
    }

    fn hash(&self, name: &[u8]) -> u32 {
        let mut hasher = self.hasher.clone();
        hasher.write(name);
        top_half(hasher.finish())
    }

    fn is_parent_of(&self, name: &[u8], path: &[u8]) -> bool {
        match path.strip_prefix(&self.path[..]) {
            Some(rest) if self.path.is_empty() => rest == name,
            Some([b'/', rest @ ..]) => rest == name,
            _ => false,
        }
    }
}

fn top_half(hash: u64) -> u32 {
    u32::try_from(hash >> 32).expect("half of it")
}

impl<'a> Paths<'a> {
    /// Starts with the root alone, which has the number 0.
    pub(super) fn new(layers: Vec<&'a Entries>) -> Self {
        let expected: usize = layers.iter().map(|entries| entries.list().len()).sum();
        let slots = (expected + expected / 2).next_power_of_two().max(64);
        let mut paths = Self {
            layers,
            texts: Vec::with_capacity(expected + expected / 16),
            composed: Vec::new(),
            slots: vec![
                Slot {
                    hash: 0,
                    number: FREE
                };
                slots
            ],
            seed: RandomState::new(),
        };
        let root = Text {
            at: 0,
            layer: COMPOSED,
            len: 0,
        };
        let hash = top_half(paths.seed.build_hasher().finish());
        paths.insert(hash, root);
        paths
    }

    /// The number of paths.
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    /// The path of this number.
    pub(super) fn path(&self, number: u32) -> &[u8] {
        let text = self.texts[number as usize];
        let span = (text.at, u32::from(text.len));
        match text.layer {
            COMPOSED => &self.composed[span.0 as usize..][..span.1 as usize],
            layer => self.layers[usize::from(layer)].text(span),
        }
    }

    /// The root.
    pub(super) fn root(&self) -> Place {
        Place {
            path: Vec::new(),
            number: Some(0),
            hasher: self.seed.build_hasher(),
        }
    }

    /// Finds a path.
    pub(super) fn find(&self, path: &[u8]) -> Option<u32> {
        let mut hasher = self.seed.build_hasher();
        let mut rest = path;
        while let Some(slash) = rest.iter().position(|&b| b == b'/') {
            hasher.write(&rest[..slash]);
            hasher.write(b"/");
            rest = &rest[slash + 1..];
        }
        if !path.is_empty() {
            hasher.write(rest);
        }
        self.lookup(top_half(hasher.finish()), |found| found == path)
    }

    /// Finds a name in a directory.
    pub(super) fn child(&self, dir: &Place, name: &[u8]) -> Option<u32> {
        self.lookup(dir.hash(name), |found| dir.is_parent_of(name, found))
    }

    /// Finds or adds a name in a directory.
    pub(super) fn add_child(
        &mut self,
        dir: &Place,
        name: &[u8],
        spelled: Spelled<'_>,
    ) -> Result<u32, &'static str> {
        let hash = dir.hash(name);
        if let Some(number) = self.lookup(hash, |found| dir.is_parent_of(name, found)) {
            return Ok(number);
        }
        let slash = usize::from(!dir.path.is_empty());
        let len = dir.path.len() + slash + name.len();
        if len > PATH_MAX {
            return Err("a path longer than file systems allow, behind a symbolic link");
        }
        let len = u16::try_from(len).expect("PATH_MAX is less");
        let text = match spelled {
            Spelled::By(layer, entry) => Text {
                at: entry.path.0,
                layer,
                len,
            },
            Spelled::ByNone => self.compose(&dir.path, name, len)?,
        };
        Ok(self.insert(hash, text))
    }

    fn compose(&mut self, dir: &[u8], name: &[u8], len: u16) -> Result<Text, &'static str> {
        let at = self.composed.len();
        if at > COMPOSED_MAX {
            return Err("the image has more paths behind symbolic links than any real one");
        }
        self.composed.extend_from_slice(&path::join(dir, name));
        let at = u32::try_from(at).expect("COMPOSED_MAX is less");
        Ok(Text {
            at,
            layer: COMPOSED,
            len,
        })
    }

    fn lookup(&self, hash: u32, is_it: impl Fn(&[u8]) -> bool) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.number == FREE {
                return None;
            }
            if slot.hash == hash && is_it(self.path(slot.number)) {
                return Some(slot.number);
            }
            at = (at + 1) & mask;
        }
    }

    fn insert(&mut self, hash: u32, text: Text) -> u32 {
        if (self.texts.len() + 1) * 4 > self.slots.len() * 3 {
            let larger = vec![
                Slot {
                    hash: 0,
                    number: FREE
                };
                self.slots.len() * 2
            ];
            for slot in std::mem::replace(&mut self.slots, larger) {
                if slot.number != FREE {
                    self.settle(slot);
                }
            }
        }
        let number = u32::try_from(self.texts.len()).expect("entries are bounded below 4 Gi");
        self.texts.push(text);
        self.settle(Slot { hash, number });
        number
    }

    fn settle(&mut self, slot: Slot) {
        let mask = self.slots.len() - 1;
        let mut at = slot.hash as usize & mask;
        while self.slots[at].number != FREE {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }
}
