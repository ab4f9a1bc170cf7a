//! npm's and yarn 1's `node_modules` trees: which packages are there for development alone, and their removal.
//!
//! npm's lockfile tells, or where there is none the manifests. Trees of pnpm and of workspaces are links into shared
//! stores; they are left alone.

mod imports;
mod installed;
mod lock;
mod manifest;
mod prune;
mod taking;
mod yarn;

use serde_json::Value;

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::Contents;
use crate::tree::{NodeId, Tree};

pub(crate) use installed::installed;
pub(crate) use prune::prune;

/// The largest manifest or lockfile that is read.
const JSON_MAX: usize = 64 << 20;

/// A package in a `node_modules` tree.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Module {
    /// Its directory.
    node: NodeId,
    /// The directory as lockfiles have it: `node_modules/a/node_modules/b`.
    place: String,
    name: String,
    version: String,
    /// Whether only development needs it.
    is_dev: bool,
    /// The names of what it needs.
    needs: Vec<String>,
    /// Whether its own archive holds some of that.
    bundles: bool,
}

/// A directory with a manifest and a `node_modules` tree.
#[derive(Debug)]
pub(crate) struct Project {
    directory: NodeId,
    modules: Vec<Module>,
    /// The lockfile inside the tree, which tells what is installed.
    lock: Option<(NodeId, Value)>,
    /// The record of yarn 1 inside the tree.
    integrity: Option<(NodeId, Value)>,
    /// Why it is left alone.
    refused: Option<&'static str>,
}

/// Finds all projects: a `node_modules` beside a manifest, but not inside another, and not of one
/// of the system's packages: those leave whole or not at all.
///
/// # Errors
/// When a manifest or a lockfile cannot be read.
pub(crate) fn projects(
    tree: &Tree,
    contents: &dyn Contents,
    is_free: &dyn Fn(NodeId) -> bool,
) -> Result<Vec<Project>> {
    let mut found = Vec::new();
    let mut stack = vec![NodeId::ROOT];
    while let Some(directory) = stack.pop() {
        for (name, child) in tree.children(directory) {
            if tree.kind(child) == Kind::Dir && name != b"node_modules" {
                stack.push(child);
            }
        }
        if let Some(modules) = tree.child(directory, b"node_modules")
            && let Some(manifest) = tree.child(directory, b"package.json")
            && tree.kind(modules) == Kind::Dir
            && is_free(manifest)
        {
            found.push(project(tree, contents, directory, modules, manifest)?);
        }
    }
    found.sort_by_key(|project| tree.path(project.directory));
    Ok(found)
}

fn project(
    tree: &Tree,
    contents: &dyn Contents,
    directory: NodeId,
    modules: NodeId,
    manifest: NodeId,
) -> Result<Project> {
    let mut project = Project {
        directory,
        modules: Vec::new(),
        lock: None,
        integrity: None,
        refused: None,
    };
    let manifest = json(tree, contents, manifest)?;
    let has = |name: &[u8]| tree.child(modules, name).is_some();
    if has(b".pnpm") || has(b".modules.yaml") {
        project.refused = Some("pnpm keeps it as links into a store");
    } else if has(b".yarn-state.yml") {
        project.refused = Some("yarn 2 and later lay it out by rules of their own");
    } else if !manifest["workspaces"].is_null() {
        project.refused = Some("it is one of several workspaces");
    }
    if project.refused.is_some() {
        return Ok(project);
    }
    if let Some(hidden) = tree.child(modules, b".package-lock.json") {
        let document = json(tree, contents, hidden)?;
        project.modules = lock::modules(tree, directory, &document);
        project.lock = Some((hidden, document));
        return Ok(project);
    }
    for name in ["npm-shrinkwrap.json", "package-lock.json"] {
        if let Some(file) = tree.child(directory, name.as_bytes()) {
            let document = json(tree, contents, file)?;
            project.modules = lock::modules(tree, directory, &document);
            if !fits(tree, contents, &project.modules)? {
                project.modules.clear();
                project.refused = Some("its lockfile is not that of what is installed");
            }
            return Ok(project);
        }
    }
    project.modules = manifest::modules(tree, contents, directory, &manifest)?;
    if let Some(lockfile) = tree.child(directory, b"yarn.lock") {
        let lockfile = contents.read(lockfile, JSON_MAX)?;
        project.refused = yarn::refuse(&lockfile, &project.modules);
        if let Some(record) = tree.child(modules, yarn::INTEGRITY) {
            project.integrity = Some((record, json(tree, contents, record)?));
        }
    }
    Ok(project)
}

/// Whether what the lockfile says of versions is what is there.
fn fits(tree: &Tree, contents: &dyn Contents, modules: &[Module]) -> Result<bool> {
    for module in modules {
        if let Some(manifest) = tree.child(module.node, b"package.json") {
            let manifest = json(tree, contents, manifest)?;
            let version = manifest["version"].as_str().unwrap_or_default();
            if version != module.version {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Reads a document; one that is damaged says nothing.
fn json(tree: &Tree, contents: &dyn Contents, file: NodeId) -> Result<Value> {
    if tree.kind(file) != Kind::File {
        return Ok(Value::Null);
    }
    let bytes = contents.read(file, JSON_MAX)?;
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}

/// The directory that Node's resolution finds for `name` from inside the package at `place`.
fn resolve(modules: &[Module], place: &str, name: &str) -> Option<usize> {
    let at = |wanted: &str| {
        let found = modules.binary_search_by(|module| module.place.as_str().cmp(wanted));
        found.ok()
    };
    let mut inside = place;
    loop {
        let wanted = if inside.is_empty() {
            format!("node_modules/{name}")
        } else {
            format!("{inside}/node_modules/{name}")
        };
        if let Some(found) = at(&wanted) {
            return Some(found);
        }
        if inside.is_empty() {
            return None;
        }
        inside = match inside.rfind("/node_modules/") {
            Some(end) => &inside[..end],
            None => "",
        };
    }
}

/// The names in a manifest's lists of what is needed at run time.
fn needs(manifest: &Value) -> Vec<String> {
    let lists = ["dependencies", "optionalDependencies", "peerDependencies"];
    let names = lists.iter().filter_map(|list| manifest[list].as_object());
    names.flat_map(|list| list.keys().cloned()).collect()
}

/// A path of the image for messages.
fn show(tree: &Tree, node: NodeId) -> String {
    format!("/{}", path::display(&tree.path(node)))
}
