//! Which packages stay: those that own what is needed, and those that they depend on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::layer::Kind;
use crate::packages::{Database, Manager};
use crate::tree::{NodeId, Tree};

use super::depth::Depth;
use super::interpreters::fits;
use super::needed::Needed;

/// Why a package stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stays {
    /// It owns a path that is needed.
    Owns(NodeId),
    /// A package that stays depends on it.
    NeededBy(u32),
    /// A package that owns a program that is started recommends it, and is of the same source.
    WantedBy(u32),
    /// Something else says so.
    Says(String),
}

/// What stands for Essential where a distribution has no such mark: without it no shell and no user is there.
const ESSENTIAL: &[(Manager, &[&str])] = &[
    (
        Manager::Apk,
        &[
            "alpine-baselayout*",
            "alpine-release",
            "busybox*",
            "musl",
            "musl-utils",
            "wolfi-baselayout",
            "libc-utils",
            "ssl_client",
        ],
    ),
    (
        Manager::Rpm,
        &[
            "basesystem",
            "bash",
            "coreutils*",
            "filesystem",
            "findutils",
            "gawk",
            "glibc",
            "glibc-common",
            "grep",
            "gzip",
            "sed",
            "setup",
            "tar",
            "util-linux*",
            "*-release",
            "*-release-common",
            "which",
        ],
    ),
];

/// What the choice rests on.
pub(super) struct Closing<'a> {
    pub(super) tree: &'a Tree,
    pub(super) database: &'a Database,
    pub(super) needed: &'a Needed,
    /// What is started.
    pub(super) started: &'a BTreeSet<NodeId>,
    /// Packages that must stay, and why.
    pub(super) held: &'a BTreeMap<u32, String>,
    /// Packages that left already.
    pub(super) left: &'a BTreeSet<u32>,
    pub(super) depth: Depth,
}

impl Closing<'_> {
    /// Chooses. Each package has the first reason found.
    pub(super) fn close(&self) -> BTreeMap<u32, Stays> {
        let mut stays: BTreeMap<u32, Stays> = BTreeMap::new();
        let mut queue = VecDeque::new();
        let mut enter = |stays: &mut BTreeMap<u32, Stays>, number: u32, why: Stays| {
            if !self.left.contains(&number) && !stays.contains_key(&number) {
                stays.insert(number, why);
                queue.push_back(number);
            }
        };
        for node in self.needed.nodes() {
            if self.tree.kind(node) != Kind::Dir {
                for owner in self.database.owners_of(node) {
                    enter(&mut stays, owner, Stays::Owns(node));
                }
            }
        }
        let started = self.started.iter();
        let starters: BTreeSet<u32> = started
            .filter(|_| self.depth != Depth::Files)
            .flat_map(|&node| self.database.owners_of(node))
            .collect();
        for by in starters {
            for wanted in self.database.siblings(by) {
                enter(&mut stays, wanted, Stays::WantedBy(by));
            }
        }
        for (&number, why) in self.held {
            enter(&mut stays, number, Stays::Says(why.clone()));
        }
        if self.depth == Depth::Essential {
            for number in self.essential() {
                enter(
                    &mut stays,
                    number,
                    Stays::Says("it is Essential".to_owned()),
                );
            }
        }
        if self.depth == Depth::Files {
            return stays;
        }
        while let Some(number) = queue.pop_front() {
            for group in &self.database.package(number).needs {
                if group.iter().any(|needed| stays.contains_key(needed)) {
                    continue;
                }
                let there = group.iter().find(|needed| !self.left.contains(needed));
                if let Some(&needed) = there {
                    stays.insert(needed, Stays::NeededBy(number));
                    queue.push_back(needed);
                }
            }
        }
        stays
    }

    fn essential(&self) -> impl Iterator<Item = u32> {
        let list = ESSENTIAL
            .iter()
            .find(|(manager, _)| *manager == self.database.manager);
        (0u32..)
            .zip(self.database.packages())
            .filter(move |(_, package)| match list {
                Some((_, names)) => {
                    let fits = |name: &str| fits(name.as_bytes(), package.name.as_bytes());
                    names.iter().any(|name| fits(name))
                }
                None => package.essential == Some("Essential"),
            })
            .map(|(number, _)| number)
    }
}

/// How many packages own a directory, over all databases.
pub(super) fn sharers(databases: &[Database], dir: NodeId) -> usize {
    databases
        .iter()
        .map(|database| database.owners_of(dir).count())
        .sum()
}
