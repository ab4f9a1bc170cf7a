//! What holds a rule back in one image: the user's keeps, the protect list, the image's roots, the rules' own keeps.

use std::collections::{HashMap, HashSet};

use crate::rules::bits::Bits;
use crate::rules::expand::expand;
use crate::rules::facts::Facts;
use crate::rules::names::Names;
use crate::rules::protect::{GUARDS, TOP};
use crate::rules::roots::is_system;
use crate::rules::rule::{Reach, Rule};
use crate::rules::set::RuleSet;
use crate::rules::sieve::Sieve;
use crate::tree::{NodeId, Tree};

/// What a guard's glob stands for.
#[derive(Clone, Copy, Debug)]
enum Mark {
    /// A place in [`RuleSet::globs`].
    User(usize),
    /// A place in [`GUARDS`].
    Guard(usize),
    /// The place of a rule that leaves the path and all under it.
    Spare(usize),
    /// The place of a rule that leaves the directory alone.
    SpareAlone(usize),
}

#[derive(Debug)]
pub(super) struct Guards {
    sieve: Sieve<Mark>,
    roots: HashMap<NodeId, Root>,
    /// The roots and the directories that hold them.
    above: HashSet<NodeId>,
    workdir: Option<NodeId>,
    /// The names of reasons, by the places that [`Held`] has.
    reasons: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct Root {
    reason: usize,
    whole: bool,
}

/// What holds at a path; a directory's holds in it too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// The user's keeps that name it or a directory that holds it, as places in [`RuleSet::globs`].
    pub(super) user: Vec<usize>,
    /// The rules that leave it.
    pub(super) spared: Bits,
    hard: Option<usize>,
    unless_owned: Option<usize>,
    place: Option<usize>,
}

/// What holds at one path and not in it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Here {
    spared: Bits,
    root: Option<usize>,
    /// Whether a guard names this very path.
    pub(super) named: bool,
}

const OWN: &str = "a place for the user's own files";

impl Guards {
    /// Compiles them for an image in which `rules` act.
    pub(super) fn new(
        set: &RuleSet,
        rules: &[&'static Rule],
        facts: &Facts,
        tree: &Tree,
        names: &Names<'_>,
    ) -> Self {
        let mut globs: Vec<(String, Mark)> = Vec::new();
        let keeps = set
            .globs
            .iter()
            .enumerate()
            .filter(|(_, glob)| set.user[glob.rule].keep);
        globs.extend(keeps.map(|(place, glob)| (glob.glob.clone(), Mark::User(place))));
        for (place, guard) in GUARDS.iter().enumerate() {
            let spelled = guard
                .globs
                .iter()
                .flat_map(|glob| expand(glob, facts, tree));
            globs.extend(spelled.map(|spelled| (spelled.glob, Mark::Guard(place))));
        }
        for (place, rule) in rules.iter().enumerate() {
            let spelled = rule.keep.iter().flat_map(|glob| expand(glob, facts, tree));
            globs.extend(spelled.map(|spelled| {
                let mark = if spelled.slash {
                    Mark::SpareAlone(place)
                } else {
                    Mark::Spare(place)
                };
                (spelled.glob, mark)
            }));
        }
        globs.retain(|(glob, _)| !names.miss(glob));
        let mut guards = Self {
            sieve: Sieve::of_checked(globs),
            roots: HashMap::new(),
            above: HashSet::new(),
            workdir: None,
            reasons: GUARDS
                .iter()
                .map(|guard| format!("protect list: {}", guard.because))
                .collect(),
        };
        guards.reasons.push(format!("protect list: {OWN}"));
        guards.enter_roots(facts, tree);
        guards
    }

    fn enter_roots(&mut self, facts: &Facts, tree: &Tree) {
        for root in &facts.roots {
            let reason = self.reasons.len();
            self.reasons.push(root.because.clone());
            let known = self.roots.entry(root.node).or_insert(Root {
                reason,
                whole: root.whole,
            });
            known.whole |= root.whole;
            let mut node = root.node;
            while self.above.insert(node) && node != NodeId::ROOT {
                node = tree.parent(node);
            }
        }
        let workdir = tree.resolve(&facts.workdir);
        self.workdir = workdir.filter(|&node| {
            let at = tree.path(node);
            !is_system(&at) && !facts.homes.contains(&at)
        });
    }

    /// What holds at `node`, given what holds in its directory; asked of each directory, and of files that a rule wants.
    pub(super) fn at(
        &self,
        node: NodeId,
        path: &[u8],
        held: &mut Held,
        found: &mut Vec<usize>,
    ) -> Here {
        let mut here = Here::default();
        self.sieve.matches(path, found);
        for &place in found.iter() {
            match *self.sieve.target(place) {
                Mark::User(glob) => {
                    here.named = true;
                    held.user.push(glob);
                }
                Mark::Guard(guard) => {
                    here.named = true;
                    let slot = match GUARDS[guard].until {
                        None => &mut held.hard,
                        Some(Reach::Owned) => &mut held.unless_owned,
                        Some(_) => &mut held.place,
                    };
                    slot.get_or_insert(guard);
                }
                Mark::Spare(rule) => held.spared.insert(rule),
                Mark::SpareAlone(rule) => here.spared.insert(rule),
            }
        }
        if self.is_own(node, path) {
            here.named = true;
            held.place.get_or_insert(GUARDS.len());
        }
        if let Some(root) = self.roots.get(&node) {
            here.named = true;
            here.root = Some(root.reason);
            if root.whole {
                held.hard.get_or_insert(root.reason);
            }
        }
        here
    }

    fn is_own(&self, node: NodeId, path: &[u8]) -> bool {
        let top = !path.contains(&b'/') && !TOP.iter().any(|known| known.as_bytes() == path);
        top || self.workdir == Some(node)
    }

    /// The reason why `rule` may not take the path.
    pub(super) fn refusal(&self, rule: &Rule, held: &Held, here: &Here) -> Option<&str> {
        let reason = held.hard.or(here.root).or_else(|| match rule.reach {
            Reach::Owned => None,
            Reach::Everywhere => held.unless_owned,
            Reach::System => held.unless_owned.or(held.place),
        });
        reason.map(|reason| self.reasons[reason].as_str())
    }

    /// Whether the rule at `place` leaves the path.
    pub(super) fn spares(place: usize, held: &Held, here: &Here) -> bool {
        held.spared.has(place) || here.spared.has(place)
    }

    /// Why nothing in the directory is the rule's to take although a glob of it names the directory: a root lies in it.
    pub(super) fn root_in(&self, dir: NodeId, tree: &Tree) -> Option<&str> {
        if !self.above.contains(&dir) {
            return None;
        }
        let mut below: Vec<_> = self
            .roots
            .iter()
            .filter(|(root, _)| is_in(**root, dir, tree))
            .collect();
        below.sort_by_key(|(_, root)| root.reason);
        below
            .first()
            .map(|(_, root)| self.reasons[root.reason].as_str())
    }

    /// Whether a root, a hard guard or a keep of the user's may hold something in `dir`.
    pub(super) fn holds_in(&self, dir: NodeId, path: &[u8]) -> bool {
        self.above.contains(&dir)
            || self.sieve.below(path).any(|mark| match *mark {
                Mark::User(_) => true,
                Mark::Guard(guard) => GUARDS[guard].until.is_none(),
                Mark::Spare(_) | Mark::SpareAlone(_) => false,
            })
    }
}

fn is_in(mut node: NodeId, dir: NodeId, tree: &Tree) -> bool {
    while node != dir && node != NodeId::ROOT {
        node = tree.parent(node);
    }
    node == dir
}
