//! Takes distributions: their files, byte-code, scripts, and the directories that are empty then.
//!
//! Which distributions go is decided before.

use std::collections::HashSet;

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::{Decisions, Reason};
use crate::tree::NodeId;

use super::super::inventory::Inventory;
use super::super::package::Manager;
use super::super::report::RemovedPackage;
use super::super::{sbom, taking};
use super::{Distribution, RECORD_MAX, show};

/// Takes distributions one by one.
pub(super) struct Taking<'a> {
    inventory: &'a Inventory<'a>,
    files: &'a [Option<Vec<NodeId>>],
    /// The files of distributions that stay.
    shared: HashSet<NodeId>,
    counted: HashSet<crate::tree::EntryRef>,
}

impl<'a> Taking<'a> {
    pub(super) fn new(
        inventory: &'a Inventory<'a>,
        files: &'a [Option<Vec<NodeId>>],
        stays: impl Fn(usize) -> bool,
    ) -> Self {
        let staying = (0..files.len()).filter(|&number| stays(number));
        let shared = staying.flat_map(|number| files[number].iter().flatten().copied());
        Self {
            inventory,
            files,
            shared: shared.collect(),
            counted: HashSet::new(),
        }
    }

    /// Takes one.
    ///
    /// # Errors
    /// When a script cannot be read.
    pub(super) fn take(
        &mut self,
        number: usize,
        reason: &Reason,
        decisions: &mut Decisions,
    ) -> Result<RemovedPackage> {
        let tree = self.inventory.tree;
        let one = &self.inventory.distributions()?[number];
        let place = decisions.reason(reason.clone());
        let mut files: Vec<NodeId> = self.files[number].iter().flatten().copied().collect();
        files.extend(self.scripts(one)?);
        let made: Vec<NodeId> = files
            .iter()
            .flat_map(|&file| taking::byte_code(tree, file))
            .collect();
        files.extend(made);
        let (mut count, mut bytes) = (0, 0);
        for &file in &files {
            let stays = self.shared.contains(&file) || self.inventory.is_owned(file);
            if stays || decisions.removed(file).is_some() {
                continue;
            }
            decisions.remove(file, place);
            count += 1;
            if tree.data(file).is_none_or(|data| self.counted.insert(data)) {
                bytes += tree.size(file);
            }
        }
        self.directories(one, &files, place, decisions);
        Ok(RemovedPackage {
            manager: Manager::Python,
            name: one.name.clone(),
            version: one.version.clone(),
            architecture: String::new(),
            place: show(tree, one.site),
            rule: reason.rule.clone(),
            why: "asked for".to_owned(),
            files: count,
            bytes,
            purl: sbom::python_purl(&one.name, &one.version),
        })
    }

    /// Scripts that an installer made of `entry_points.txt` and RECORD does not list: they name their module.
    fn scripts(&self, one: &Distribution) -> Result<Vec<NodeId>> {
        let Inventory { tree, contents, .. } = self.inventory;
        let Some(list) = tree.child(one.node, b"entry_points.txt") else {
            return Ok(Vec::new());
        };
        let text = contents.read(list, RECORD_MAX)?;
        let text = String::from_utf8_lossy(&text);
        let site = tree.path(one.site);
        // `lib/python3.11/site-packages` and `bin` lie in one prefix.
        let prefix = path::parent(path::parent(path::parent(&site)));
        let bin = tree.find(&path::join(prefix, b"bin"));
        let mut found = Vec::new();
        let mut is_scripts = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with('[') {
                is_scripts = line == "[console_scripts]" || line == "[gui_scripts]";
            } else if is_scripts
                && let Some((name, target)) = line.split_once('=')
                && let Some(script) = bin.and_then(|bin| tree.child(bin, name.trim().as_bytes()))
                && tree.kind(script) == Kind::File
            {
                let module = target.split(':').next().unwrap_or_default().trim();
                let script_text = contents.read(script, 64 << 10)?;
                let script_text = String::from_utf8_lossy(&script_text);
                if !module.is_empty() && script_text.contains(&format!("from {module} import")) {
                    found.push(script);
                }
            }
        }
        Ok(found)
    }

    /// Takes the directories inside the site that are empty now, innermost first.
    fn directories(
        &self,
        one: &Distribution,
        files: &[NodeId],
        place: usize,
        decisions: &mut Decisions,
    ) {
        let tree = self.inventory.tree;
        for &file in files {
            let mut at = tree.parent(file);
            if !path::is_under(&tree.path(at), &tree.path(one.site)) {
                continue;
            }
            while at != one.site && at != NodeId::ROOT && !self.inventory.is_owned(at) {
                let mut children = tree.children(at);
                let is_empty = children.all(|(_, child)| decisions.removed(child).is_some());
                if !is_empty || decisions.removed(at).is_some() {
                    break;
                }
                decisions.remove(at, place);
                at = tree.parent(at);
            }
        }
    }
}
