//! What the dynamic loaders of glibc and musl would load for an executable, object by object, in their order.
//!
//! One search per executable: by which directories a library is found depends on who asks for it. Which processor the
//! image will run on is not known, so of a library that comes in several builds (`glibc-hwcaps`) all are found.

use std::collections::HashSet;
use std::sync::Arc;

use crate::closure::elf::Elf;
use crate::layer::Kind;
use crate::path;
use crate::tree::{NodeId, Tree};

/// The objects that one executable may load; real ones stay below a few hundred.
const OBJECTS_MAX: usize = 4096;

/// Where in a library directory there are builds for newer processors, and their directories.
const BUILDS: &[u8] = b"glibc-hwcaps";
const HARDWARE: &[&str] = &[
    "glibc-hwcaps/x86-64-v4",
    "glibc-hwcaps/x86-64-v3",
    "glibc-hwcaps/x86-64-v2",
    "glibc-hwcaps/power10",
    "glibc-hwcaps/power9",
    "glibc-hwcaps/z15",
    "glibc-hwcaps/z14",
    "glibc-hwcaps/z13",
];

/// Names that musl's loader itself stands for.
const MUSL_OWN: &[&str] = &[
    "libc",
    "libpthread",
    "librt",
    "libm",
    "libdl",
    "libutil",
    "libxnet",
];

/// Gives the loader's view of files.
pub type Objects<'a> = &'a dyn Fn(NodeId) -> Option<Arc<Elf>>;

/// The directories that an image's loaders search, and how to look at files.
pub struct Loader<'a> {
    tree: &'a Tree,
    objects: Objects<'a>,
    library_path: Vec<NodeId>,
    glibc: Vec<NodeId>,
    musl: Vec<NodeId>,
}

/// An object that would be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Links on the way, then the file; several files where it comes in several builds.
    pub hops: Vec<NodeId>,
    /// The object that asks for it.
    pub by: NodeId,
    /// By what name.
    pub name: Vec<u8>,
}

/// What an executable or a library would load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// In the order of loading, without the executable itself.
    pub loaded: Vec<Loaded>,
    /// Who asks for what is not there.
    pub missing: Vec<(NodeId, Vec<u8>)>,
}

/// The texts that say where loaders look.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `LD_LIBRARY_PATH` of the image's environment.
    pub library_path: String,
    /// Directories of `ld.so.conf`, of what it includes, and of the paths in `ld.so.cache`.
    pub configured: Vec<Vec<u8>>,
    /// Directories of `ld-musl-*.path`, in place of musl's own; `None` without such a file.
    pub musl: Option<Vec<Vec<u8>>>,
}

/// An object in the search: its file, and who loaded it.
struct Object {
    node: NodeId,
    elf: Arc<Elf>,
    loader: Option<usize>,
}

/// What a name means: links on the way and files, and the files by themselves.
#[derive(Default)]
struct Match {
    hops: Vec<NodeId>,
    files: Vec<(NodeId, Arc<Elf>)>,
}

impl std::fmt::Debug for Loader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loader").finish_non_exhaustive()
    }
}

impl<'a> Loader<'a> {
    /// Prepares the searches in `tree`.
    pub fn new(tree: &'a Tree, objects: Objects<'a>, settings: &Settings) -> Self {
        let directories = |paths: &mut dyn Iterator<Item = Vec<u8>>| {
            let mut found: Vec<NodeId> = Vec::new();
            for path in paths {
                let node = tree.resolve(&path).filter(|&n| tree.kind(n) == Kind::Dir);
                found.extend(node.filter(|node| !found.contains(node)));
            }
            found
        };
        let library_path = settings.library_path.split([':', ';']);
        let library_path = library_path.filter(|dir| !dir.is_empty());
        let usual = ["lib", "usr/lib", "lib64", "usr/lib64", "lib32", "usr/lib32"];
        let defaults = usual
            .iter()
            .flat_map(|base| multiarch(tree, base.as_bytes()));
        let musl = settings.musl.clone().unwrap_or_else(|| {
            let own = ["lib", "usr/local/lib", "usr/lib"];
            own.iter().map(|dir| dir.as_bytes().to_vec()).collect()
        });
        Self {
            tree,
            objects,
            library_path: directories(&mut library_path.map(|dir| dir.as_bytes().to_vec())),
            glibc: directories(&mut settings.configured.iter().cloned().chain(defaults)),
            musl: directories(&mut musl.into_iter()),
        }
    }

