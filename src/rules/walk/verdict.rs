//! What becomes of a path, from who asks for it and what holds it.

use crate::layer::Kind;
use crate::rules::guards::{Guards, Here};
use crate::rules::rule::{Action, Reach};
use crate::rules::set::keep_name;
use crate::tree::NodeId;

use super::asks::Ask;
use super::{Asker, State, Walk};

/// What becomes of a path.
pub(super) enum Verdict {
    Stays,
    Goes(Asker),
    Empties(usize),
}

impl Walk<'_> {
    /// `news` says whether an asker or a guard names this very path: only then is what is kept worth a row.
    pub(super) fn verdict(
        &mut self,
        node: NodeId,
        state: &State,
        here: &Here,
        news: bool,
    ) -> Verdict {
        let user = state
            .users
            .iter()
            .copied()
            .filter(|&rule| self.fits(rule, node))
            .max();
        let asking: Vec<usize> = state
            .asked
            .without(&state.held.spared)
            .filter(|&place| !Guards::spares(place, &state.held, here))
            .collect();
        let first = user
            .map(Asker::User)
            .or(asking.first().map(|&place| Asker::Rule(place)));
        let Some(first) = first else {
            return Verdict::Stays;
        };
        let keep = state
            .held
            .user
            .iter()
            .find(|&&glob| self.fits(self.set.globs[glob].rule, node));
        if let Some(&glob) = keep {
            if news {
                let glob = &self.set.globs[glob];
                let because = keep_name(&self.set.user[glob.rule].origin, &glob.written);
                self.keep(node, first, because);
            }
            return Verdict::Stays;
        }
        if let Some(rule) = user {
            return Verdict::Goes(Asker::User(rule));
        }
        let mut refused = None;
        let mut allowed = Vec::new();
        for place in asking {
            match self.guards.refusal(self.rules[place], &state.held, here) {
                Some(because) => refused = refused.or_else(|| Some((place, because.to_owned()))),
                None => allowed.push(place),
            }
        }
        let removing = allowed
            .iter()
            .copied()
            .find(|&place| self.rules[place].action == Action::Remove);
        if let Some(place) = removing {
            return Verdict::Goes(Asker::Rule(place));
        }
        if let Some(&place) = allowed.first() {
            return if self.can_empty(node) {
                Verdict::Empties(place)
            } else {
                Verdict::Stays
            };
        }
        if let Some((place, because)) = refused.filter(|_| news) {
            self.keep(node, Asker::Rule(place), because);
        }
        Verdict::Stays
    }

    /// Whether a rule of the user's that names `node` means it: by its size.
    fn fits(&self, rule: usize, node: NodeId) -> bool {
        let least = self.set.user[rule].larger_than;
        least
            .is_none_or(|least| self.tree.kind(node) == Kind::File && self.tree.size(node) >= least)
    }

    /// Whether `node` is a file with something in it and no other name that would keep it.
    fn can_empty(&self, node: NodeId) -> bool {
        self.tree.size(node) > 0 && self.tree.names(node).len() == 1
    }

    /// Whether all in the directory goes for the same reason, so that its paths need not be tested one by one.
    pub(super) fn goes_whole(&self, asker: Asker, dir: NodeId, path: &[u8]) -> bool {
        let others = self.asks.below(path).any(|ask| matches!(ask, Ask::User(_)));
        match asker {
            Asker::User(rule) => {
                self.set.user[rule].larger_than.is_none()
                    && !others
                    && !self
                        .set
                        .globs
                        .iter()
                        .any(|glob| self.set.user[glob.rule].keep)
            }
            Asker::Rule(place) => {
                let rule = self.rules[place];
                rule.reach == Reach::Owned
                    && rule.keep.is_empty()
                    && !others
                    && !self.guards.holds_in(dir, path)
            }
        }
    }
}
