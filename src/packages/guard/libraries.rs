//! Looks libraries up by name in all directories that a loader may search.
//!
//! Whether a loader would take the first or a later one is not asked.

use std::collections::HashMap;

use crate::closure::elf::Elf;
use crate::closure::loader::substitute;
use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::{Contents, Facts};
use crate::tree::{NodeId, Tree};

use crate::packages::read_file;

/// The directories in which loaders look.
pub(super) struct Libraries<'a> {
    tree: &'a Tree,
    /// Paths of the system's directories, links resolved.
    directories: Vec<NodeId>,
    known: HashMap<Vec<u8>, Vec<NodeId>>,
}

impl<'a> Libraries<'a> {
    pub(super) fn new(tree: &'a Tree, contents: &dyn Contents, facts: &Facts) -> Result<Self> {
        let mut written: Vec<Vec<u8>> = Vec::new();
        if let Some(path) = facts.variable("LD_LIBRARY_PATH") {
            written.extend(path.split([':', ';']).map(|dir| dir.as_bytes().to_vec()));
        }
        for file in configurations(tree) {
            let bytes = read_file(tree, contents, file)?;
            let lines = bytes.split(|&b| b == b'\n' || b == b':' || b == b',');
            written.extend(lines.map(|line| line.trim_ascii().to_vec()));
        }
        for base in [
            "lib",
            "usr/lib",
            "lib64",
            "usr/lib64",
            "usr/local/lib",
            "lib32",
        ] {
            written.push(base.as_bytes().to_vec());
            // Debian's directories for each architecture: `x86_64-linux-gnu`, `arm-linux-gnueabihf`.
            let inside = tree.resolve(base.as_bytes());
            for (name, _) in inside.into_iter().flat_map(|base| tree.children(base)) {
                if name.windows(7).any(|part| part == b"-linux-") {
                    written.push(path::join(base.as_bytes(), name));
                }
            }
        }
        let mut directories: Vec<NodeId> = Vec::new();
        for at in written.iter().filter(|at| !at.is_empty()) {
            if let Some(node) = tree
                .resolve(at)
                .filter(|&node| tree.kind(node) == Kind::Dir)
                && !directories.contains(&node)
            {
                directories.push(node);
            }
        }
        Ok(Self {
            tree,
            directories,
            known: HashMap::new(),
        })
    }

    /// The directories that an object names itself.
    pub(super) fn own(&self, object: NodeId, elf: &Elf) -> Vec<NodeId> {
        let origin = self.tree.path(self.tree.parent(object));
        let paths = [&elf.rpath, &elf.runpath];
        let mut own = Vec::new();
        for path in paths.into_iter().flatten() {
            for directory in path.split(|&b| b == b':').filter(|dir| !dir.is_empty()) {
                for lib in [&b"lib"[..], b"lib64"] {
                    let directory = substitute(directory, &[("ORIGIN", &origin), ("LIB", lib)]);
                    own.extend(self.tree.resolve(&directory));
                }
            }
        }
        own.retain(|&node| self.tree.kind(node) == Kind::Dir);
        own
    }

    /// All files that a needed name may mean, with the links on the way to them.
    pub(super) fn find(&mut self, name: &[u8], own: &[NodeId]) -> Vec<NodeId> {
        if name.contains(&b'/') {
            return self.tree.hops(name).unwrap_or_default();
        }
        let mut found = Vec::new();
        for &directory in own {
            found.extend(self.in_directory(directory, name));
        }
        if !self.known.contains_key(name) {
            let mut anywhere = Vec::new();
            for &directory in &self.directories {
                anywhere.extend(self.in_directory(directory, name));
            }
            self.known.insert(name.to_vec(), anywhere);
        }
        found.extend_from_slice(&self.known[name]);
        found
    }

    fn in_directory(&self, directory: NodeId, name: &[u8]) -> Vec<NodeId> {
        match self.tree.child(directory, name) {
            Some(node) => self.tree.hops(&self.tree.path(node)).unwrap_or_default(),
            None => Vec::new(),
        }
    }
}

/// The files that name directories of libraries, for glibc and for musl.
fn configurations(tree: &Tree) -> Vec<NodeId> {
    let mut files: Vec<NodeId> = tree.find(b"etc/ld.so.conf").into_iter().collect();
    if let Some(folder) = tree.find(b"etc/ld.so.conf.d") {
        files.extend(tree.children(folder).map(|(_, node)| node));
    }
    if let Some(etc) = tree.find(b"etc") {
        let musl = tree
            .children(etc)
            .filter(|(name, _)| name.starts_with(b"ld-musl-") && name.ends_with(b".path"));
        files.extend(musl.map(|(_, node)| node));
    }
    files.retain(|&node| tree.kind(node) == Kind::File);
    files
}
