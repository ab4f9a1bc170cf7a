//! The payload guard: what unowned programs, scripts and links need of what packages own.
//!
//! Libraries are looked up by name in all directories that a loader may search; whether it would take the first or a
//! later one is not asked, so that neither goes.

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use crate::closure::elf::{self, Elf};
use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::{self, Contents, Facts};
use crate::tree::{NodeId, Tree};

use super::read_file;
use super::reference;

/// The most that is read of one ELF file to reach its dynamic section.
const ELF_MAX: usize = 1 << 30;

/// A path that something unowned needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// A file that is needed, or a link on the way to it.
    pub(crate) node: NodeId,
    pub(crate) why: String,
}

/// Returns all that `payload` needs, in its order.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn needs(
    tree: &Tree,
    contents: &dyn Contents,
    facts: &Facts,
    payload: &[NodeId],
) -> Result<Vec<Need>> {
    let libraries = Libraries::new(tree, contents, facts)?;
    let heads: Vec<Result<Option<Head>>> = payload
        .par_iter()
        .map(|&node| match tree.kind(node) {
            Kind::File if may_be_program(tree, node) => head(contents, node),
            _ => Ok(None),
        })
        .collect();
    let mut guard = Guard {
        tree,
        facts,
        libraries,
        found: Vec::new(),
        known: BTreeSet::new(),
    };
    for (&node, head) in payload.iter().zip(heads) {
        match head? {
            Some(Head::Program(elf)) => guard.program(node, &elf),
            Some(Head::Script(words)) => guard.script(node, &words),
            None if tree.kind(node) == Kind::Symlink => guard.link(node),
            None => {}
        }
    }
    Ok(guard.found)
}

enum Head {
    Program(Box<Elf>),
    /// The words of the `#!` line.
    Script(Vec<String>),
}

/// Files that are executable, or by their name may be loaded; all others are spared the reading.
fn may_be_program(tree: &Tree, node: NodeId) -> bool {
    let name = tree.name(node);
    let is_executable = tree
        .attributes(node)
        .is_some_and(|entry| entry.mode & 0o111 != 0);
    is_executable
        || name.ends_with(b".node")
        || !name.contains(&b'.')
        || name.windows(3).any(|part| part == b".so")
}

fn head(contents: &dyn Contents, node: NodeId) -> Result<Option<Head>> {
    let start = contents.read(node, elf::HEAD)?;
    if start.starts_with(b"#!") {
        let words = reference::interpreter(&start);
        return Ok(Some(Head::Script(
            words.into_iter().map(str::to_owned).collect(),
        )));
    }
    if elf::read(&start) == elf::Outcome::Other {
        return Ok(None);
    }
    let elf = elf::load(ELF_MAX, |wanted| contents.read(node, wanted))?;
    Ok(elf.map(|elf| Head::Program(Box::new(elf))))
}

struct Guard<'a> {
    tree: &'a Tree,
    facts: &'a Facts,
    libraries: Libraries<'a>,
    found: Vec<Need>,
    known: BTreeSet<NodeId>,
}

impl Guard<'_> {
    fn add(&mut self, hops: &[NodeId], why: impl Fn() -> String) {
        for &node in hops {
            if self.known.insert(node) {
                self.found.push(Need { node, why: why() });
            }
        }
    }

    fn show(&self, node: NodeId) -> String {
        path::display(&self.tree.path(node))
    }

    fn program(&mut self, node: NodeId, elf: &Elf) {
        let shown = self.show(node);
        if let Some(interpreter) = &elf.interpreter {
            let hops = self.tree.hops(interpreter).unwrap_or_default();
            self.add(&hops, || {
                format!("`/{shown}` needs `{}`", path::display(interpreter))
            });
        }
        let own = self.libraries.own(node, elf);
        for name in &elf.needed {
            let hops = self.libraries.find(name, &own);
            self.add(&hops, || {
                format!("`/{shown}` needs `{}`", path::display(name))
            });
        }
    }

    fn script(&mut self, node: NodeId, words: &[String]) {
        let shown = self.show(node);
        for word in words {
            let at = if word.contains('/') {
                Some(word.as_bytes().to_vec())
            } else {
                rules::program(word, self.facts, self.tree)
            };
            let hops = at.and_then(|at| self.tree.hops(&at)).unwrap_or_default();
            self.add(&hops, || format!("`/{shown}` is run by `{word}`"));
        }
    }

    fn link(&mut self, node: NodeId) {
        let shown = self.show(node);
        let hops = self.tree.hops(&self.tree.path(node)).unwrap_or_default();
        self.add(&hops, || format!("the link `/{shown}` leads to it"));
    }
}

