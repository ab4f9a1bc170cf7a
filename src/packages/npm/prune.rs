//! Takes what development alone needs out of `node_modules` trees, as `npm prune --omit=dev` does.

use std::collections::BTreeMap;

use crate::error::{Result, Warning};
use crate::layer::Kind;
use crate::rules::{Decisions, Origin, Reason};
use crate::tree::{NodeId, Tree};

use super::super::inventory::Inventory;
use super::super::options::{DEV_DEPENDENCIES, Limits};
use super::super::package::Manager;
use super::super::report::{KeptPackage, PackageReport};
use super::taking::Taking;
use super::{Module, Project, imports, resolve, show};

/// Takes the development dependencies out of the image's projects.
///
/// # Errors
/// When a program cannot be read.
pub(crate) fn prune(
    inventory: &Inventory<'_>,
    origin: &Origin,
    limits: Limits<'_>,
    decisions: &mut Decisions,
) -> Result<PackageReport> {
    let tree = inventory.tree;
    let mut report = PackageReport::default();
    for project in inventory.projects()? {
        if let Some(why) = project.refused {
            let code = "dev-dependencies-kept";
            let at = show(tree, project.directory);
            let text = format!("`{at}/node_modules` keeps its development dependencies: {why}");
            report.warnings.push(Warning { code, text });
            continue;
        }
        let held = held(inventory, limits, project)?;
        let gone: Vec<&Module> = (0..project.modules.len())
            .filter(|number| project.modules[*number].is_dev && !held.contains_key(number))
            .map(|number| &project.modules[number])
            .collect();
        if !gone.is_empty() {
            let reason = decisions.reason(Reason {
                rule: DEV_DEPENDENCIES.to_owned(),
                origin: origin.clone(),
            });
            let mut taking = Taking {
                tree,
                project,
                gone: &gone,
                reason,
                decisions: &mut *decisions,
            };
            report.removed.extend(taking.modules());
            taking.links();
            taking.lockfile();
            taking.integrity();
        }
        for (number, because) in held {
            let module = &project.modules[number];
            if module.is_dev {
                report.kept.push(KeptPackage {
                    manager: Manager::Npm,
                    name: module.name.clone(),
                    rule: DEV_DEPENDENCIES.to_owned(),
                    because,
                });
            }
        }
    }
    Ok(report)
}

/// The modules that something names, and what these need; each with what keeps it.
fn held(
    inventory: &Inventory<'_>,
    limits: Limits<'_>,
    project: &Project,
) -> Result<BTreeMap<usize, Vec<String>>> {
    let (tree, facts) = (inventory.tree, &inventory.facts);
    let references = inventory.started()?;
    let modules = &project.modules;
    let mut named: Vec<(usize, String)> = Vec::new();
    let words = facts.commands.iter().flatten();
    let options = facts.variable("NODE_OPTIONS").unwrap_or_default();
    for word in words
        .map(|word| &word[..])
        .chain(options.split_ascii_whitespace())
    {
        let word = word.rsplit('=').next().unwrap_or(word);
        let program = command(tree, project, word);
        let module = resolve(modules, "", &imports::package(word));
        named.extend(
            program
                .or(module)
                .map(|n| (n, format!("a command names `{word}`"))),
        );
    }
    for reference in references {
        let within = owner(tree, modules, reference.node);
        named.extend(within.map(|number| (number, reference.why.clone())));
    }
    let programs: Vec<NodeId> = references
        .iter()
        .map(|reference| reference.node)
        .filter(|&node| tree.kind(node) == Kind::File)
        .filter(|&node| is_under(tree, node, project.directory))
        .collect();
    for (name, file) in imports::imported(tree, inventory.contents, &programs)? {
        let module = resolve(modules, "", &name);
        let why = || format!("`{}` imports it", show(tree, file));
        named.extend(module.map(|number| (number, why())));
    }
    for (number, module) in modules
        .iter()
        .enumerate()
        .filter(|(_, module)| module.is_dev)
    {
        let lock = project.lock.as_ref().map(|(lock, _)| *lock);
        if (limits.frozen)(module.node) || lock.is_some_and(|lock| (limits.frozen)(lock)) {
            let why = "its files are in a layer that stays as it is";
            named.push((number, why.to_owned()));
        }
        if let Some(keep) = (limits.keep)(module.node) {
            named.push((number, format!("it is kept by {keep}")));
        }
    }
    Ok(close(modules, named))
}

/// Adds what the named modules need.
fn close(modules: &[Module], named: Vec<(usize, String)>) -> BTreeMap<usize, Vec<String>> {
    let mut held: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut queue = Vec::new();
    for (number, why) in named {
        held.entry(number).or_insert_with(|| {
            queue.push(number);
            vec![format!("`{}` stays: {why}", modules[number].name)]
        });
    }
    while let Some(number) = queue.pop() {
        let module = &modules[number];
        for name in &module.needs {
            if let Some(needed) = resolve(modules, &module.place, name)
                && !held.contains_key(&needed)
            {
                let mut chain = held[&number].clone();
                chain.push(format!("`{}` needs `{name}`", module.name));
                held.insert(needed, chain);
                queue.push(needed);
            }
        }
    }
    held
}

/// The module whose program `word` starts: a link in `node_modules/.bin`.
fn command(tree: &Tree, project: &Project, word: &str) -> Option<usize> {
    let modules = tree.child(project.directory, b"node_modules")?;
    let programs = tree.child(modules, b".bin")?;
    let link = tree.child(programs, word.as_bytes())?;
    owner(tree, &project.modules, tree.resolve(&tree.path(link))?)
}

/// The innermost module that a path lies in.
fn owner(tree: &Tree, modules: &[Module], node: NodeId) -> Option<usize> {
    let by_node = |wanted: NodeId| modules.iter().position(|module| module.node == wanted);
    let mut at = node;
    while at != NodeId::ROOT {
        // Only a directory in `node_modules` or a scope can be one: the list is not searched for others.
        let parent = tree.name(tree.parent(at));
        if (parent == b"node_modules" || parent.starts_with(b"@"))
            && let Some(found) = by_node(at)
        {
            return Some(found);
        }
        at = tree.parent(at);
    }
    None
}

fn is_under(tree: &Tree, node: NodeId, directory: NodeId) -> bool {
    let mut at = node;
    while at != directory && at != NodeId::ROOT {
        at = tree.parent(at);
    }
    at == directory
}

#[cfg(test)]
mod tests;
