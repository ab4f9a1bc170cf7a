//! The files in `info`: which are a package's, and which paths they say that it owns.

use std::collections::HashMap;

use crate::error::Result;
use crate::rules::Contents;
use crate::tree::{NodeId, Tree};

use super::super::paths::Paths;
use super::super::read_file;
use super::diversions::{self, Diversion};

/// The files of `info`, by the package's name with or without its architecture.
pub(super) struct Lists {
    own: HashMap<Vec<u8>, Vec<NodeId>>,
}

impl Lists {
    pub(super) fn new(tree: &Tree, directory: NodeId) -> Self {
        let mut own: HashMap<Vec<u8>, Vec<NodeId>> = HashMap::new();
        let info = tree.child(directory, b"info");
        for (name, node) in info.into_iter().flat_map(|info| tree.children(info)) {
            if let Some(dot) = name.iter().rposition(|&b| b == b'.') {
                own.entry(name[..dot].to_vec()).or_default().push(node);
            }
        }
        Self { own }
    }

    /// `Multi-Arch: same` packages have their architecture in the names.
    pub(super) fn of(&self, name: &str, architecture: &str) -> Vec<NodeId> {
        let qualified = format!("{name}:{architecture}");
        self.own
            .get(qualified.as_bytes())
            .or_else(|| self.own.get(name.as_bytes()))
            .cloned()
            .unwrap_or_default()
    }
}

/// A package's own files in the database.
pub(super) struct Listing<'a> {
    pub(super) tree: &'a Tree,
    pub(super) contents: &'a dyn Contents,
    pub(super) files: &'a [NodeId],
}

impl Listing<'_> {
    /// What `.list` names, or `.md5sums` where there is none; `None` where there is neither.
    pub(super) fn owned(
        &self,
        package: &str,
        diverted: &[Diversion],
        paths: &mut Paths<'_>,
    ) -> Result<Option<Vec<NodeId>>> {
        let ending = |ending: &[u8]| {
            let mut files = self.files.iter();
            files.find(|&&file| self.tree.name(file).ends_with(ending))
        };
        let (file, has_sums) = match (ending(b".list"), ending(b".md5sums")) {
            (Some(&list), _) => (list, false),
            (None, Some(&sums)) => (sums, true),
            (None, None) => return Ok(None),
        };
        let bytes = read_file(self.tree, self.contents, file)?;
        let mut owned = Vec::new();
        for line in bytes.split(|&b| b == b'\n') {
            let path = if has_sums {
                let after = line.iter().position(|&b| b == b' ').unwrap_or(line.len());
                line[after..].trim_ascii_start()
            } else {
                line
            };
            let path = path.strip_prefix(b"./").unwrap_or(path);
            let path = path.strip_prefix(b"/").unwrap_or(path);
            owned.extend(paths.locate(diversions::divert(diverted, package, path)));
        }
        Ok(Some(owned))
    }
}
