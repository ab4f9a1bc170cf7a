//! Who has the visible bytes: the largest files, directories, packages, ecosystems and kinds.
//!
//! Each file counts once, at the first of its names. Ecosystems and kinds are told by paths alone: no content is read.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use crate::layer::Kind;
use crate::packages::{Database, Manager};
use crate::path;
use crate::tree::{NodeId, Tree};

use super::super::count::stored;

/// How many rows of each table there are.
const ROWS: usize = 50;

/// Bytes of some files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Weight {
    /// What they are: a directory, an ecosystem, a kind.
    pub name: String,
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// One of the largest files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LargeFile {
    /// The first of its names.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// The layer that holds it.
    pub layer: usize,
    /// The package that owns it.
    pub package: Option<String>,
}

/// An installed package and its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackageWeight {
    /// What installed it.
    pub manager: Manager,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Files that it owns; a file of several packages counts for the first.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Who has the visible bytes; each table has its heaviest rows, those first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Weights {
    /// Files.
    pub largest: Vec<LargeFile>,
    /// Directories of one and two components, with all under them.
    pub directories: Vec<Weight>,
    /// Packages.
    pub packages: Vec<PackageWeight>,
    /// Language ecosystems and package managers.
    pub ecosystems: Vec<Weight>,
    /// Kinds of files.
    pub kinds: Vec<Weight>,
}

/// Weighs an image.
pub(super) fn weigh(tree: &Tree, databases: &[Database]) -> Weights {
    let owner = |node: NodeId| {
        let mut owners = databases.iter();
        owners.find_map(|database| Some((database, database.owner(node)?)))
    };
    let mut files: Vec<(u64, NodeId)> = Vec::new();
    let mut directories = Table::default();
    let mut ecosystems = Table::default();
    let mut kinds = Table::default();
    for node in tree.walk() {
        if tree.kind(node) != Kind::File || tree.names(node).first() != Some(&node) {
            continue;
        }
        let (at, bytes) = (tree.path(node), stored(tree, node));
        files.push((bytes, node));
        for dir in heads(&at) {
            directories.add(path::display(dir), bytes);
        }
        let owned = owner(node).map(|(database, _)| database.manager);
        ecosystems.add(ecosystem(&at, owned), bytes);
        let executable = tree.is_executable(node);
        kinds.add(kind(&at, executable).into(), bytes);
    }
    files.sort_by_key(|&(bytes, node)| (Reverse(bytes), node));
    let large = |&(bytes, node): &(u64, NodeId)| LargeFile {
        path: path::display(&tree.path(node)),
        bytes,
        layer: tree.data(node).map_or(0, |at| at.layer.into()),
        package: owner(node).map(|(_, package)| package.name.clone()),
    };
    Weights {
        largest: files.iter().take(ROWS).map(large).collect(),
        directories: directories.rows(),
        packages: packages(tree, databases),
        ecosystems: ecosystems.rows(),
        kinds: kinds.rows(),
    }
}

#[derive(Default)]
struct Table(BTreeMap<String, (u64, u64)>);

impl Table {
    fn add(&mut self, name: String, bytes: u64) {
        let row = self.0.entry(name).or_default();
        row.0 += 1;
        row.1 += bytes;
    }

    fn rows(self) -> Vec<Weight> {
        let rows = self.0.into_iter();
        let mut rows: Vec<Weight> = rows
            .map(|(name, (files, bytes))| Weight { name, files, bytes })
            .collect();
        rows.sort_by_key(|row| Reverse(row.bytes));
        rows.truncate(ROWS);
        rows
    }
}

/// The first component, and the first two, of the directory that holds a path.
fn heads(at: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = at.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    ends.take(2).map(|(end, _)| &at[..end])
}

fn packages(tree: &Tree, databases: &[Database]) -> Vec<PackageWeight> {
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for database in databases {
        for package in database.packages() {
            let (mut files, mut bytes) = (0, 0);
            for &node in database.files(package) {
                let is_file = tree.kind(node) == Kind::File;
                if is_file && tree.data(node).is_some_and(|data| seen.insert(data)) {
                    files += 1;
                    bytes += stored(tree, node);
                }
            }
            rows.push(PackageWeight {
                manager: database.manager,
                name: package.name.clone(),
                version: package.version.clone(),
                files,
                bytes,
            });
        }
    }
    rows.sort_by(|a, b| (Reverse(a.bytes), &a.name).cmp(&(Reverse(b.bytes), &b.name)));
    rows.truncate(ROWS);
    rows
}

/// Where a path belongs by its components, or to the system's packages.
fn ecosystem(at: &[u8], owned: Option<Manager>) -> String {
    const PLACES: [(&str, &[&str]); 9] = [
        ("Node.js", &["node_modules"]),
        ("Python", &["site-packages", "dist-packages", "conda"]),
        (
            "Go",
            &["usr/local/go", "go/pkg", "usr/lib/go", "usr/share/go"],
        ),
        (
            "Rust",
            &[".cargo", "usr/local/cargo", ".rustup", "usr/local/rustup"],
        ),
        ("Java", &["jvm", ".m2", ".gradle", "maven"]),
        ("Ruby", &["gems", "rubygems"]),
        ("PHP", &["composer", ".composer"]),
        (".NET", &["dotnet", ".nuget"]),
        ("Erlang and Elixir", &["erlang", ".hex", ".mix"]),
    ];
    let text = format!("/{}/", String::from_utf8_lossy(at));
    let holds = |place: &&str| text.contains(&format!("/{place}/"));
    let known = PLACES.iter().find(|(_, places)| places.iter().any(&holds));
    match (known, owned) {
        (_, Some(manager)) => format!("packages of {manager}"),
        (Some((name, _)), None) => (*name).into(),
        _ if text.ends_with(".jar/") || text.ends_with(".war/") => "Java".into(),
        _ => "no package".into(),
    }
}

