//! Takes modules out of a `node_modules` tree: their directories, the links to their programs, their rows in the lockfile.
//!
//! Which modules go is decided before.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::layer::Kind;
use crate::rules::{Decisions, Edit};
use crate::tree::{NodeId, Tree};

use super::super::options::DEV_DEPENDENCIES;
use super::super::package::Manager;
use super::super::report::RemovedPackage;
use super::super::sbom;
use super::{Module, Project, show, yarn};

/// Takes modules out of one project's tree.
pub(super) struct Taking<'a> {
    pub(super) tree: &'a Tree,
    pub(super) project: &'a Project,
    pub(super) gone: &'a [&'a Module],
    pub(super) reason: usize,
    pub(super) decisions: &'a mut Decisions,
}

impl Taking<'_> {
    /// Takes the directories, but not what stays inside them, and scopes that are empty then.
    pub(super) fn modules(&mut self) -> Vec<RemovedPackage> {
        let stays: HashSet<NodeId> = {
            let gone: HashSet<NodeId> = self.gone.iter().map(|module| module.node).collect();
            let all = self.project.modules.iter().map(|module| module.node);
            all.filter(|node| !gone.contains(node)).collect()
        };
        let own: HashSet<NodeId> = self.project.modules.iter().map(|m| m.node).collect();
        let mut rows = Vec::new();
        let mut counted = HashSet::new();
        let mut innermost_first = self.gone.to_vec();
        innermost_first.sort_by_key(|module| std::cmp::Reverse(module.place.len()));
        for module in innermost_first {
            let (mut files, mut bytes) = (0, 0);
            let mut directories = vec![module.node];
            let mut at = 0;
            while at < directories.len() {
                let children: Vec<NodeId> = self
                    .tree
                    .children(directories[at])
                    .map(|(_, child)| child)
                    .collect();
                at += 1;
                for child in children {
                    if self.tree.kind(child) == Kind::Dir {
                        if !stays.contains(&child) && !own.contains(&child) {
                            directories.push(child);
                        }
                    } else if self.decisions.removed(child).is_none() {
                        self.decisions.remove(child, self.reason);
                        files += 1;
                        if self
                            .tree
                            .data(child)
                            .is_none_or(|data| counted.insert(data))
                        {
                            bytes += self.tree.size(child);
                        }
                    }
                }
            }
            for &directory in directories.iter().rev() {
                self.remove_if_empty(directory);
            }
            let scope = self.tree.parent(module.node);
            if self.tree.name(scope).starts_with(b"@") {
                self.remove_if_empty(scope);
            }
            rows.push(RemovedPackage {
                manager: Manager::Npm,
                name: module.name.clone(),
                version: module.version.clone(),
                architecture: String::new(),
                place: show(self.tree, module.node),
                rule: DEV_DEPENDENCIES.to_owned(),
                why: "for development alone".to_owned(),
                files,
                bytes,
                purl: sbom::npm_purl(&module.name, &module.version),
            });
        }
        rows
    }

    fn remove_if_empty(&mut self, directory: NodeId) {
        let mut children = self.tree.children(directory);
        if self.decisions.removed(directory).is_none()
            && children.all(|(_, child)| self.decisions.removed(child).is_some())
        {
            self.decisions.remove(directory, self.reason);
        }
    }

    /// Takes the links to programs that are gone, of all `.bin` directories.
    pub(super) fn links(&mut self) {
        let kept = self.project.modules.iter().map(|module| module.node);
        let places: BTreeSet<NodeId> = kept
            .chain([self.project.directory])
            .filter_map(|node| self.tree.child(node, b"node_modules"))
            .filter_map(|modules| self.tree.child(modules, b".bin"))
            .collect();
        for place in places {
            for (_, link) in self.tree.children(place) {
                let target = self.tree.resolve(&self.tree.path(link));
                let leads_nowhere =
                    target.is_some_and(|node| self.decisions.removed(node).is_some());
                if leads_nowhere && self.decisions.removed(link).is_none() {
                    self.decisions.remove(link, self.reason);
                }
            }
            self.remove_if_empty(place);
        }
    }

    /// Writes yarn's record inside the tree as it would be without what is gone.
    pub(super) fn integrity(&mut self) {
        let Some((node, record)) = &self.project.integrity else {
            return;
        };
        let modules = self.tree.parent(*node);
        let record = yarn::integrity(self.tree, modules, self.decisions, record.clone());
        if self.decisions.removed(*node).is_none() {
            let content = Edit::Content(Arc::from(format!("{record:#}").into_bytes()));
            self.decisions.edit(*node, self.reason, content);
        }
    }

    /// Writes the lockfile inside the tree without what is gone, as npm lays it out.
    pub(super) fn lockfile(&mut self) {
        let Some((node, document)) = &self.project.lock else {
            return;
        };
        let mut document = document.clone();
        let packages = document.get_mut("packages").and_then(Value::as_object_mut);
        if let Some(packages) = packages {
            let gone: HashSet<&str> = self.gone.iter().map(|module| &module.place[..]).collect();
            packages.retain(|place, _: &mut Value| !gone.contains(&place[..]));
        }
        let text = format!("{document:#}\n");
        if self.decisions.removed(*node).is_none() {
            let content = Edit::Content(Arc::from(text.into_bytes()));
            self.decisions.edit(*node, self.reason, content);
        }
    }
}
