//! Tool chains that no package owns: they are nobody's payload. Where nothing needs anything of one, it goes whole.

use crate::error::Result;
use crate::rules::{self, Contents, Facts, RuleSet};
use crate::tree::{NodeId, Tree};

use super::needed::Needed;

/// The built-in rules that know such trees; each has conditions of its own.
pub(crate) const RULES: &[&str] = &["go-root", "rust-toolchain", "npm-self"];

/// A tool chain in the image.
#[derive(Debug)]
pub(super) struct Tools {
    /// The rule that knows it.
    pub(super) rule: &'static str,
    /// All that is of it.
    pub(super) nodes: Vec<NodeId>,
}

/// The tool chains of the image, by the rules `wanted`.
///
/// # Errors
/// When a file that a rule looks into cannot be read.
pub(super) fn find(
    tree: &Tree,
    facts: &Facts,
    contents: &dyn Contents,
    wanted: &[&'static str],
) -> Result<Vec<Tools>> {
    let mut found = Vec::new();
    for rule in wanted.iter().filter_map(|name| rules::rule(name)) {
        let decisions = RuleSet::alone(rule).decide(tree, facts, contents)?;
        let mut nodes: Vec<NodeId> = decisions.removals().map(|(node, _)| node).collect();
        if rule.name == "go-root" && !nodes.is_empty() {
            nodes = with_zones(tree, nodes);
        }
        if !nodes.is_empty() {
            nodes.sort_unstable();
            let rule = rule.name;
            found.push(Tools { rule, nodes });
        }
    }
    Ok(found)
}

/// Go's own time zones are asked last (`time/zoneinfo_unix.go`): with the system's there they are of no use.
fn with_zones(tree: &Tree, mut nodes: Vec<NodeId>) -> Vec<NodeId> {
    if tree.resolve(b"usr/share/zoneinfo/UTC").is_none() {
        return nodes;
    }
    let mut rest: Vec<NodeId> = [
        &b"usr/local/go/lib/time/zoneinfo.zip"[..],
        b"usr/local/go/lib/time",
        b"usr/local/go/lib",
        b"usr/local/go",
    ]
    .iter()
    .filter_map(|at| tree.find(at))
    .filter(|node| !nodes.contains(node))
    .collect();
    nodes.append(&mut rest);
    nodes
}

impl Tools {
    /// Whether nothing of it is needed.
    pub(super) fn is_idle(&self, needed: &Needed) -> bool {
        !self.nodes.iter().any(|&node| needed.contains(node))
    }
}
