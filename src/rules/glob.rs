//! Globs: brought into the form that `globset` matches, and asked where in a tree they can match at all.
//!
//! `*` and `?` do not cross `/`, `**` does. No path is matched here one by one; `sieve` does that.

use std::collections::HashSet;

use crate::path;
use crate::tree::{NodeId, Tree};

/// Returns `glob` without what never matches: slashes at either end, `//` and `./`.
///
/// # Errors
/// What is wrong with it, for people.
pub(super) fn normalise(glob: &str) -> Result<String, &'static str> {
    if glob.starts_with('!') {
        return Err("`!` does not negate here; keep what must stay");
    }
    let components: Vec<&str> = glob
        .split('/')
        .filter(|component| !matches!(*component, "" | "."))
        .collect();
    if components.contains(&"..") {
        return Err("`..` leads out of the image");
    }
    if components.is_empty() {
        return Err("it names the image's root");
    }
    Ok(components.join("/"))
}

/// Returns the globs that `{a,b}` groups stand for; groups do not nest.
pub(super) fn braces(glob: &str) -> Vec<String> {
    let Some((before, rest)) = glob.split_once('{') else {
        return vec![glob.to_owned()];
    };
    let Some((choices, after)) = rest.split_once('}') else {
        return vec![glob.to_owned()];
    };
    let tails = braces(after);
    choices
        .split(',')
        .flat_map(|choice| {
            tails
                .iter()
                .map(move |tail| format!("{before}{choice}{tail}"))
        })
        .collect()
}

/// The components of a normalised glob, to tell which directories it can reach into.
#[derive(Clone, Debug)]
pub(super) struct Reachable(Vec<Component>);

#[derive(Clone, Debug)]
enum Component {
    Literal(Vec<u8>),
    /// With `*` and `?`.
    Wild(Vec<u8>),
    /// Any number of components: `**`, or what is not worth taking apart.
    Any,
}

impl Reachable {
    pub(super) fn of(glob: &str) -> Self {
        let mut components = Vec::new();
        for component in glob.split('/') {
            let bytes = component.as_bytes();
            if component == "**" || component.contains(['{', '[', '\\']) {
                components.push(Component::Any);
                // What follows may be cut in the wrong places: a group or a class can hold a slash.
                if component != "**" {
                    break;
                }
            } else if component.contains(['*', '?']) {
                components.push(Component::Wild(bytes.to_vec()));
            } else {
                components.push(Component::Literal(bytes.to_vec()));
            }
        }
        Self(components)
    }

    /// Whether the glob starts with `**` or with what is as good.
    pub(super) fn floats(&self) -> bool {
        matches!(self.0.first(), Some(Component::Any))
    }

    /// Whether the glob can name a path under `dir`.
    pub(super) fn below(&self, dir: &[u8]) -> bool {
        let mut components = self.0.iter();
        for name in path::components(dir) {
            match components.next() {
                None => return false,
                Some(Component::Any) => return true,
                Some(component) if component.is(name) => {}
                Some(_) => return false,
            }
        }
        components.next().is_some()
    }

    /// Whether it starts with components without wildcards, and those are not there.
    pub(super) fn misses(&self, tree: &Tree) -> bool {
        let mut node = NodeId::ROOT;
        for component in &self.0 {
            let Component::Literal(name) = component else {
                return false;
            };
            match tree.child(node, name) {
                None => return true,
                Some(child) => node = child,
            }
        }
        false
    }

    /// The components without wildcards, as far as they are told apart: a path that the glob names has them all.
    pub(super) fn literals(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter_map(|component| match component {
            Component::Literal(name) => Some(&name[..]),
            Component::Wild(_) | Component::Any => None,
        })
    }

    /// Whether it names something that a program in the container would find, other than what is in `gone`.
    pub(super) fn finds(&self, tree: &Tree, gone: &HashSet<NodeId>) -> bool {
        find(&self.0, NodeId::ROOT, tree, gone)
    }

    /// As [`Reachable::finds`], from a directory.
    pub(super) fn finds_from(&self, dir: NodeId, tree: &Tree, gone: &HashSet<NodeId>) -> bool {
        find(&self.0, dir, tree, gone)
    }
}

