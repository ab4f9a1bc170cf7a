//! Images made in memory for the tests of the rules: a tar of the files named, read by the scan and merged.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use tar::{Builder, EntryType, Header};

use crate::digest::Digest;
use crate::error::Result;
use crate::layer::Indexer;
use crate::rules::facts::Contents;
use crate::tree::{NodeId, Tree};

/// The contents of an example's files.
pub(crate) struct Files(HashMap<NodeId, Vec<u8>>);

impl Contents for Files {
    fn read(&self, file: NodeId, limit: usize) -> Result<Vec<u8>> {
        let bytes = &self.0[&file];
        Ok(bytes[..limit.min(bytes.len())].to_vec())
    }
}

/// An image that holds these files. A content `-> x` makes a link to `x`, a path with a slash at its end a directory.
pub(crate) fn image(files: &[(&str, &str)]) -> (Tree, Files) {
    let bytes: Vec<_> = files
        .iter()
        .map(|(path, content)| (path.as_bytes(), content.as_bytes()))
        .collect();
    image_of(&bytes)
}

/// As [`image`], from bytes.
pub(crate) fn image_of(files: &[(&[u8], &[u8])]) -> (Tree, Files) {
    let mut archive = Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = Header::new_gnu();
        header.set_mode(0o755);
        let target = content.strip_prefix(b"-> ");
        let kind = match (path.strip_suffix(b"/"), target) {
            (Some(_), _) => EntryType::Directory,
            (None, Some(_)) => EntryType::Symlink,
            (None, None) => EntryType::Regular,
        };
        header.set_entry_type(kind);
        let path = OsStr::from_bytes(path);
        match target {
            Some(target) => archive
                .append_link(&mut header, path, OsStr::from_bytes(target))
                .unwrap(),
            None => {
                header.set_size(content.len().try_into().unwrap());
                archive.append_data(&mut header, path, *content).unwrap();
            }
        }
    }
    let digest = Digest::of(b"");
    let mut indexer = Indexer::new(digest.clone());
    indexer.feed(&archive.into_inner().unwrap()).unwrap();
    let (entries, _) = indexer.finish().unwrap();
    let tree = Tree::merge(vec![Arc::new(entries)], &[digest]).unwrap();
    let contents = files
        .iter()
        .filter_map(|(path, content)| Some((tree.find(path)?, content.to_vec())))
        .collect();
    (tree, Files(contents))
}
