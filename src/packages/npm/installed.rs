//! All packages of Node's that lie in an image, whoever put them there and wherever they are.

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::Contents;
use crate::tree::{NodeId, Tree};

use super::json;

/// Returns the name and the version of each package in a `node_modules` for which `counts` holds.
///
/// # Errors
/// When a manifest cannot be read.
pub(crate) fn installed(
    tree: &Tree,
    contents: &dyn Contents,
    counts: &dyn Fn(NodeId) -> bool,
) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for node in tree.walk().filter(|&node| tree.kind(node) == Kind::Dir) {
        let parent = tree.parent(node);
        let name = if tree.name(parent) == b"node_modules" {
            tree.name(node).to_vec()
        } else if tree.name(parent).starts_with(b"@")
            && tree.name(tree.parent(parent)) == b"node_modules"
        {
            path::join(tree.name(parent), tree.name(node))
        } else {
            continue;
        };
        let manifest = tree.child(node, b"package.json");
        if let Some(manifest) = manifest.filter(|&manifest| counts(manifest))
            && let Ok(name) = String::from_utf8(name)
        {
            let manifest = json(tree, contents, manifest)?;
            if let Some(version) = manifest["version"].as_str() {
                found.push((name, version.to_owned()));
            }
        }
    }
    Ok(found)
}
