//! Which distributions stay though they are asked for, and why.

use std::collections::{BTreeMap, HashMap};

use crate::error::Result;
use crate::layer::Kind;
use crate::rules::Decisions;
use crate::tree::{NodeId, Tree};

use super::super::guard;
use super::super::inventory::Inventory;
use super::super::options::{Limits, Pattern};
use super::super::strays;
use super::{Distribution, RECORD_MAX, imports};

/// Returns what keeps those of `asked` that stay, from the cause to the distribution itself.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn held(
    inventory: &Inventory<'_>,
    asked: &BTreeMap<usize, &Pattern>,
    files: &[Option<Vec<NodeId>>],
    limits: Limits<'_>,
    decisions: &Decisions,
) -> Result<BTreeMap<usize, Vec<String>>> {
    let all = inventory.distributions()?;
    let needed = needed(inventory, asked, files, decisions)?;
    let imported = imports::imported(inventory)?;
    let mut held: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for &number in asked.keys() {
        let one = &all[number];
        let own = files[number].as_deref();
        let why = refused(inventory, one, own)?
            .or_else(|| limited(inventory.tree, own.unwrap_or_default(), limits))
            .or_else(|| own?.iter().find_map(|node| needed.get(node).cloned()))
            .or_else(|| modules(inventory.tree, one, own?).find_map(|m| imported.get(&m).cloned()));
        if let Some(why) = why {
            held.insert(number, vec![format!("`{}` stays: {why}", one.name)]);
        }
    }
    require(all, asked, &mut held);
    Ok(held)
}

/// Why it can never be taken.
fn refused(
    inventory: &Inventory<'_>,
    one: &Distribution,
    files: Option<&[NodeId]>,
) -> Result<Option<String>> {
    let tree = inventory.tree;
    let mut databases = inventory.databases.iter();
    let owner = databases.find_map(|database| {
        let package = database.owner(one.file)?;
        let manager = database.manager;
        Some(format!("it is of {manager}'s package `{}`", package.name))
    });
    if owner.is_some() {
        return Ok(owner);
    }
    if files.is_none() {
        return Ok(Some("no RECORD tells which files are its".to_owned()));
    }
    let Some(file) = tree.child(one.node, b"INSTALLER") else {
        return Ok(None);
    };
    let installer = inventory.contents.read(file, RECORD_MAX)?;
    let is_conda = installer.trim_ascii() == b"conda";
    Ok(is_conda.then(|| "conda, whose records would still list it, installed it".to_owned()))
}

fn limited(tree: &Tree, files: &[NodeId], limits: Limits<'_>) -> Option<String> {
    if files.iter().any(|&node| (limits.frozen)(node)) {
        return Some("its files are in a layer that stays as it is".to_owned());
    }
    let directories = files.iter().map(|&node| tree.parent(node));
    let mut places = files.iter().copied().chain(directories);
    let keep = places.find_map(|node| (limits.keep)(node));
    keep.map(|keep| format!("it is kept by {keep}"))
}

/// What the config names and what all payload but the distributions themselves needs.
fn needed(
    inventory: &Inventory<'_>,
    asked: &BTreeMap<usize, &Pattern>,
    files: &[Option<Vec<NodeId>>],
    decisions: &Decisions,
) -> Result<HashMap<NodeId, String>> {
    let tree = inventory.tree;
    let mut own: Vec<NodeId> = asked
        .keys()
        .flat_map(|&number| files[number].iter().flatten().copied())
        .collect();
    own.sort_unstable();
    let is_settled = |node: NodeId| {
        decisions.removed(node).is_some()
            || inventory.is_owned(node)
            || own.binary_search(&node).is_ok()
    };
    let payload = strays::sort(tree, &is_settled).payload;
    let mut needed: HashMap<NodeId, String> = HashMap::new();
    for reference in inventory.started()? {
        needed
            .entry(reference.node)
            .or_insert_with(|| reference.why.clone());
    }
    for need in guard::needs(inventory, &payload)? {
        if tree.kind(need.node) != Kind::Dir {
            needed.entry(need.node).or_insert(need.why);
        }
    }
    Ok(needed)
}

/// The names by which Python imports what a distribution has.
fn modules(tree: &Tree, one: &Distribution, files: &[NodeId]) -> impl Iterator<Item = String> {
    let mut tops: Vec<String> = Vec::new();
    for &file in files {
        let mut at = file;
        while at != NodeId::ROOT && tree.parent(at) != one.site {
            at = tree.parent(at);
        }
        let name = tree.name(at).split(|&b| b == b'.').next();
        let name = String::from_utf8_lossy(name.unwrap_or_default()).into_owned();
        if at != NodeId::ROOT && at != one.node && tops.last() != Some(&name) {
            tops.push(name);
        }
    }
    tops.into_iter()
}

/// Adds what those that stay require. A distribution in the same directory comes before one elsewhere.
fn require(
    all: &[Distribution],
    asked: &BTreeMap<usize, &Pattern>,
    held: &mut BTreeMap<usize, Vec<String>>,
) {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, one) in all.iter().enumerate() {
        by_name.entry(&one.name).or_default().push(number);
    }
    let goes = |number: usize, held: &BTreeMap<usize, Vec<String>>| {
        asked.contains_key(&number) && !held.contains_key(&number)
    };
    let mut queue: Vec<usize> = (0..all.len())
        .filter(|&number| !goes(number, held))
        .collect();
    while let Some(number) = queue.pop() {
        let one = &all[number];
        for name in &one.needs {
            let found = by_name.get(&name[..]).map_or(&[][..], Vec::as_slice);
            let beside = found.iter().find(|&&other| all[other].site == one.site);
            let meant = beside.map_or(found, std::slice::from_ref);
            for &other in meant {
                if goes(other, held) {
                    let fallback = || vec![format!("`{}` stays", one.name)];
                    let mut chain = held.get(&number).cloned().unwrap_or_else(fallback);
                    chain.push(format!("`{}` needs `{name}`", one.name));
                    held.insert(other, chain);
                    queue.push(other);
                }
            }
        }
    }
}
