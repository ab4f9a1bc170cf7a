//! One walk over the visible tree: each path is asked for by globs, held by guards, and goes or stays.

mod asks;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::HashMap;

use crate::error::Result;
use crate::layer::Kind;
use crate::rules::bits::Bits;
use crate::rules::decision::{Decisions, Edit, Kept, Origin, Reason};
use crate::rules::facts::{Contents, Facts};
use crate::rules::guards::{Guards, Held, Here};
use crate::rules::names::Names;
use crate::rules::predicate;
use crate::rules::rule::{Reach, Rule};
use crate::rules::set::RuleSet;
use crate::rules::settle::settle;
use crate::rules::sieve::Sieve;
use crate::tree::{NodeId, Tree};

use self::asks::{Ask, asking, asks};
use self::verdict::Verdict;

/// Who asks for a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    User(usize),
    Rule(usize),
}

/// What is known of a path from its directory, and of a directory for what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    asked: Bits,
    /// The user's rules that ask for it.
    users: Vec<usize>,
    held: Held,
}

struct Walk<'a> {
    set: &'a RuleSet,
    tree: &'a Tree,
    facts: &'a Facts,
    contents: &'a dyn Contents,
    rules: Vec<&'static Rule>,
    asks: Sieve<Ask>,
    /// The globs that name a path, for paths that any does; nothing where each path is to be asked for by itself.
    asking: Option<HashMap<NodeId, Vec<usize>>>,
    guards: Guards,
    /// Which of the user's globs named something.
    named: Vec<bool>,
    /// The places of reasons in the decisions, by user rule and by rule.
    reasons: (Vec<Option<usize>>, Vec<Option<usize>>),
    /// All that goes, each directory before what it holds.
    gone: Vec<(NodeId, usize)>,
    decisions: Decisions,
    found: Vec<usize>,
}

/// Decides for all paths.
pub(super) fn decide(
    set: &RuleSet,
    tree: &Tree,
    facts: &Facts,
    contents: &dyn Contents,
) -> Result<Decisions> {
    let names = Names::of(&set.rules, tree);
    let (rules, asks) = asks(set, facts, tree, &names);
    if rules.is_empty() && set.globs.is_empty() {
        return Ok(Decisions::default());
    }
    let (guards, asking) = rayon::join(
        || Guards::new(set, &rules, facts, tree, &names),
        || asks.is_floating().then(|| asking(&asks, tree)),
    );
    let mut walk = Walk {
        guards,
        asking,
        named: vec![false; set.globs.len()],
        reasons: (vec![None; set.user.len()], vec![None; rules.len()]),
        gone: Vec::new(),
        decisions: Decisions::default(),
        found: Vec::new(),
        set,
        tree,
        facts,
        contents,
        rules,
        asks,
    };
    walk.run()?;
    walk.finish()
}