/// The directories in which loaders look.
struct Libraries<'a> {
    tree: &'a Tree,
    /// Paths of the system's directories, links resolved.
    directories: Vec<NodeId>,
    known: HashMap<Vec<u8>, Vec<NodeId>>,
}

impl<'a> Libraries<'a> {
    fn new(tree: &'a Tree, contents: &dyn Contents, facts: &Facts) -> Result<Self> {
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
    fn own(&self, object: NodeId, elf: &Elf) -> Vec<NodeId> {
        let origin = self.tree.path(self.tree.parent(object));
        let paths = [&elf.rpath, &elf.runpath];
        let mut own = Vec::new();
        for path in paths.into_iter().flatten() {
            for directory in path.split(|&b| b == b':').filter(|dir| !dir.is_empty()) {
                for lib in [&b"lib"[..], b"lib64"] {
                    let directory = expand(directory, &origin, lib);
                    own.extend(self.tree.resolve(&directory));
                }
            }
        }
        own.retain(|&node| self.tree.kind(node) == Kind::Dir);
        own
    }

    /// All files that a needed name may mean, with the links on the way to them.
    fn find(&mut self, name: &[u8], own: &[NodeId]) -> Vec<NodeId> {
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

/// Puts `$ORIGIN` and `$LIB` in their places (ld.so(8)).
fn expand(directory: &[u8], origin: &[u8], lib: &[u8]) -> Vec<u8> {
    let mut path = directory.to_vec();
    for (name, value) in [("ORIGIN", origin), ("LIB", lib)] {
        for token in [format!("${name}"), format!("${{{name}}}")] {
            while let Some(at) = path
                .windows(token.len())
                .position(|part| part == token.as_bytes())
            {
                path.splice(at..at + token.len(), value.iter().copied());
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::super::testing::Image;
    use super::*;
    use crate::closure::elf::tests::library;

    fn needed(files: &[(&str, &str, Vec<u8>)]) -> Vec<String> {
        let files: Vec<(String, String, Vec<u8>)> = files
            .iter()
            .map(|(path, form, bytes)| ((*path).into(), (*form).into(), bytes.clone()))
            .collect();
        let image = Image::of_bytes(&files);
        let payload: Vec<NodeId> = image
            .tree
            .walk()
            .filter(|&node| image.tree.path(node).starts_with(b"app"))
            .collect();
        let facts = Facts::default();
        needs(&image.tree, &image, &facts, &payload)
            .unwrap()
            .iter()
            .map(|need| {
                let path = path::display(&image.tree.path(need.node));
                format!("{path}: {}", need.why)
            })
            .collect()
    }

    #[test]
    fn libraries_are_found_through_links_and_configured_directories() {
        let program = library(
            &["libgomp.so.1", "libown.so", "libq.so"],
            "$ORIGIN/../lib",
            0,
        );
        assert_eq!(
            needed(&[
                ("lib", "->usr/lib", vec![]),
                (
                    "usr/lib/x86_64-linux-gnu/libgomp.so.1",
                    "->libgomp.so.1.0.0",
                    vec![]
                ),
                ("usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0", "f", vec![0]),
                ("etc/ld.so.conf.d/q.conf", "f", b"# q\n/opt/q\n".to_vec()),
                ("opt/q/libq.so", "f", vec![0]),
                ("app/lib/libown.so", "f", vec![0]),
                ("app/bin/omp", "x", program),
            ]),
            [
                "usr/lib/x86_64-linux-gnu/libgomp.so.1: `/app/bin/omp` needs `libgomp.so.1`",
                "usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0: `/app/bin/omp` needs `libgomp.so.1`",
                "app/lib/libown.so: `/app/bin/omp` needs `libown.so`",
                "opt/q/libq.so: `/app/bin/omp` needs `libq.so`",
            ]
        );
    }

    #[test]
    fn scripts_and_links_need_what_they_name() {
        assert_eq!(
            needed(&[
                ("usr/bin/perl", "x", vec![0]),
                ("usr/bin/m4", "x", vec![0]),
                ("usr/bin/env", "x", vec![0]),
                ("app/a.pl", "x", b"#!/usr/bin/perl -w\n".to_vec()),
                ("app/b", "x", b"#!/usr/bin/env m4\n".to_vec()),
                ("app/c.pl", "f", b"#!/usr/bin/m4\n".to_vec()),
                ("app/loop", "->loop", vec![]),
                ("app/out", "->../../usr/bin/../bin/m4", vec![]),
            ]),
            [
                "usr/bin/perl: `/app/a.pl` is run by `/usr/bin/perl`",
                "usr/bin/env: `/app/b` is run by `/usr/bin/env`",
                "usr/bin/m4: `/app/b` is run by `m4`",
                "app/out: the link `/app/out` leads to it",
            ]
        );
    }
}
