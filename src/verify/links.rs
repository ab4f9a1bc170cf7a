//! Which names are one file: the same ones before and after.

use super::flatten::{Flat, Inode};

/// Pairs the inodes of two images one to one by the names that both have.
#[derive(Debug)]
pub(super) struct Links {
    after: Vec<u32>,
    before: Vec<u32>,
}

const UNPAIRED: u32 = u32::MAX;

impl Links {
    pub(super) fn new(before: &Flat<'_>, after: &Flat<'_>) -> Self {
        Self {
            after: vec![UNPAIRED; before.entries()],
            before: vec![UNPAIRED; after.entries()],
        }
    }

    /// Whether a name that shows these inodes agrees with the names asked about before.
    pub(super) fn agree(&mut self, before: &Inode<'_>, after: &Inode<'_>) -> bool {
        let forth = &mut self.after[before.id as usize];
        let back = &mut self.before[after.id as usize];
        if (*forth, *back) == (UNPAIRED, UNPAIRED) {
            (*forth, *back) = (after.id, before.id);
        }
        (*forth, *back) == (after.id, before.id)
    }
}