impl Walk<'_> {
    fn run(&mut self) -> Result<()> {
        let floating = self.asks.is_floating();
        let mut path = Vec::new();
        // A directory's state is kept for what it holds; most directories share their parent's.
        let mut states = vec![State::default()];
        let mut stack: Vec<(NodeId, usize, usize)> = Vec::new();
        push_children(self.tree, NodeId::ROOT, 0, 0, &mut stack);
        while let Some((node, state, length)) = stack.pop() {
            path.truncate(length);
            if length > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(self.tree.name(node));
            let is_dir = self.tree.kind(node) == Kind::Dir;
            let (own, verdict) = self.judge(node, &path, is_dir, &states[state])?;
            let goes = self.enter(node, &verdict);
            if !is_dir {
                continue;
            }
            if let (Verdict::Goes(asker), Some(reason)) = (&verdict, goes)
                && self.goes_whole(*asker, node, &path)
            {
                self.take_below(node, reason);
                continue;
            }
            let wanted = !own.asked.is_empty() || !own.users.is_empty();
            if wanted || floating || self.asks.below(&path).next().is_some() {
                let place = if own == states[state] {
                    state
                } else {
                    states.len()
                };
                if place == states.len() {
                    states.push(own);
                }
                push_children(self.tree, node, place, path.len(), &mut stack);
            }
        }
        Ok(())
    }

    /// What is known at `node` and what becomes of it.
    fn judge(
        &mut self,
        node: NodeId,
        path: &[u8],
        is_dir: bool,
        parent: &State,
    ) -> Result<(State, Verdict)> {
        let mut state = parent.clone();
        let asked = self.ask(node, path, is_dir, &mut state)?;
        let mut here = Here::default();
        if is_dir || !state.asked.is_empty() || !state.users.is_empty() {
            here = self.guards.at(node, path, &mut state.held, &mut self.found);
        }
        let verdict = self.verdict(node, &state, &here, asked || here.named);
        Ok((state, verdict))
    }

    /// Enters who asks for this very path; says whether anybody new does.
    fn ask(&mut self, node: NodeId, path: &[u8], is_dir: bool, state: &mut State) -> Result<bool> {
        let mut found = std::mem::take(&mut self.found);
        match &mut self.asking {
            Some(asking) => found = asking.remove(&node).unwrap_or_default(),
            None => self.asks.matches(path, &mut found),
        }
        let mut new = false;
        for &place in &found {
            match *self.asks.target(place) {
                Ask::User(glob) => {
                    self.named[glob] = true;
                    let rule = self.set.globs[glob].rule;
                    if !state.users.contains(&rule) {
                        state.users.push(rule);
                        new = true;
                    }
                }
                Ask::Rule(place) if state.asked.has(place) || state.held.spared.has(place) => {}
                Ask::Rule(place) => {
                    let rule = self.rules[place];
                    if !predicate::holds(
                        rule.only,
                        node,
                        path,
                        self.tree,
                        self.facts,
                        self.contents,
                    )? {
                        continue;
                    }
                    if is_dir && let Some(root) = self.guards.root_in(node, self.tree) {
                        let because = root.to_owned();
                        state.held.spared.insert(place);
                        self.keep(node, Asker::Rule(place), because);
                    } else {
                        state.asked.insert(place);
                        new = true;
                    }
                }
            }
        }
        self.found = found;
        Ok(new)
    }

    /// Enters the verdict; returns the reason's place where the path goes.
    fn enter(&mut self, node: NodeId, verdict: &Verdict) -> Option<usize> {
        match *verdict {
            Verdict::Stays => None,
            Verdict::Goes(asker) => {
                let reason = self.reason(asker);
                self.gone.push((node, reason));
                Some(reason)
            }
            Verdict::Empties(place) => {
                let reason = self.reason(Asker::Rule(place));
                self.decisions.edit(node, reason, Edit::Content([].into()));
                None
            }
        }
    }

    fn take_below(&mut self, dir: NodeId, reason: usize) {
        let mut stack: Vec<NodeId> = self.tree.children(dir).map(|(_, child)| child).collect();
        while let Some(node) = stack.pop() {
            self.gone.push((node, reason));
            stack.extend(self.tree.children(node).map(|(_, child)| child));
        }
    }

    fn keep(&mut self, node: NodeId, asker: Asker, because: String) {
        let asked = self.reason(asker);
        if self
            .decisions
            .kept
            .last()
            .is_none_or(|kept| kept.node != node)
        {
            self.decisions.kept.push(Kept {
                node,
                asked,
                because,
            });
        }
    }

    fn reason(&mut self, asker: Asker) -> usize {
        let known = match asker {
            Asker::User(rule) => &mut self.reasons.0[rule],
            Asker::Rule(place) => &mut self.reasons.1[place],
        };
        *known.get_or_insert_with(|| {
            self.decisions.reason(match asker {
                Asker::User(rule) => Reason {
                    rule: self.set.user[rule].name.clone(),
                    origin: self.set.user[rule].origin.clone(),
                },
                Asker::Rule(place) => Reason {
                    rule: self.rules[place].name.to_owned(),
                    origin: Origin::BuiltIn,
                },
            })
        })
    }

    fn finish(mut self) -> Result<Decisions> {
        let owned: Vec<usize> = (0..self.rules.len())
            .filter(|&place| self.rules[place].reach == Reach::Owned)
            .filter_map(|place| self.reasons.1[place])
            .collect();
        settle(self.tree, &self.gone, &owned, &mut self.decisions);
        for (glob, _) in self
            .set
            .globs
            .iter()
            .zip(&self.named)
            .filter(|(_, named)| !**named)
        {
            let rule = &self.set.user[glob.rule];
            if !rule.keep {
                self.decisions
                    .unmatched
                    .push((glob.written.clone(), rule.origin.clone()));
            }
        }
        Ok(self.decisions)
    }
}

fn push_children(
    tree: &Tree,
    dir: NodeId,
    state: usize,
    length: usize,
    stack: &mut Vec<(NodeId, usize, usize)>,
) {
    let below = stack.len();
    stack.extend(tree.children(dir).map(|(_, child)| (child, state, length)));
    stack[below..].reverse();
}
