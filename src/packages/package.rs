//! Installed packages as all package managers' databases have them: names, versions, needs, and the files that they own.
//!
//! How a database is laid out on disk is told by the module of its kind.

use std::collections::HashSet;
use std::fmt;

use serde::Serialize;

use crate::tree::NodeId;

use super::apk::Apk;
use super::dpkg::Dpkg;
use super::rpm::Rpm;

/// The package manager that a database belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Manager {
    /// Debian and its family.
    Dpkg,
    /// Alpine and its family.
    Apk,
    /// Red Hat, SUSE and their families.
    Rpm,
    /// `node_modules` trees.
    Npm,
    /// Distributions that pip and its like installed.
    Python,
}

impl fmt::Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dpkg => "dpkg",
            Self::Apk => "apk",
            Self::Rpm => "rpm",
            Self::Npm => "npm",
            Self::Python => "python",
        })
    }
}

/// An installed package.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name, without the architecture.
    pub name: String,
    /// The name of what it was built from, which its sisters share; its own where nothing tells.
    pub source: String,
    /// Its version, as the package manager writes it.
    pub version: String,
    /// Its architecture, as the package manager calls it; empty where it does not say.
    pub architecture: String,
    /// Whether it was installed only because another needed it.
    pub automatic: bool,
    /// Why it can never be dropped: `Essential` and the like.
    pub essential: Option<&'static str>,
    /// All must hold, one of each is enough. What was not satisfied by any installed package is left out.
    pub(crate) needs: Vec<Vec<u32>>,
    /// What it recommends, of what is installed.
    pub(crate) wants: Vec<u32>,
    /// It was installed because all of these were; never so where empty.
    pub(crate) joins: Vec<Vec<u32>>,
    /// Its files' place in the database's list.
    pub(crate) files: (u32, u32),
}

impl Database {
    /// What a package recommends of its own source, told by the version, which parts of one source share: `gpg` starts its
    /// agent by a name that it puts together.
    pub(crate) fn siblings(&self, number: u32) -> impl Iterator<Item = u32> {
        let package = self.package(number);
        let wants = package.wants.iter().copied();
        wants.filter(|&wanted| self.package(wanted).version == package.version)
    }
}

/// An installed database: who is there, who needs whom, who owns what.
#[derive(Debug)]
pub struct Database {
    /// Whose it is.
    pub manager: Manager,
    /// The distribution's name for package URLs, such as `debian`; empty where it is not known.
    pub distribution: String,
    pub(crate) packages: Vec<Package>,
    /// By package: what it owns, directories too.
    pub(crate) files: Vec<NodeId>,
    /// By node; several packages may own one directory, and now and then one file.
    pub(crate) owners: Vec<(NodeId, u32)>,
    /// Links that stand for a directory on the way to owned paths, such as `/lib` where it leads to `usr/lib`.
    pub(crate) aliases: HashSet<NodeId>,
    pub(crate) records: Records,
}

/// What the database's own files hold, for writing them again.
#[derive(Debug)]
pub(crate) enum Records {
    Dpkg(Box<Dpkg>),
    Apk(Box<Apk>),
    Rpm(Box<Rpm>),
}

impl Database {
    /// Puts a database together; `files` holds for each package what it owns.
    pub(crate) fn new(
        manager: Manager,
        distribution: String,
        packages: Vec<Package>,
        files: Vec<Vec<NodeId>>,
        aliases: HashSet<NodeId>,
        records: Records,
    ) -> Self {
        let mut database = Self {
            manager,
            distribution,
            packages,
            files: Vec::with_capacity(files.iter().map(Vec::len).sum()),
            owners: Vec::new(),
            aliases,
            records,
        };
        let place = |length: usize| u32::try_from(length).expect("paths of the tree bound files");
        for (number, mut own) in (0u32..).zip(files) {
            own.retain(|node| !database.aliases.contains(node));
            own.sort_unstable();
            own.dedup();
            let start = place(database.files.len());
            database
                .owners
                .extend(own.iter().map(|&node| (node, number)));
            database.files.extend(own);
            database.packages[number as usize].files = (start, place(database.files.len()));
        }
        database.owners.sort_unstable();
        database
    }

    /// The installed packages, in the order in which the database has them.
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The package that owns a path; of several, the first.
    pub fn owner(&self, node: NodeId) -> Option<&Package> {
        self.owners_of(node)
            .next()
            .map(|number| &self.packages[number as usize])
    }

    /// The paths that a package of this database owns, directories too, by node.
    pub fn files(&self, package: &Package) -> &[NodeId] {
        &self.files[package.files.0 as usize..package.files.1 as usize]
    }

    /// Whether the package manager knows the path, as owned or as a way to what is owned.
    pub(crate) fn knows(&self, node: NodeId) -> bool {
        self.owner(node).is_some() || self.aliases.contains(&node)
    }

    pub(crate) fn owners_of(&self, node: NodeId) -> impl Iterator<Item = u32> {
        let from = self.owners.partition_point(|&(owned, _)| owned < node);
        self.owners[from..]
            .iter()
            .take_while(move |&&(owned, _)| owned == node)
            .map(|&(_, package)| package)
    }

    pub(crate) fn package(&self, number: u32) -> &Package {
        &self.packages[number as usize]
    }

    /// The package by which messages name it: with its architecture where the name alone is not enough.
    pub(crate) fn label(&self, number: u32) -> String {
        let package = self.package(number);
        let twins = self
            .packages
            .iter()
            .filter(|other| other.name == package.name);
        if twins.take(2).count() > 1 {
            format!("{}:{}", package.name, package.architecture)
        } else {
            package.name.clone()
        }
    }
}
