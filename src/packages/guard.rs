//! The payload guard: what unowned programs, scripts and links need of what packages own.
//!
//! Libraries are looked up by name in all directories that a loader may search; whether it would take the first or a
//! later one is not asked, so that neither goes.

mod libraries;

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use crate::closure::elf::{self, Elf};
use crate::closure::script;
use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::{self, Contents, Facts};
use crate::tree::{NodeId, Tree};

use super::inventory::Inventory;
use libraries::Libraries;

/// The most that is read of one section of an ELF file.
const ELF_MAX: usize = 64 << 20;

/// A path that something unowned needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// A file that is needed, or a link on the way to it.
    pub(crate) node: NodeId,
    pub(crate) why: String,
}

/// What the beginnings of files say, of those that were read.
pub(crate) type Heads = HashMap<NodeId, Option<Head>>;

/// Returns all that `payload` needs, in its order.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn needs(inventory: &Inventory<'_>, payload: &[NodeId]) -> Result<Vec<Need>> {
    let (tree, contents, facts) = (inventory.tree, inventory.contents, &inventory.facts);
    let libraries = Libraries::new(tree, contents, facts)?;
    let unread: Vec<NodeId> = {
        let heads = inventory.heads();
        payload
            .iter()
            .copied()
            .filter(|&node| tree.kind(node) == Kind::File && may_be_program(tree, node))
            .filter(|node| !heads.contains_key(node))
            .collect()
    };
    // Nothing is locked while other threads' tasks may run on this one.
    let read: Vec<(NodeId, Option<Head>)> = unread
        .into_par_iter()
        .map(|node| Ok((node, head(contents, node)?)))
        .collect::<Result<_>>()?;
    let mut heads = inventory.heads();
    heads.extend(read);
    let mut guard = Guard {
        tree,
        facts,
        libraries,
        found: Vec::new(),
        known: BTreeSet::new(),
    };
    for &node in payload {
        match heads.get(&node).and_then(Option::as_ref) {
            Some(Head::Program(elf)) => guard.program(node, elf),
            Some(Head::Script(words)) => guard.script(node, words),
            None if tree.kind(node) == Kind::Symlink => guard.link(node),
            None => {}
        }
    }
    Ok(guard.found)
}

/// What the beginning of a file says of what it needs.
#[derive(Debug)]
pub(crate) enum Head {
    Program(Box<Elf>),
    /// The words of the `#!` line.
    Script(Vec<String>),
}

/// Files that are executable, or by their name may be loaded; all others are spared the reading.
fn may_be_program(tree: &Tree, node: NodeId) -> bool {
    let name = tree.name(node);
    tree.is_executable(node) || !name.contains(&b'.') || elf::may_be_library(name)
}

fn head(contents: &dyn Contents, node: NodeId) -> Result<Option<Head>> {
    let start = contents.read(node, elf::HEAD)?;
    if start.starts_with(b"#!") {
        return Ok(Some(Head::Script(script::interpreter(&start))));
    }
    if elf::read(&start) == elf::Outcome::Other {
        return Ok(None);
    }
    let elf = elf::load(ELF_MAX, false, |from, length| {
        contents.part(node, from, length)
    })?;
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
        let inventory = Inventory::new(&image.tree, &image, Facts::default(), Vec::new());
        needs(&inventory, &payload)
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