/// What a file is by its path.
fn kind(at: &[u8], executable: bool) -> &'static str {
    const ENDS: [(&str, &[&str]); 16] = [
        ("static libraries", &["a", "la", "lib"]),
        (
            "archives and packages",
            &[
                "gz", "xz", "bz2", "zst", "zip", "tar", "tgz", "deb", "rpm", "apk", "whl", "gem",
            ],
        ),
        (
            "Java archives and classes",
            &["jar", "war", "ear", "class", "jmod"],
        ),
        ("Python byte-code", &["pyc", "pyo"]),
        ("Python sources", &["py", "pyi", "pyx", "pxd"]),
        ("source maps", &["map"]),
        (
            "JavaScript and TypeScript",
            &["js", "mjs", "cjs", "ts", "jsx", "tsx"],
        ),
        (
            "C and C++ sources and headers",
            &["h", "hpp", "hh", "hxx", "c", "cc", "cpp", "cxx", "inc"],
        ),
        (
            "sources of other languages",
            &[
                "go", "rs", "rb", "php", "pl", "pm", "java", "s", "sh", "tcl", "lua", "el",
            ],
        ),
        (
            "object and debug files",
            &["o", "obj", "debug", "pdb", "dwo", "syso"],
        ),
        (
            "images, sound and video",
            &[
                "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "mp3", "mp4", "wav", "webm",
                "ogg", "tiff",
            ],
        ),
        (
            "documents",
            &[
                "pdf", "doc", "docx", "ppt", "pptx", "xlsx", "html", "htm", "md", "rst", "txt",
                "tex",
            ],
        ),
        ("fonts", &["ttf", "otf", "woff", "woff2", "pfb", "afm"]),
        (
            "structured text",
            &[
                "json",
                "yaml",
                "yml",
                "toml",
                "xml",
                "ini",
                "conf",
                "cfg",
                "properties",
                "css",
                "csv",
            ],
        ),
        ("databases", &["db", "sqlite", "sqlite3", "mdb", "dat"]),
        ("translations", &["mo", "po", "gmo"]),
    ];
    let text = String::from_utf8_lossy(at);
    let name = text.rsplit('/').next().unwrap_or_default();
    if name.contains(".so.") || name.ends_with(".so") {
        return "shared libraries";
    }
    for (dir, kind) in [
        ("usr/share/doc/", "documentation"),
        ("usr/share/man/", "documentation"),
        ("usr/share/info/", "documentation"),
        ("usr/share/locale/", "translations"),
        ("usr/share/i18n/", "translations"),
        ("var/lib/dpkg/", "package databases"),
        ("var/lib/rpm/", "package databases"),
        ("lib/apk/", "package databases"),
        ("var/cache/", "caches"),
        ("var/lib/apt/lists/", "caches"),
        ("var/log/", "logs"),
    ] {
        if text.starts_with(dir) {
            return kind;
        }
    }
    let end = name
        .rsplit_once('.')
        .map(|(_, end)| end.to_ascii_lowercase());
    let known = end.and_then(|end| {
        let mut kinds = ENDS.iter();
        kinds.find(|(_, ends)| ends.contains(&&end[..]))
    });
    match known {
        Some((kind, _)) => kind,
        None if executable => "programs",
        None => "other files",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example::{layer, merge};

    #[test]
    fn kinds_and_ecosystems() {
        for (at, executable, expected) in [
            ("usr/lib/libc.so.6", true, "shared libraries"),
            ("usr/share/doc/a/b.gz", false, "documentation"),
            ("app/a.tar.gz", false, "archives and packages"),
            ("usr/bin/tool", true, "programs"),
            ("etc/passwd", false, "other files"),
            ("a/B.PNG", false, "images, sound and video"),
        ] {
            assert_eq!(kind(at.as_bytes(), executable), expected, "{at}");
        }
        for (at, owned, expected) in [
            ("app/node_modules/x/y", None, "Node.js"),
            (
                "usr/lib/python3/dist-packages/x",
                Some(Manager::Dpkg),
                "packages of dpkg",
            ),
            ("usr/lib/python3/site-packages/x", None, "Python"),
            ("usr/local/go/bin/go", None, "Go"),
            ("app/x.jar", None, "Java"),
            ("etc/hosts", None, "no package"),
        ] {
            assert_eq!(ecosystem(at.as_bytes(), owned), expected, "{at}");
        }
    }

    #[test]
    fn each_file_counts_once() {
        let dir = tempfile::tempdir().unwrap();
        let layers = [layer(
            dir.path(),
            &[
                ("usr/lib/a/x.so", "500"),
                ("usr/lib/y", "-> usr/lib/a/x.so"),
                ("usr/bin/tool", "70"),
                ("top", "1"),
            ],
        )];
        let weights = weigh(&merge(&layers), &[]);
        let rows: Vec<_> = weights
            .directories
            .iter()
            .map(|row| (&row.name[..], row.files, row.bytes))
            .collect();
        assert_eq!(
            rows,
            [("usr", 2, 570), ("usr/lib", 1, 500), ("usr/bin", 1, 70)]
        );
        let all = |rows: &[Weight]| rows.iter().map(|row| row.bytes).sum::<u64>();
        assert_eq!((all(&weights.kinds), all(&weights.ecosystems)), (571, 571));
        assert_eq!(weights.largest[0].path, "usr/lib/a/x.so");
        assert_eq!(weights.largest.len(), 3);
    }
}
