//! What a JavaScript file requires or imports by a literal name.

use crate::layer::Kind;
use crate::path;
use crate::tree::{NodeId, Tree};

use super::Pair;
use super::modules::{Loads, Lost, directory, first};

/// What a file loads of modules that are there before.
pub(super) fn loads(pair: &Pair<'_>, file: NodeId, text: &str) -> Loads {
    let mut loads = Loads::default();
    let own = directory(pair, file);
    for (name, is_sure) in names(text) {
        let places = places(&own, &name);
        let Some(found) = first(pair.before.tree, &places) else {
            continue;
        };
        match first(pair.after.tree, &places) {
            None => loads.lost.push(Lost { name, is_sure }),
            Some(_) => loads.files.extend(entry(pair, found)),
        }
    }
    loads
}

/// Where Node looks for a module (nodejs.org/api/modules.html): beside the file, or in `node_modules` on the way up.
fn places(own: &[u8], name: &str) -> Vec<Vec<u8>> {
    let with_endings = |at: Vec<u8>| {
        ["", ".js", ".cjs", ".mjs", ".json", ".node"]
            .map(|ending| [&at[..], ending.as_bytes()].concat())
    };
    if name.starts_with('.') || name.starts_with('/') {
        let base: &[u8] = if name.starts_with('/') { b"" } else { own };
        return with_endings(path::join(base, name.as_bytes())).into();
    }
    let depth = if name.starts_with('@') { 2 } else { 1 };
    let package = name.split('/').take(depth).collect::<Vec<_>>().join("/");
    let mut places = Vec::new();
    let mut dir = own;
    loop {
        let modules = path::join(dir, b"node_modules");
        places.extend(with_endings(path::join(&modules, package.as_bytes())));
        if dir.is_empty() {
            break;
        }
        dir = path::parent(dir);
    }
    for dir in [
        "usr/share/nodejs",
        "usr/lib/nodejs",
        "usr/local/lib/node_modules",
    ] {
        places.extend(with_endings(path::join(dir.as_bytes(), package.as_bytes())));
    }
    places
}

/// The file by which a module begins.
fn entry(pair: &Pair<'_>, found: NodeId) -> Option<NodeId> {
    let tree: &Tree = pair.before.tree;
    match tree.kind(found) {
        Kind::File => [&b".js"[..], b".cjs", b".mjs"]
            .iter()
            .any(|ending| tree.name(found).ends_with(ending))
            .then_some(found),
        Kind::Dir => {
            let manifest = tree.child(found, b"package.json");
            let manifest = manifest.filter(|&node| tree.kind(node) == Kind::File);
            let bytes =
                manifest.map(|node| pair.before.contents.read(node, 1 << 20).unwrap_or_default());
            let value: serde_json::Value =
                serde_json::from_slice(&bytes.unwrap_or_default()).unwrap_or_default();
            let main = value["main"].as_str().unwrap_or("index.js");
            let at = path::join(&tree.path(found), main.as_bytes());
            let ends = [
                at.clone(),
                [&at[..], b".js"].concat(),
                path::join(&at, b"index.js"),
            ];
            first(tree, &ends).filter(|&node| tree.kind(node) == Kind::File)
        }
        _ => None,
    }
}

/// The literal names of `require("x")`, `from "x"` and `import "x"`, each with whether the line is not indented.
fn names(text: &str) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = Vec::new();
    for call in ["require(", "from ", "import ", "import("] {
        for (at, _) in text.match_indices(call) {
            let rest = text[at + call.len()..].trim_start();
            let Some(quote) = rest.chars().next().filter(|c| "\"'`".contains(*c)) else {
                continue;
            };
            let name = rest[1..].split(quote).next().unwrap_or_default();
            if !name.is_empty()
                && name.len() < 256
                && !name.contains(['\n', '$', ' '])
                && !name.starts_with("node:")
            {
                let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
                let is_sure = !text[line..].starts_with([' ', '\t']);
                found.push((name.to_owned(), is_sure));
            }
        }
    }
    // Of one that stands twice, the sure one counts.
    found.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    found.dedup_by(|a, b| a.0 == b.0);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_names_are_read() {
        let text = "const a = require('a/b'); import c from \"@s/c\";\nimport './d.mjs'; require(x);\n  import(`e`)";
        let expected = ["./d.mjs", "@s/c", "a/b", "e"].map(|name| (name.to_owned(), name != "e"));
        assert_eq!(names(text), expected);
    }

    #[test]
    fn modules_are_looked_for_on_the_way_up() {
        let places = places(b"app/lib", "@s/c/d");
        assert!(places.contains(&b"app/lib/node_modules/@s/c".to_vec()));
        assert!(places.contains(&b"node_modules/@s/c".to_vec()));
        assert_eq!(super::places(b"app/lib", "../x")[1], b"app/lib/../x.js");
    }
}
