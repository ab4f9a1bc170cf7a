//! Without a lockfile: what the manifests need, from the project's own on.

use std::collections::VecDeque;

use serde_json::Value;

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::Contents;
use crate::tree::{NodeId, Tree};

use super::{Module, json, needs, resolve};

/// The packages of the tree, by place. For development alone is what only development reaches; strays are not.
pub(super) fn modules(
    tree: &Tree,
    contents: &dyn Contents,
    directory: NodeId,
    manifest: &Value,
) -> Result<Vec<Module>> {
    let mut found = Vec::new();
    gather(tree, contents, directory, &mut found)?;
    found.sort_by(|a, b| a.place.cmp(&b.place));
    let development = manifest["devDependencies"].as_object();
    let development = development
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone());
    let by_use = reach(&found, needs(manifest));
    let by_development = reach(&found, development.collect());
    for (number, module) in found.iter_mut().enumerate() {
        module.is_dev = by_development[number] && !by_use[number];
    }
    Ok(found)
}

/// Adds the packages in the `node_modules` of a directory, and theirs.
fn gather(
    tree: &Tree,
    contents: &dyn Contents,
    directory: NodeId,
    found: &mut Vec<Module>,
) -> Result<()> {
    let mut stack = vec![(directory, String::new())];
    while let Some((directory, inside)) = stack.pop() {
        let Some(modules) = tree.child(directory, b"node_modules") else {
            continue;
        };
        for (name, node) in packages(tree, modules) {
            let place = path::join(inside.as_bytes(), &[b"node_modules/", &name[..]].concat());
            let (Ok(place), Ok(name)) = (String::from_utf8(place), String::from_utf8(name)) else {
                continue;
            };
            if let Some(manifest) = tree.child(node, b"package.json") {
                let manifest = json(tree, contents, manifest)?;
                found.push(Module {
                    node,
                    place: place.clone(),
                    name,
                    version: manifest["version"].as_str().unwrap_or_default().to_owned(),
                    is_dev: false,
                    needs: needs(&manifest),
                    bundles: ["bundleDependencies", "bundledDependencies"]
                        .iter()
                        .any(|list| !manifest[list].is_null()),
                });
            }
            stack.push((node, place));
        }
    }
    Ok(())
}

/// The directories of packages in a `node_modules`, those in scopes too, by name.
fn packages(tree: &Tree, modules: NodeId) -> Vec<(Vec<u8>, NodeId)> {
    let mut found = Vec::new();
    for (name, node) in tree.children(modules) {
        if tree.kind(node) != Kind::Dir || name.starts_with(b".") {
            continue;
        }
        if name.starts_with(b"@") {
            let scoped = tree
                .children(node)
                .filter(|&(_, child)| tree.kind(child) == Kind::Dir);
            found.extend(scoped.map(|(inner, child)| (path::join(name, inner), child)));
        } else {
            found.push((name.to_vec(), node));
        }
    }
    found
}

/// Marks what is needed from the project's own `names` on.
fn reach(modules: &[Module], names: Vec<String>) -> Vec<bool> {
    let mut reached = vec![false; modules.len()];
    let own = names.iter().filter_map(|name| resolve(modules, "", name));
    let mut queue: VecDeque<usize> = own.collect();
    while let Some(number) = queue.pop_front() {
        if !std::mem::replace(&mut reached[number], true) {
            let module = &modules[number];
            let needed = module.needs.iter();
            queue.extend(needed.filter_map(|name| resolve(modules, &module.place, name)));
        }
    }
    reached
}
