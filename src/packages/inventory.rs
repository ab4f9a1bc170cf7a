//! What is installed in an image, and what is read of the image to decide about it: each once, however often it is asked.
//!
//! It decides nothing.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::error::Result;
use crate::rules::{Contents, Facts};
use crate::tree::{NodeId, Tree};

use super::guard::Heads;
use super::npm::{self, Project};
use super::package::{Database, Manager};
use super::python::{self, Distribution};
use super::reference::{self, Reference};

/// An image's packages with the image that they lie in.
pub struct Inventory<'a> {
    /// Where the packages' files lie.
    pub tree: &'a Tree,
    pub(crate) contents: &'a dyn Contents,
    /// What the image says of itself.
    pub facts: Facts,
    /// The databases of the system's package managers.
    pub databases: Vec<Database>,
    references: OnceLock<Vec<Reference>>,
    started: OnceLock<Vec<Reference>>,
    projects: OnceLock<Vec<Project>>,
    distributions: OnceLock<Vec<Distribution>>,
    /// The heads of the payload's files that were read so far.
    heads: Mutex<Heads>,
}

impl fmt::Debug for Inventory<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Inventory");
        shown.field("databases", &self.databases);
        shown.finish_non_exhaustive()
    }
}

impl<'a> Inventory<'a> {
    /// Puts it together of what was read before; all else is read when it is asked for.
    pub fn new(
        tree: &'a Tree,
        contents: &'a dyn Contents,
        facts: Facts,
        databases: Vec<Database>,
    ) -> Self {
        Self {
            tree,
            contents,
            facts,
            databases,
            references: OnceLock::new(),
            started: OnceLock::new(),
            projects: OnceLock::new(),
            distributions: OnceLock::new(),
            heads: Mutex::default(),
        }
    }

    /// Whether one of the system's package managers knows the path.
    pub(crate) fn is_owned(&self, node: NodeId) -> bool {
        self.databases.iter().any(|database| database.knows(node))
    }

    /// The heads that were read so far; a panic elsewhere leaves them whole.
    pub(crate) fn heads(&self) -> MutexGuard<'_, Heads> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the image's config names.
    ///
    /// # Errors
    /// When a script cannot be read.
    pub fn references(&self) -> Result<&[Reference]> {
        once(&self.references, || {
            reference::references(self.tree, self.contents, &self.facts)
        })
    }

    /// What the config names, and what the programs among that name in turn.
    ///
    /// # Errors
    /// When a program cannot be read.
    pub(crate) fn started(&self) -> Result<&[Reference]> {
        once(&self.started, || {
            let mut all = self.references()?.to_vec();
            let is_owned = |node: NodeId| self.is_owned(node);
            let found = reference::started(self.tree, self.contents, &self.facts, &all, &is_owned)?;
            all.extend(found);
            Ok(all)
        })
    }

    /// The projects with a `node_modules` tree that no package owns.
    ///
    /// # Errors
    /// When a manifest or a lockfile cannot be read.
    pub(crate) fn projects(&self) -> Result<&[Project]> {
        once(&self.projects, || {
            let is_free = |node: NodeId| !self.is_owned(node);
            npm::projects(self.tree, self.contents, &is_free)
        })
    }

    /// The distributions of Python, those that packages own too.
    ///
    /// # Errors
    /// When one's files cannot be read.
    pub(crate) fn distributions(&self) -> Result<&[Distribution]> {
        once(&self.distributions, || {
            python::distributions(self.tree, self.contents)
        })
    }
}

impl Inventory<'_> {
    /// What owns each path that the system's packages or Python's distributions know: the manager and what the package was
    /// built from. Packages come before distributions, and of several the first counts.
    ///
    /// # Errors
    /// When a distribution's files cannot be read.
    pub(crate) fn sources(&self) -> Result<HashMap<NodeId, (Manager, &str)>> {
        let mut sources = HashMap::new();
        for one in self.distributions()? {
            let files = python::files(self.tree, self.contents, one)?;
            for node in files.into_iter().flatten() {
                let source = (Manager::Python, &one.name[..]);
                sources.entry(node).or_insert(source);
            }
        }
        for database in self.databases.iter().rev() {
            for package in database.packages().iter().rev() {
                for &node in database.files(package) {
                    sources.insert(node, (database.manager, &package.source[..]));
                }
            }
        }
        Ok(sources)
    }
}

fn once<T>(cell: &OnceLock<Vec<T>>, make: impl FnOnce() -> Result<Vec<T>>) -> Result<&[T]> {
    if let Some(known) = cell.get() {
        return Ok(known);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}
