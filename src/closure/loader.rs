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

/// Directories inside a library directory that hold builds for newer processors.
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
        let base = self.tree.path(directory);
        let at = |dir: &[u8]| self.tree.hops(&path::join(dir, name));
        let builds = HARDWARE
            .iter()
            .map(|build| path::join(&base, build.as_bytes()));
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
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::closure::elf::{self, tests::library};
    use crate::rules::example;

    /// What `app/main` would load: paths, `!` before names that are not found.
    fn loaded(files: &[(&str, Vec<u8>)], settings: &Settings, musl: bool) -> Vec<String> {
        let names: Vec<(&str, &str)> = files.iter().map(|(path, _)| (*path, "x")).collect();
        let (tree, _) = example::image(&names);
        let bytes: HashMap<NodeId, &Vec<u8>> = files
            .iter()
            .map(|(path, bytes)| (tree.find(path.as_bytes()).unwrap(), bytes))
            .collect();
        let objects = |node| match elf::read(bytes.get(&node)?) {
            elf::Outcome::Read(mut elf) => {
                if tree.is_at(node, b"app/main") && musl {
                    elf.interpreter = Some(b"/lib/ld-musl-x86_64.so.1".to_vec());
                }
                Some(Arc::from(elf))
            }
            _ => None,
        };
        let loader = Loader::new(&tree, &objects, settings);
        let outcome = loader.load(tree.find(b"app/main").unwrap());
        let found = outcome.loaded.iter().flat_map(|one| &one.hops);
        let found = found.map(|&node| path::display(&tree.path(node)));
        let missing = outcome.missing.iter();
        let missing = missing.map(|(_, name)| format!("!{}", path::display(name)));
        found.chain(missing).collect()
    }

    #[test]
    fn a_runpath_is_for_the_object_that_has_it_and_with_musl_for_what_it_loads_too() {
        let files = [
            ("app/main", library(&["liba.so"], "$ORIGIN/lib", 0)),
            ("app/lib/liba.so", library(&["libb.so"], "", 0)),
            ("app/lib/libb.so", library(&[], "", 0)),
            ("lib/ld-musl-x86_64.so.1", library(&[], "", 0)),
        ];
        let settings = Settings::default();
        let glibc = loaded(&files, &settings, false);
        assert_eq!(glibc, ["app/lib/liba.so", "!libb.so"]);
        assert_eq!(
            loaded(&files, &settings, true),
            [
                "lib/ld-musl-x86_64.so.1",
                "app/lib/liba.so",
                "app/lib/libb.so",
            ]
        );
    }

    #[test]
    fn all_builds_of_a_library_are_found_and_wrong_machines_passed_over() {
        let mut other = library(&[], "", 0);
        other[18] = 183;
        let files = [
            ("app/main", library(&["libz.so.1", "libq.so"], "", 0)),
            ("usr/lib/x86_64-linux-gnu/libz.so.1", library(&[], "", 0)),
            (
                "usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libz.so.1",
                library(&[], "", 0),
            ),
            ("opt/q/libq.so", other),
        ];
        let settings = Settings {
            configured: vec![b"/opt/q".to_vec()],
            ..Settings::default()
        };
        assert_eq!(
            loaded(&files, &settings, false),
            [
                "usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libz.so.1",
                "usr/lib/x86_64-linux-gnu/libz.so.1",
                "!libq.so",
            ]
        );
    }

    #[test]
    fn musl_stands_for_libc_itself() {
        let files = [
            (
                "app/main",
                library(&["libc.so", "libpthread.so.0", "libx.so"], "", 0),
            ),
            ("lib/ld-musl-x86_64.so.1", library(&[], "", 0)),
            ("usr/local/lib/libx.so", library(&[], "", 0)),
        ];
        assert_eq!(
            loaded(&files, &Settings::default(), true),
            ["lib/ld-musl-x86_64.so.1", "usr/local/lib/libx.so"]
        );
        let elsewhere = Settings {
            musl: Some(vec![b"/opt/lib".to_vec()]),
            ..Settings::default()
        };
        assert_eq!(
            loaded(&files, &elsewhere, true),
            ["lib/ld-musl-x86_64.so.1", "!libx.so"]
        );
    }

    #[test]
    fn dollars_are_put_in_place() {
        for (text, written) in [
            ("$ORIGIN/../lib", "/app/../lib"),
            ("${ORIGIN}x", "/appx"),
            ("$PLATFORM/$ORIGI", "$PLATFORM/$ORIGI"),
            ("/a/$LIB", "/a/lib64"),
        ] {
            let values: [(&str, &[u8]); 2] = [("ORIGIN", b"/app"), ("LIB", b"lib64")];
            assert_eq!(substitute(text.as_bytes(), &values), written.as_bytes());
        }
    }

    #[test]
    fn a_directory_that_is_named_like_a_variable_is_left_as_it_is() {
        let values: [(&str, &[u8]); 1] = [("ORIGIN", b"/a/$ORIGIN")];
        assert_eq!(substitute(b"$ORIGIN/lib", &values), b"/a/$ORIGIN/lib");
    }
}
