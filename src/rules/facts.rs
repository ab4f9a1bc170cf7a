//! What the rules need to know of the image besides its tree: its config, its home directories, its C library.
//!
//! A config with fields that are null, missing or of another type gives less, never an error: runtimes take such images.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::commands;
use crate::rules::roots::{self, Root};
use crate::tree::{NodeId, Tree};

/// Reads the files of the image.
pub trait Contents: Sync {
    /// Returns the first `limit` bytes of a regular file, or all where it has fewer.
    ///
    /// # Errors
    /// When the layer cannot be read.
    fn read(&self, file: NodeId, limit: usize) -> Result<Vec<u8>>;

    /// Returns the `length` bytes of a regular file from `from` on, or as many of them as there are.
    ///
    /// # Errors
    /// When the layer cannot be read.
    fn part(&self, file: NodeId, from: u64, length: usize) -> Result<Vec<u8>> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let mut bytes = self.read(file, from.saturating_add(length))?;
        bytes.drain(..from.min(bytes.len()));
        Ok(bytes)
    }

    /// Reads the bytes of a regular file from `from` on into `buffer` and returns how many: fewer than it takes where there
    /// are no more.
    ///
    /// # Errors
    /// When the layer cannot be read.
    fn fill(&self, file: NodeId, from: u64, buffer: &mut [u8]) -> Result<usize> {
        let bytes = self.part(file, from, buffer.len())?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

/// What an image says of itself.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The environment, in order; of a name given twice the last counts.
    pub environment: Vec<(String, String)>,
    /// The entrypoint.
    pub entrypoint: Vec<String>,
    /// The arguments of the entrypoint, or the command itself.
    pub command: Vec<String>,
    /// The health check's command, without `CMD` or `CMD-SHELL`.
    pub healthcheck: Vec<String>,
    /// Lines of shell that the user says the image must be able to run too.
    pub needs: Vec<String>,
    /// The working directory as a path; empty for the root.
    pub workdir: Vec<u8>,
    /// As written: name or number, with or without a group.
    pub user: String,
    /// The volumes as paths.
    pub volumes: Vec<Vec<u8>>,
    /// `linux`, `windows`.
    pub os: String,
    /// `amd64`, `arm64`, …
    pub architecture: String,
    /// `v7`, `v8`.
    pub variant: String,
    /// The home directories as paths without links, of those that are there.
    pub homes: Vec<Vec<u8>>,
    /// Whether the loader of glibc is there.
    pub glibc: bool,
    /// Whether the loader of musl is there.
    pub musl: bool,
    /// The words of each command and of each shell script that a command starts.
    pub commands: Vec<Vec<String>>,
    /// The paths by which the image starts and where it works and keeps what it is given.
    pub roots: Vec<Root>,
    /// Paths that something else takes, such as a package: they are no witness for a rule that looks at the image.
    pub gone: HashSet<NodeId>,
}

impl Facts {
    /// Gathers them from the raw config document and the tree.
    ///
    /// # Errors
    /// When a script or `/etc/passwd` cannot be read.
    pub fn gather(config: &Value, tree: &Tree, contents: &dyn Contents) -> Result<Self> {
        Self::gather_for(config, &[], tree, contents)
    }

    /// As [`Facts::gather`], for an image that must run the lines `needs` too.
    ///
    /// # Errors
    /// As [`Facts::gather`].
    pub fn gather_for(
        config: &Value,
        needs: &[String],
        tree: &Tree,
        contents: &dyn Contents,
    ) -> Result<Self> {
        let run = &config["config"];
        let mut facts = Self {
            environment: environment(&run["Env"]),
            entrypoint: words(&run["Entrypoint"]),
            command: words(&run["Cmd"]),
            healthcheck: healthcheck(&run["Healthcheck"]["Test"]),
            needs: needs.to_vec(),
            workdir: directory(run["WorkingDir"].as_str().unwrap_or_default()),
            user: text(&run["User"]),
            volumes: volumes(&run["Volumes"]),
            os: text(&config["os"]),
            architecture: text(&config["architecture"]),
            variant: text(&config["variant"]),
            ..Self::default()
        };
        facts.homes = homes(tree, contents, facts.variable("HOME"))?;
        (facts.glibc, facts.musl) = loaders(tree);
        let onbuild = words(&run["OnBuild"]);
        let scripts = commands::gather(&mut facts, tree, contents)?;
        facts.roots = roots::gather(&facts, &onbuild, &scripts, tree);
        Ok(facts)
    }

