//! Small trees for tests, made of tar bytes as a layer's would be.

use std::collections::HashMap;
use std::sync::Arc;

use crate::digest::Digest;
use crate::error::Result;
use crate::layer::Indexer;
use crate::rules::{Contents, Decisions, Edit, Facts, Origin};
use crate::tree::{NodeId, Tree};

use super::{Database, Inventory, Limits, PackageOptions, PackageReport, remove};

/// A tree with the bytes behind it.
pub(crate) struct Image {
    pub(crate) tree: Tree,
    layers: Vec<Vec<u8>>,
}

impl Image {
    /// One layer of paths, each with a form and a content: `f` a file, `x` an executable one, `d` a directory,
    /// `->target` a symbolic link.
    pub(crate) fn new(paths: &[(&str, &str, &str)]) -> Self {
        Self::of_bytes(&bytes(paths))
    }

    /// As [`Image::new`], with contents that need not be text.
    pub(crate) fn of_bytes(paths: &[(String, String, Vec<u8>)]) -> Self {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, form, content) in paths {
            let mut header = tar::Header::new_gnu();
            header.set_mode(if form == "f" { 0o644 } else { 0o755 });
            header.set_uid(0);
            header.set_gid(0);
            header.set_mtime(1);
            if let Some(target) = form.strip_prefix("->") {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_size(0);
                archive.append_link(&mut header, path, target).unwrap();
            } else {
                if form == "d" {
                    header.set_entry_type(tar::EntryType::Directory);
                }
                header.set_size(content.len() as u64);
                archive
                    .append_data(&mut header, path, &content[..])
                    .unwrap();
            }
        }
        Self::of_layers(vec![archive.into_inner().unwrap()])
    }

    /// Merges inflated layers, base layer first.
    pub(crate) fn of_layers(layers: Vec<Vec<u8>>) -> Self {
        let blobs: Vec<Digest> = layers.iter().map(|layer| Digest::of(layer)).collect();
        let entries = layers.iter().zip(&blobs).map(|(layer, blob)| {
            let mut indexer = Indexer::new(blob.clone());
            indexer.feed(layer).unwrap();
            Arc::new(indexer.finish().unwrap().0)
        });
        let tree = Tree::merge(entries.collect(), &blobs).unwrap();
        Self { tree, layers }
    }

    /// The node at a path that must be there.
    pub(crate) fn at(&self, path: &str) -> NodeId {
        let node = self.tree.find(path.as_bytes());
        node.unwrap_or_else(|| panic!("no `{path}`"))
    }

    /// Drops packages of these names, whatever lies where.
    pub(crate) fn drop_packages(
        &self,
        names: &[&str],
        facts: &Facts,
    ) -> (PackageReport, Decisions) {
        let flag = Origin::Flag("--drop-package");
        let options = PackageOptions {
            drop: names
                .iter()
                .map(|&name| (name.to_owned(), flag.clone()))
                .collect(),
            ..PackageOptions::default()
        };
        self.remove(&options, facts)
    }

    /// Takes out what `options` ask for; nothing is pinned and no user keeps anything.
    pub(crate) fn remove(
        &self,
        options: &PackageOptions,
        facts: &Facts,
    ) -> (PackageReport, Decisions) {
        let databases = Database::read(&self.tree, self).unwrap();
        let limits = Limits {
            frozen: &|_| false,
            keep: &|_| None,
        };
        let mut decisions = Decisions::default();
        let inventory = Inventory::new(&self.tree, self, facts.clone(), databases);
        let report = remove(&inventory, options, limits, &mut decisions);
        (report.unwrap(), decisions)
    }

    /// All visible paths that `decisions` leave, with what they hold, edits applied; directories without content.
    pub(crate) fn after(&self, decisions: &Decisions) -> HashMap<String, String> {
        let mut left = HashMap::new();
        for node in self.tree.walk() {
            if decisions.removed(node).is_some() {
                continue;
            }
            let edited = decisions.edited(node).map(|(_, edit)| match edit {
                Edit::Content(bytes) => bytes.to_vec(),
                Edit::Target(target) => target.clone(),
            });
            let bytes = edited.unwrap_or_else(|| match self.tree.symlink_target(node) {
                Some(target) => target.to_vec(),
                None => self.read(node, usize::MAX).unwrap(),
            });
            let path = String::from_utf8(self.tree.path(node)).unwrap();
            left.insert(path, String::from_utf8_lossy(&bytes).into_owned());
        }
        left
    }
}

/// Rows of [`Image::new`] as rows of [`Image::of_bytes`].
pub(crate) fn bytes(paths: &[(&str, &str, &str)]) -> Vec<(String, String, Vec<u8>)> {
    let owned = |&(path, form, content): &(&str, &str, &str)| {
        (path.to_owned(), form.to_owned(), content.into())
    };
    paths.iter().map(owned).collect()
}

impl Contents for Image {
    fn read(&self, file: NodeId, limit: usize) -> Result<Vec<u8>> {
        let Some(at) = self.tree.data(file) else {
            return Ok(Vec::new());
        };
        let entry = self.tree.entry(at);
        let start = usize::try_from(entry.data).unwrap();
        let length = usize::try_from(entry.stored).unwrap().min(limit);
        Ok(self.layers[usize::from(at.layer)][start..start + length].to_vec())
    }
}
