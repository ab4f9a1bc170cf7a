//! The image's files as the rules read them: from the inflated layers, a few bytes at a time.

use crate::error::Result;
use crate::layer::Layer;
use crate::rules::Contents;
use crate::tree::{NodeId, Tree};

/// Reads files through the entries that hold their bytes.
#[derive(Debug)]
pub(crate) struct Inflated<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) layers: &'a [Layer],
}

impl Contents for Inflated<'_> {
    fn read(&self, file: NodeId, limit: usize) -> Result<Vec<u8>> {
        let Some(at) = self.tree.data(file) else {
            return Ok(Vec::new());
        };
        let entry = self.tree.entry(at);
        let stored = usize::try_from(entry.stored).unwrap_or(usize::MAX);
        let mut bytes = vec![0; stored.min(limit)];
        self.layers[usize::from(at.layer)]
            .inflated
            .read_exact_at(&mut bytes, entry.data)?;
        Ok(bytes)
    }

    fn part(&self, file: NodeId, from: u64, length: usize) -> Result<Vec<u8>> {
        let Some(at) = self.tree.data(file) else {
            return Ok(Vec::new());
        };
        let entry = self.tree.entry(at);
        let left = entry.stored.saturating_sub(from);
        let mut bytes = vec![0; usize::try_from(left).unwrap_or(usize::MAX).min(length)];
        let layer = &self.layers[usize::from(at.layer)];
        layer
            .inflated
            .read_exact_at(&mut bytes, entry.data.saturating_add(from))?;
        Ok(bytes)
    }
}