impl Component {
    fn is(&self, name: &[u8]) -> bool {
        match self {
            Self::Literal(literal) => literal == name,
            Self::Wild(pattern) => wild(pattern, name),
            Self::Any => true,
        }
    }
}

fn find(components: &[Component], from: NodeId, tree: &Tree, gone: &HashSet<NodeId>) -> bool {
    let Some((first, rest)) = components.split_first() else {
        let there = tree.leads_to(from);
        return there.is_some_and(|node| !gone.contains(&node)) && !gone.contains(&from);
    };
    match first {
        Component::Literal(name) if name == b".." => find(rest, tree.parent(from), tree, gone),
        Component::Literal(name) => tree
            .child(from, name)
            .is_some_and(|child| find(rest, child, tree, gone)),
        Component::Wild(_) => tree
            .children(from)
            .any(|(name, child)| first.is(name) && find(rest, child, tree, gone)),
        Component::Any => everything(from, tree).any(|node| find(rest, node, tree, gone)),
    }
}

/// `from` and all visible under it.
fn everything(from: NodeId, tree: &Tree) -> impl Iterator<Item = NodeId> {
    let mut stack = vec![from];
    std::iter::from_fn(move || {
        let node = stack.pop()?;
        stack.extend(tree.children(node).map(|(_, child)| child));
        Some(node)
    })
}

/// Whether `name` is what `pattern` says with `*` and `?`.
pub(super) fn wild(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut star) = ((0, 0), None);
    while at.1 < name.len() {
        match pattern.get(at.0) {
            Some(b'*') => {
                star = Some(at);
                at.0 += 1;
            }
            Some(&byte) if byte == b'?' || byte == name[at.1] => at = (at.0 + 1, at.1 + 1),
            _ => {
                let Some((pattern_at, name_at)) = star else {
                    return false;
                };
                star = Some((pattern_at, name_at + 1));
                at = (pattern_at + 1, name_at + 1);
            }
        }
    }
    pattern[at.0..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_are_brought_into_one_form() {
        for (glob, form) in [
            ("/srv/x", "srv/x"),
            ("./srv//x/", "srv/x"),
            ("srv/**", "srv/**"),
            ("a/./b", "a/b"),
        ] {
            assert_eq!(normalise(glob).as_deref(), Ok(form), "{glob}");
        }
        for glob in ["", "/", "./", "a/../b", "!a"] {
            assert!(normalise(glob).is_err(), "{glob}");
        }
    }

    #[test]
    fn groups_are_spelled_out() {
        assert_eq!(
            braces("{,usr/}lib/{a,b}"),
            ["lib/a", "lib/b", "usr/lib/a", "usr/lib/b"]
        );
        assert_eq!(braces("a/b"), ["a/b"]);
    }

    #[test]
    fn a_glob_reaches_below_the_directories_on_its_way() {
        for (glob, dir, below) in [
            ("usr/share/doc/*/x", "usr/share", true),
            ("usr/share/doc/*/x", "usr/share/doc/bash", true),
            ("usr/share/doc/*/x", "usr/share/man", false),
            ("usr/share/doc", "usr/share/doc", false),
            ("usr/share/doc/**", "usr/share/doc/bash/deep", true),
            ("**/x", "anything/at/all", true),
            ("lib*/x", "lib64", true),
            ("lib*/x", "sbin", false),
            ("srv/{a/b,c}/x", "srv/a/b", true),
            ("srv/[!a]/x", "srv/b", true),
        ] {
            assert_eq!(
                Reachable::of(glob).below(dir.as_bytes()),
                below,
                "{glob} below {dir}"
            );
        }
    }

    #[test]
    fn wildcards_within_a_component() {
        for (pattern, name, matches) in [
            ("*", "", true),
            ("*.so*", "libc.so.6", true),
            ("lib*.so", "libc.so.6", false),
            ("?b*c*", "abxxcyy", true),
            ("a*a", "a", false),
            ("gcc", "gcc", true),
            ("gcc", "gcc-12", false),
        ] {
            assert_eq!(
                wild(pattern.as_bytes(), name.as_bytes()),
                matches,
                "{pattern} {name}"
            );
        }
        assert!(wild(b"*\xff?", b"a\xff\xfe"));
    }
}
