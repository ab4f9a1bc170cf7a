//! Whether a rule's conditions hold: of the image, and of one path.

use std::collections::{HashMap, HashSet};

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::commands;
use crate::rules::expand::expand;
use crate::rules::facts::{Contents, Facts};
use crate::rules::foreign;
use crate::rules::glob::{Reachable, braces};
use crate::rules::rule::{Only, When};
use crate::tree::{NodeId, Tree};

/// Which globs name something in an image; many rules ask for the same ones, and some take a walk through all of it.
pub(super) type Known = HashMap<&'static [&'static str], bool>;

/// Whether the rule acts in this image, of which `known` is known.
pub(super) fn acts(when: &[When], facts: &Facts, tree: &Tree, known: &mut Known) -> bool {
    let look = |globs: &[&str]| {
        let mut globs = globs.iter().flat_map(|glob| expand(glob, facts, tree));
        globs.any(|spelled| Reachable::of(&spelled.glob).finds(tree, &facts.gone))
    };
    let mut has = |globs| *known.entry(globs).or_insert_with(|| look(globs));
    when.iter().all(|when| match when {
        When::Has(globs) => has(globs),
        When::Lacks(globs) => !has(globs),
        When::Runs(phrases) => phrases.iter().any(|phrase| commands::say(facts, phrase)),
        When::RunsNone(phrases) => !phrases.iter().any(|phrase| commands::say(facts, phrase)),
        When::Serves => commands::serve(facts),
        When::Idle(dir) => idle(dir.as_bytes(), facts, tree),
        When::Environment(holds) => holds(facts),
    })
}

/// Whether nothing that the config names lies in `dir`; the directory itself may be named.
fn idle(dir: &[u8], facts: &Facts, tree: &Tree) -> bool {
    facts.roots.iter().all(|root| {
        let at = tree.path(root.node);
        let inside = path::is_under(&at, dir)
            && (at != dir || root.because != "a script that the image starts");
        !inside || root.because.starts_with("Env ")
    })
}

/// Whether the conditions hold of `node`.
///
/// # Errors
/// When its content cannot be read.
pub(super) fn holds(
    only: &[Only],
    node: NodeId,
    at: &[u8],
    tree: &Tree,
    facts: &Facts,
    contents: &dyn Contents,
) -> Result<bool> {
    for only in only {
        let holds = match only {
            Only::File => tree.kind(node) == Kind::File,
            Only::Symlink => tree.kind(node) == Kind::Symlink,
            Only::Magic(magic) => {
                tree.kind(node) == Kind::File && has_magic(magic, &contents.read(node, MAGIC)?)
            }
            Only::Near(globs) => globs
                .iter()
                .any(|glob| is_near(glob, tree.parent(node), tree)),
            Only::Twin(twin) => twin(at).is_some_and(|twin| tree.find(&twin).is_some()),
            Only::Foreign => foreign::is_foreign(path::name(at), facts),
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The bytes that are read to tell what a file is.
const MAGIC: usize = 32;

fn has_magic(magic: &[(usize, &[u8])], bytes: &[u8]) -> bool {
    magic.iter().any(|(offset, expected)| {
        bytes
            .get(*offset..)
            .is_some_and(|rest| rest.starts_with(expected))
    })
}

fn is_near(glob: &str, dir: NodeId, tree: &Tree) -> bool {
    braces(glob)
        .iter()
        .any(|glob| Reachable::of(glob).finds_from(dir, tree, &HashSet::new()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::example;

    #[test]
    fn conditions_of_an_image() {
        let (tree, contents) = example::image(&[
            ("usr/bin/gcc", "-> gcc-12"),
            ("usr/bin/gcc-12", ""),
            ("usr/bin/cc", "-> /gone"),
            ("srv/app/.pnp.cjs", ""),
            ("tmp/run", ""),
            ("root/x", ""),
        ]);
        let config = json!({"config": {"Cmd": ["/tmp/run", "x"], "Env": ["TZ=UTC"]}});
        let mut facts = Facts::gather(&config, &tree, &contents).unwrap();
        let mut known = Known::new();
        for (when, expected) in [
            (When::Has(&["usr/bin/gcc*"]), true),
            (When::Lacks(&["usr/bin/gcc*"]), false),
            (When::Has(&["{,usr/}bin/cc"]), false),
            (When::Lacks(&["**/.pnp.{cjs,js}"]), false),
            (When::Lacks(&["**/.pnp.loader.mjs", "usr/bin/x*"]), true),
            (When::Has(&["~/x"]), true),
            (When::Runs(&["go run", "run x"]), true),
            (When::RunsNone(&["x run"]), true),
            (When::Serves, true),
            (When::Idle("tmp"), false),
            (When::Idle("var/tmp"), true),
            (
                When::Environment(|facts| facts.variable("TZ") == Some("UTC")),
                true,
            ),
        ] {
            for _ in 0..2 {
                let acts = acts(&[when], &facts, &tree, &mut known);
                assert_eq!(acts, expected, "{when:?}");
            }
        }
        facts.gone = HashSet::from([tree.find(b"usr/bin/gcc-12").unwrap()]);
        let lacks = When::Lacks(&["usr/bin/gcc*"]);
        assert!(acts(&[lacks], &facts, &tree, &mut Known::new()));
    }

    #[test]
    fn conditions_of_a_path() {
        let (tree, contents) = example::image(&[
            ("a/x.a", "!<arch>\nrest"),
            ("a/y.a", "text"),
            ("a/link", "-> x.a"),
            ("a/dir/x", ""),
            ("a/obj/deep/z", ""),
            ("a/app.csproj", ""),
        ]);
        let facts = Facts::default();
        let archive = Only::Magic(&[(0, b"!<arch>\n"), (0, b"!<thin>\n")]);
        for (only, at, expected) in [
            (Only::File, "a/x.a", true),
            (Only::File, "a/dir", false),
            (Only::Symlink, "a/link", true),
            (archive, "a/x.a", true),
            (archive, "a/y.a", false),
            (archive, "a/link", false),
            (Only::Near(&["*.{csproj,fsproj}"]), "a/obj", true),
            (Only::Near(&["../*.csproj"]), "a/obj/deep", true),
            (Only::Near(&["*.csproj"]), "a/obj/deep", false),
            (Only::Twin(|_| Some(b"a/dir/x".to_vec())), "a/x.a", true),
            (Only::Twin(|_| Some(b"a/dir/y".to_vec())), "a/x.a", false),
        ] {
            let node = tree.find(at.as_bytes()).unwrap();
            assert_eq!(
                holds(&[only], node, at.as_bytes(), &tree, &facts, &contents).unwrap(),
                expected,
                "{only:?} {at}"
            );
        }
    }
}
