//! Lockfiles of versions 1, 2 and 3: which packages are there, and which for development alone.

use serde_json::Value;

use crate::tree::{NodeId, Tree};

use super::{Module, needs};

/// The packages of a lockfile that are there, by place.
pub(super) fn modules(tree: &Tree, directory: NodeId, document: &Value) -> Vec<Module> {
    let mut found = Vec::new();
    if let Some(packages) = document["packages"].as_object() {
        for (place, package) in packages {
            // What is linked, or lies elsewhere, is another project's.
            let is_inside = place.starts_with("node_modules/") && package["link"] != true;
            let name = place.rsplit("node_modules/").next().unwrap_or(place);
            if is_inside && let Some(node) = find(tree, directory, place) {
                found.push(Module {
                    node,
                    place: place.clone(),
                    name: name.to_owned(),
                    version: text(&package["version"]),
                    is_dev: package["dev"] == true,
                    needs: needs(package),
                    bundles: false,
                });
            }
        }
    } else {
        nested(tree, directory, document, "", &mut found);
    }
    found.sort_by(|a, b| a.place.cmp(&b.place));
    found
}

/// Version 1 nests packages as the tree does.
fn nested(tree: &Tree, directory: NodeId, document: &Value, inside: &str, found: &mut Vec<Module>) {
    // A lockfile is no deeper than the parser lets any document be.
    let packages = document["dependencies"].as_object().into_iter().flatten();
    for (name, package) in packages {
        let place = if inside.is_empty() {
            format!("node_modules/{name}")
        } else {
            format!("{inside}/node_modules/{name}")
        };
        nested(tree, directory, package, &place, found);
        if let Some(node) = find(tree, directory, &place) {
            let requires = package["requires"].as_object().into_iter().flatten();
            found.push(Module {
                node,
                place,
                name: name.clone(),
                version: text(&package["version"]),
                is_dev: package["dev"] == true,
                needs: requires.map(|(name, _)| name.clone()).collect(),
                bundles: false,
            });
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The directory at a place, links not followed, so that nothing outside the project is ever meant.
fn find(tree: &Tree, directory: NodeId, place: &str) -> Option<NodeId> {
    let mut names = place.split('/');
    let found = names.try_fold(directory, |at, name| tree.child(at, name.as_bytes()))?;
    (tree.kind(found) == crate::layer::Kind::Dir).then_some(found)
}
