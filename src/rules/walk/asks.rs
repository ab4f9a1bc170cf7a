//! Which globs ask for which paths.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::rules::bits::MAX;
use crate::rules::expand::expand;
use crate::rules::facts::Facts;
use crate::rules::names::Names;
use crate::rules::predicate::{self, Known};
use crate::rules::rule::Rule;
use crate::rules::set::RuleSet;
use crate::rules::sieve::Sieve;
use crate::tree::{NodeId, Tree};

/// What a glob that names a path asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ask {
    /// A place in [`RuleSet::globs`].
    User(usize),
    /// The place of a rule.
    Rule(usize),
}

/// The rules that act in this image, and the globs by which they and the user ask.
pub(super) fn asks(
    set: &RuleSet,
    facts: &Facts,
    tree: &Tree,
    names: &Names<'_>,
) -> (Vec<&'static Rule>, Sieve<Ask>) {
    let removes = set
        .globs
        .iter()
        .enumerate()
        .filter(|(_, glob)| !set.user[glob.rule].keep);
    let mut globs: Vec<_> = removes
        .map(|(place, glob)| (glob.glob.clone(), Ask::User(place)))
        .collect();
    let (mut rules, mut known) = (Vec::new(), Known::new());
    for &rule in set.rules.iter().take(MAX) {
        let spelled = rule
            .remove
            .iter()
            .flat_map(|glob| expand(glob, facts, tree));
        let spelled = spelled.map(|spelled| {
            if spelled.slash {
                format!("{}/**", spelled.glob)
            } else {
                spelled.glob
            }
        });
        let live: Vec<String> = spelled.filter(|glob| !names.miss(glob)).collect();
        if !live.is_empty() && predicate::acts(rule.when, facts, tree, &mut known) {
            globs.extend(live.into_iter().map(|glob| (glob, Ask::Rule(rules.len()))));
            rules.push(rule);
        }
    }
    (rules, Sieve::of_checked(globs))
}

/// Asks for all paths at once, on all threads, which is most of the work of a walk. Few paths are asked for in vain where a
/// glob can name any: those in directories that go whole.
pub(super) fn asking(asks: &Sieve<Ask>, tree: &Tree) -> HashMap<NodeId, Vec<usize>> {
    let nodes: Vec<NodeId> = tree.walk().collect();
    let ask = |&node: &NodeId| {
        let mut found = Vec::new();
        asks.matches(&tree.path(node), &mut found);
        (!found.is_empty()).then_some((node, found))
    };
    nodes.par_iter().filter_map(ask).collect()
}