    /// Follows an executable's needs, or a library's as if it were loaded alone. Nothing for a static program.
    pub fn load(&self, root: NodeId) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(elf) = (self.objects)(root).filter(|elf| elf.is_dynamic) else {
            return outcome;
        };
        let mut known: HashSet<Vec<u8>> = HashSet::new();
        let mut is_musl = elf
            .needed
            .iter()
            .any(|name| name.starts_with(b"libc.musl-"));
        if let Some(interpreter) = &elf.interpreter {
            let name = path::name(interpreter);
            is_musl |= name.starts_with(b"ld-musl-");
            match self.tree.hops(interpreter) {
                Some(hops) => outcome.loaded.push(Loaded {
                    hops,
                    by: root,
                    name: interpreter.clone(),
                }),
                None => outcome.missing.push((root, interpreter.clone())),
            }
            known.insert(name.to_vec());
        }
        known.extend(elf.soname.clone());
        let mut objects = vec![Object {
            node: root,
            elf,
            loader: None,
        }];
        let mut at = 0;
        while at < objects.len().min(OBJECTS_MAX) {
            for name in objects[at].elf.needed.clone() {
                if !known.insert(name.clone()) || (is_musl && stands_for(&name)) {
                    continue;
                }
                let (by, found) = (objects[at].node, self.find(&objects, at, &name, is_musl));
                let Some(Match { hops, files }) = found else {
                    outcome.missing.push((by, name));
                    continue;
                };
                for (node, elf) in files {
                    known.extend(elf.soname.clone());
                    objects.push(Object {
                        node,
                        elf,
                        loader: Some(at),
                    });
                }
                outcome.loaded.push(Loaded { hops, by, name });
            }
            at += 1;
        }
        outcome
    }

    /// What an object gets when it opens a library by name at run time.
    pub fn open(&self, by: NodeId, name: &[u8]) -> Option<Vec<NodeId>> {
        let elf = (self.objects)(by)?;
        let is_musl = elf
            .needed
            .iter()
            .any(|name| name.starts_with(b"libc.musl-"));
        let objects = [Object {
            node: by,
            elf,
            loader: None,
        }];
        let found = self.find(&objects, 0, name, is_musl)?;
        Some(found.hops)
    }

    /// The file, or files, that `name` means to the object at `at`, with the links on the way.
    fn find(&self, objects: &[Object], at: usize, name: &[u8], is_musl: bool) -> Option<Match> {
        let like = &objects[0].elf;
        if name.contains(&b'/') {
            return self.accept(self.tree.hops(name)?, like);
        }
        let directories = if is_musl {
            let named = self.named(objects, at, true);
            [&self.library_path[..], &named, &self.musl].concat()
        } else {
            self.glibc_directories(objects, at)
        };
        directories
            .iter()
            .find_map(|&directory| self.in_directory(directory, name, like))
    }

    /// ld.so(8): `RPATH` of the object and of its loaders, unless an object has a `RUNPATH`; then `LD_LIBRARY_PATH`, the
    /// object's own `RUNPATH`, and what the system is set up with.
    fn glibc_directories(&self, objects: &[Object], at: usize) -> Vec<NodeId> {
        let mut first = Vec::new();
        if objects[at].elf.runpath.is_none() {
            first = self.named(objects, at, false);
        }
        let own = &objects[at].elf.runpath;
        let own = own
            .iter()
            .flat_map(|path| self.expand(objects[at].node, path));
        let own: Vec<NodeId> = own.collect();
        [&first[..], &self.library_path, &own, &self.glibc].concat()
    }

    /// The directories that the object and its loaders name, nearest first: with musl those of both tags.
    fn named(&self, objects: &[Object], at: usize, both: bool) -> Vec<NodeId> {
        let mut directories = Vec::new();
        let mut next = Some(at);
        while let Some(object) = next.map(|at| &objects[at]) {
            let rpath = object.elf.rpath.as_ref();
            let rpath = rpath.filter(|_| both || object.elf.runpath.is_none());
            let runpath = object.elf.runpath.as_ref().filter(|_| both);
            if let Some(path) = runpath.or(rpath) {
                directories.extend(self.expand(object.node, path));
            }
            next = object.loader;
        }
        directories
    }

    /// The directories of a search path that are there.
    fn expand(&self, object: NodeId, search: &[u8]) -> Vec<NodeId> {
        let origin = self.tree.path(self.tree.parent(object));
        let mut found = Vec::new();
        for directory in search.split(|&b| b == b':').filter(|dir| !dir.is_empty()) {
            for lib in [
                &b"lib"[..],
                b"lib64",
                b"lib/x86_64-linux-gnu",
                b"lib/aarch64-linux-gnu",
            ] {
                let directory = substitute(directory, &[("ORIGIN", &origin), ("LIB", lib)]);
                let node = self.tree.resolve(&directory);
                let node = node.filter(|&node| self.tree.kind(node) == Kind::Dir);
                found.extend(node.filter(|node| !found.contains(node)));
            }
        }
        found
    }

    fn in_directory(&self, directory: NodeId, name: &[u8], like: &Elf) -> Option<Match> {
        let has_builds = self.tree.child(directory, BUILDS).is_some();
        // Most directories have neither, and to ask so is cheap.
        if !has_builds && self.tree.child(directory, name).is_none() {
            return None;
        }
        let base = self.tree.path(directory);
        let at = |dir: &[u8]| self.tree.hops(&path::join(dir, name));
        let builds = HARDWARE.iter().filter(|_| has_builds);
        let builds = builds.map(|build| path::join(&base, build.as_bytes()));
        let places = builds.chain([base.clone()]).filter_map(|dir| at(&dir));
        let mut all: Option<Match> = None;
        for found in places.filter_map(|hops| self.accept(hops, like)) {
            let known = all.get_or_insert_default();
            known.hops.extend(found.hops);
            known.files.extend(found.files);
        }
        all
    }

    /// A file of the right class and machine; the loader passes over others.
    fn accept(&self, hops: Vec<NodeId>, like: &Elf) -> Option<Match> {
        let &node = hops.last()?;
        if self.tree.kind(node) != Kind::File {
            return None;
        }
        let elf = (self.objects)(node)?;
        let fits = (elf.is_64, elf.machine) == (like.is_64, like.machine);
        fits.then(|| Match {
            hops,
            files: vec![(node, elf)],
        })
    }
}

