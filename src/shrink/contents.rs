//! The image's files as the rules read them: from the inflated layers, a few bytes at a time.

use crate::error::Result;
use crate::layer::Layer;
use crate::rules::Contents;
use crate::tree::{EntryRef, NodeId, Tree};

/// Reads files through the entries that hold their bytes.
#[derive(Debug)]
pub(crate) struct Inflated<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) layers: &'a [Layer],
}

impl Inflated<'_> {
    /// The entry that holds the bytes of a file, and how many of them lie behind `from`; `None` where there are none.
    fn stored(&self, file: NodeId, from: u64) -> Option<(EntryRef, usize)> {
        let at = self.tree.data(file)?;
        let left = self.tree.entry(at).stored.saturating_sub(from);
        (left > 0).then_some((at, usize::try_from(left).unwrap_or(usize::MAX)))
    }

    fn read_at(&self, at: EntryRef, from: u64, bytes: &mut [u8]) -> Result<()> {
        let data = self.tree.entry(at).data;
        let inflated = &self.layers[usize::from(at.layer)].inflated;
        inflated.read_exact_at(bytes, data.saturating_add(from))
    }
}

impl Contents for Inflated<'_> {
    fn read(&self, file: NodeId, limit: usize) -> Result<Vec<u8>> {
        self.part(file, 0, limit)
    }

    fn part(&self, file: NodeId, from: u64, length: usize) -> Result<Vec<u8>> {
        let Some((at, left)) = self.stored(file, from) else {
            return Ok(Vec::new());
        };
        let mut bytes = vec![0; left.min(length)];
        self.read_at(at, from, &mut bytes)?;
        Ok(bytes)
    }

    fn fill(&self, file: NodeId, from: u64, buffer: &mut [u8]) -> Result<usize> {
        let Some((at, left)) = self.stored(file, from) else {
            return Ok(0);
        };
        let len = left.min(buffer.len());
        self.read_at(at, from, &mut buffer[..len])?;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::layer::{Spool, testing};

    #[test]
    fn a_file_is_read_whole_and_in_parts() {
        let dir = tempfile::tempdir().unwrap();
        let content: Vec<u8> = (0..=250).cycle().take(5000).collect();
        let archive = testing::archive([("before", vec![7; 600]), ("file", content.clone())]);
        let spool = Spool::new(dir.path().to_owned());
        let layer = testing::scanned(&archive, &dir.path().join("layer"), &spool);
        let tree = Tree::merge(
            vec![Arc::clone(&layer.entries)],
            std::slice::from_ref(&layer.claim.digest),
        )
        .unwrap();
        let file = tree.find(b"file").unwrap();
        let contents = Inflated {
            tree: &tree,
            layers: &[layer],
        };
        assert_eq!(contents.read(file, 9000).unwrap(), content);
        assert_eq!(contents.read(file, 300).unwrap(), content[..300]);
        assert_eq!(contents.part(file, 4000, 700).unwrap(), content[4000..4700]);
        assert_eq!(contents.part(file, 4000, 7000).unwrap(), content[4000..]);
        assert!(contents.part(file, 6000, 7).unwrap().is_empty());
        for (from, len) in [
            (0, 0),
            (0, 300),
            (0, 5000),
            (0, 9000),
            (4990, 7),
            (4990, 70),
            (7000, 7),
        ] {
            let mut buffer = vec![0; len];
            let filled = contents.fill(file, from as u64, &mut buffer).unwrap();
            let from = from.min(5000);
            assert_eq!(filled, len.min(5000 - from));
            assert_eq!(buffer[..filled], content[from..from + filled]);
        }
    }
}
