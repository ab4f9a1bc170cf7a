//! Whose a path is, as far as package managers and the history of the image tell.

use std::collections::{BTreeMap, HashMap};

use crate::error::Result;
use crate::layer::Kind;
use crate::packages::{Inventory, Manager};
use crate::tree::{NodeId, Tree};

use super::class::{Class, Group, class};
use super::places;
use super::steps::Steps;

/// Whose the paths of an image are, as far as package managers and its history tell.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    pub(super) steps: Steps,
    groups: HashMap<NodeId, Group>,
    /// By name: what packages of the system were built from.
    sources: HashMap<Vec<u8>, Vec<u8>>,
}

impl Owners {
    /// Reads the packages' lists.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn read(inventory: &Inventory<'_>, steps: Steps) -> Result<Self> {
        let sources = inventory.sources()?;
        let groups = sources.into_iter().map(|(node, (manager, source))| {
            let group = match manager {
                Manager::Python => Group::new(Class::Language, format!("pypi:{source}").as_bytes()),
                _ => Group::new(Class::Package, source.as_bytes()),
            };
            (node, group)
        });
        let packages = inventory.databases.iter().flat_map(|one| one.packages());
        let sources = packages.map(|one| (one.name.clone().into(), one.source.clone().into()));
        Ok(Self {
            steps,
            groups: groups.collect(),
            sources: sources.collect(),
        })
    }

    /// By layer and class: the bytes of visible files.
    pub(in super::super) fn bytes(&self, tree: &Tree) -> Vec<BTreeMap<Class, u64>> {
        let mut bytes = vec![BTreeMap::new(); tree.layers().len()];
        for node in tree.walk() {
            let data = tree.data(node).filter(|_| tree.kind(node) == Kind::File);
            let Some(data) = data.filter(|_| tree.names(node).first() == Some(&node)) else {
                continue;
            };
            let path = tree.path(node);
            let group = self.group(tree, node, &path, &self.steps, None);
            let class = class(group.as_ref(), &path);
            *bytes[usize::from(data.layer)].entry(class).or_default() += tree.size(node);
        }
        bytes
    }

    /// The group of a path that is told without looking at sizes; `time` is the one that it gets for its own, if any.
    pub(super) fn group(
        &self,
        tree: &Tree,
        node: NodeId,
        path: &[u8],
        steps: &Steps,
        time: Option<i64>,
    ) -> Option<Group> {
        if let Some(step) = steps.dated(tree, node, time) {
            return Some(Group::new(Class::Built, &step));
        }
        if let Some(source) = places::dpkg_package(path).and_then(|name| self.sources.get(name)) {
            return Some(Group::new(Class::Package, source));
        }
        if places::is_record(path) {
            return None;
        }
        if path.starts_with(b"etc/") {
            return Some(Group::new(Class::Configuration, b""));
        }
        let owner = self.groups.get(&node).cloned();
        owner.or_else(|| {
            let name = places::language_package(path)?;
            Some(Group::new(Class::Language, &name))
        })
    }
}