    /// The value of an environment variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let mut values = self
            .environment
            .iter()
            .rev()
            .filter(|(known, _)| known == name);
        values.next().map(|(_, value)| value.as_str())
    }

    /// The languages (`de` of `de_DE.UTF-8`) that the environment asks for.
    pub fn languages(&self) -> BTreeSet<&str> {
        self.environment
            .iter()
            .filter(|(name, _)| name == "LANG" || name == "LANGUAGE" || name.starts_with("LC_"))
            .flat_map(|(_, value)| value.split(':'))
            .filter_map(|locale| locale.split(['_', '.', '@']).next())
            .filter(|language| language.len() > 1 && *language != "POSIX")
            .filter(|language| language.bytes().all(|byte| byte.is_ascii_alphabetic()))
            .collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A list of strings; one string is a list of one.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Value::String(one) => vec![one.clone()],
        _ => Vec::new(),
    }
}

fn environment(value: &Value) -> Vec<(String, String)> {
    words(value)
        .iter()
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn healthcheck(value: &Value) -> Vec<String> {
    let mut test = words(value);
    match test.first().map(String::as_str) {
        Some("NONE") => test.clear(),
        Some("CMD" | "CMD-SHELL") => drop(test.remove(0)),
        _ => {}
    }
    test
}

/// A name that leads out of the root is no directory of the image: the root then.
fn directory(name: &str) -> Vec<u8> {
    path::clean(name.as_bytes()).unwrap_or_default()
}

/// An object whose keys count, as the specification has it, or a list.
fn volumes(value: &Value) -> Vec<Vec<u8>> {
    let mut volumes = match value {
        Value::Object(map) => map.keys().map(|name| directory(name)).collect(),
        _ => words(value)
            .iter()
            .map(|name| directory(name))
            .collect::<Vec<_>>(),
    };
    volumes.retain(|volume| !volume.is_empty());
    volumes
}

/// The bytes of `/etc/passwd` that are read: more users than any image has.
const PASSWD: usize = 1 << 20;

/// `/root`, `$HOME`, what `/etc/passwd` says and all in `/home`; each by the path that links lead to, once.
fn homes(tree: &Tree, contents: &dyn Contents, home: Option<&str>) -> Result<Vec<Vec<u8>>> {
    let mut named: Vec<Vec<u8>> = vec![b"root".to_vec()];
    named.extend(home.map(|home| home.as_bytes().to_vec()));
    if let Some(passwd) = tree
        .resolve(b"etc/passwd")
        .filter(|&node| tree.kind(node) == Kind::File)
    {
        let users = contents.read(passwd, PASSWD)?;
        let fields = users
            .split(|&byte| byte == b'\n')
            .filter_map(|line| line.split(|&byte| byte == b':').nth(5));
        named.extend(
            fields
                .filter(|home| home.starts_with(b"/"))
                .map(<[u8]>::to_vec),
        );
    }
    if let Some(all) = tree
        .resolve(b"home")
        .filter(|&node| tree.kind(node) == Kind::Dir)
    {
        named.extend(tree.children(all).map(|(_, child)| tree.path(child)));
    }
    let mut homes = Vec::new();
    for name in named {
        let node = tree
            .resolve(&name)
            .filter(|&node| tree.kind(node) == Kind::Dir);
        if let Some(home) = node
            .map(|node| tree.path(node))
            .filter(|home| !homes.contains(home))
        {
            homes.push(home);
        }
    }
    Ok(homes)
}

/// Whether the loaders of glibc and of musl are there.
fn loaders(tree: &Tree) -> (bool, bool) {
    let (mut glibc, mut musl) = (false, false);
    for dir in ["lib", "lib32", "lib64", "usr/lib", "usr/lib64"] {
        let Some(dir) = tree.resolve(dir.as_bytes()) else {
            continue;
        };
        for (name, _) in tree.children(dir) {
            musl |= name.starts_with(b"ld-musl-");
            glibc |=
                name.starts_with(b"ld-linux") || name.starts_with(b"ld64.so") || name == b"ld.so.1";
        }
    }
    (glibc, musl)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::example;

    fn gather(config: &Value, files: &[(&str, &str)]) -> Facts {
        let (tree, contents) = example::image(files);
        Facts::gather(config, &tree, &contents).unwrap()
    }

    #[test]
    fn a_config_is_read_as_runtimes_read_it() {
        let facts = gather(
            &json!({"os": "linux", "architecture": "arm64", "variant": "v8", "config": {
                "Env": ["A=1", "B", "A=2=3"], "Entrypoint": "/run", "Cmd": null, "WorkingDir": "/srv/",
                "Volumes": {"/data": {}, "/": {}}, "User": "1:1", "Healthcheck": {"Test": ["CMD-SHELL", "true"]}}}),
            &[],
        );
        assert_eq!(facts.variable("A"), Some("2=3"));
        assert_eq!((facts.variable("B"), facts.variable("C")), (Some(""), None));
        assert_eq!(
            (facts.entrypoint, facts.command),
            (vec!["/run".to_owned()], vec![])
        );
        assert_eq!(
            (facts.workdir, facts.volumes),
            (b"srv".to_vec(), vec![b"data".to_vec()])
        );
        assert_eq!(facts.healthcheck, ["true"]);
        assert_eq!(
            (
                facts.architecture.as_str(),
                facts.variant.as_str(),
                facts.user.as_str()
            ),
            ("arm64", "v8", "1:1")
        );
    }

    #[test]
    fn a_config_without_anything_is_no_error() {
        for config in [
            json!({}),
            json!(null),
            json!({"config": null}),
            json!({"config": {"Env": 1, "Volumes": []}}),
        ] {
            let facts = gather(&config, &[]);
            assert!(
                facts.environment.is_empty() && facts.volumes.is_empty(),
                "{config}"
            );
        }
    }

    #[test]
    fn homes_are_those_of_the_image() {
        let facts = gather(
            &json!({}),
            &[
                (
                    "etc/passwd",
                    "root:x:0:0:root:/root:/bin/sh\nx:x:1:1::/var/x:\nno:x:2:2::/nonexistent:\nbroken\n",
                ),
                ("root/.profile", ""),
                ("var/x/a", ""),
                ("home/ann/.profile", ""),
            ],
        );
        assert_eq!(facts.homes, [&b"root"[..], b"var/x", b"home/ann"]);
    }

    #[test]
    fn the_c_library_is_told_by_its_loader() {
        let libc = |file| {
            let facts = gather(&json!({}), &[(file, "")]);
            (facts.glibc, facts.musl)
        };
        assert_eq!(libc("lib64/ld-linux-x86-64.so.2"), (true, false));
        assert_eq!(libc("lib/ld-musl-x86_64.so.1"), (false, true));
        assert_eq!(libc("usr/lib/libc.so"), (false, false));
    }

    #[test]
    fn languages_are_those_of_the_environment() {
        let facts = gather(
            &json!({"config": {"Env": ["LANG=de_DE.UTF-8", "LC_ALL=C", "LANGUAGE=fr:pt_BR", "X=es"]}}),
            &[],
        );
        assert_eq!(facts.languages(), BTreeSet::from(["de", "fr", "pt"]));
    }
}