/// A directory and before it those for one architecture in it, as Debian lays them out: `x86_64-linux-gnu`.
fn multiarch(tree: &Tree, base: &[u8]) -> Vec<Vec<u8>> {
    let inside = tree.resolve(base).into_iter();
    let inside = inside.flat_map(|base| tree.children(base).map(|(name, _)| name));
    let mut all: Vec<Vec<u8>> = inside
        .filter(|name| name.windows(7).any(|part| part == b"-linux-"))
        .map(|name| path::join(base, name))
        .collect();
    all.push(base.to_vec());
    all
}

fn stands_for(name: &[u8]) -> bool {
    let stem = name.split(|&b| b == b'.').next().unwrap_or_default();
    name.starts_with(b"libc.musl-") || MUSL_OWN.iter().any(|own| own.as_bytes() == stem)
}

/// Puts values in the places of `$NAME` and `${NAME}` (ld.so(8)); what a value holds is not looked at again.
pub fn substitute(text: &[u8], values: &[(&str, &[u8])]) -> Vec<u8> {
    let mut written = Vec::with_capacity(text.len());
    let mut rest = text;
    'text: while let Some((&first, after)) = rest.split_first() {
        if first == b'$' {
            for (name, value) in values {
                let braced = after
                    .strip_prefix(b"{")
                    .and_then(|after| after.strip_prefix(name.as_bytes())?.strip_prefix(b"}"));
                if let Some(after) = braced.or_else(|| after.strip_prefix(name.as_bytes())) {
                    written.extend_from_slice(value);
                    rest = after;
                    continue 'text;
                }
            }
        }
        written.push(first);
        rest = after;
    }
    written
}

#[cfg(test)]
mod tests;
