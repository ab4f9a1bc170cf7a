//! The rules that act, and what they decide for a tree.
//!
//! Order: the user's keeps, the user's removes, the protect list and the image's own roots, a rule's keeps, its removes.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::path;
use crate::rules::builtin::all;
use crate::rules::decision::{Decisions, Origin};
use crate::rules::facts::{Contents, Facts};
use crate::rules::glob::normalise;
use crate::rules::options::{RuleOptions, UserRule, choose};
use crate::rules::rule::Rule;
use crate::rules::sieve::Sieve;
use crate::rules::walk;
use crate::tree::{NodeId, Tree};

/// Rules that act together.
#[derive(Debug)]
pub struct RuleSet {
    pub(super) rules: Vec<&'static Rule>,
    pub(super) user: Vec<UserRule>,
    pub(super) globs: Vec<UserGlob>,
}

/// One glob of a user's rule.
#[derive(Debug)]
pub(super) struct UserGlob {
    /// As it is matched.
    pub(super) glob: String,
    /// As the user wrote it.
    pub(super) written: String,
    /// The place of its rule.
    pub(super) rule: usize,
}

impl RuleSet {
    /// Chooses the rules and checks the user's globs.
    ///
    /// # Errors
    /// A name that no rule has, or a glob that cannot be compiled.
    pub fn compile(options: &RuleOptions) -> Result<Self> {
        let rules = choose(options)?;
        let mut globs = Vec::new();
        for (place, rule) in options.user.iter().enumerate() {
            for written in &rule.globs {
                let glob = compiled(written).map_err(|fault| Error::Glob {
                    glob: written.clone(),
                    origin: rule.origin.to_string(),
                    fault,
                })?;
                globs.push(UserGlob {
                    glob,
                    written: written.clone(),
                    rule: place,
                });
            }
        }
        Ok(Self {
            rules,
            user: options.user.clone(),
            globs,
        })
    }

    /// The set of one built-in rule, whether or not a profile holds it: what it would take if it were alone.
    pub fn alone(rule: &'static Rule) -> Self {
        Self {
            rules: vec![rule],
            user: Vec::new(),
            globs: Vec::new(),
        }
    }

    /// Whether no rule acts.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.user.is_empty()
    }

    /// The built-in rules that act, in the order of [`all`].
    pub fn rules(&self) -> &[&'static Rule] {
        &self.rules
    }

    /// Whether a built-in rule acts.
    pub fn acts(&self, name: &str) -> bool {
        self.rules.iter().any(|rule| rule.name == name)
    }

    /// What the user keeps: each path with the flag or line and the glob that keep it. A glob that names a directory keeps
    /// all under it.
    pub fn kept_by_user(&self, tree: &Tree) -> HashMap<NodeId, String> {
        let own = self.globs.iter().filter(|glob| self.user[glob.rule].keep);
        let globs: Vec<_> = own.map(|glob| (glob.glob.clone(), glob)).collect();
        let mut kept = HashMap::new();
        if globs.is_empty() {
            return kept;
        }
        let sieve = Sieve::of_checked(globs);
        let mut found = Vec::new();
        let mut stack: Vec<(NodeId, Vec<u8>, Option<String>)> = vec![(NodeId::ROOT, vec![], None)];
        while let Some((dir, at, keep)) = stack.pop() {
            for (name, node) in tree.children(dir) {
                let path = path::join(&at, name);
                sieve.matches(&path, &mut found);
                let glob = found.first().map(|&place| sieve.target(place));
                let own = glob.map(|glob| keep_name(&self.user[glob.rule].origin, &glob.written));
                let keep = keep.clone().or(own);
                kept.extend(keep.clone().map(|keep| (node, keep)));
                stack.push((node, path, keep));
            }
        }
        kept
    }

    /// Decides what goes from the tree and what changes in it.
    ///
    /// # Errors
    /// When a file that a rule must look into cannot be read.
    pub fn decide(&self, tree: &Tree, facts: &Facts, contents: &dyn Contents) -> Result<Decisions> {
        walk::decide(self, tree, facts, contents)
    }
}

/// Returns a user's glob in the form that is matched.
fn compiled(written: &str) -> Result<String, String> {
    let glob = normalise(written)?;
    match Sieve::new(vec![(glob.clone(), ())]) {
        Ok(_) => Ok(glob),
        Err((_, fault)) => Err(fault),
    }
}

/// The built-in rule of that name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.name == name)
}

/// What a user's keep is called where it kept something.
pub(super) fn keep_name(origin: &Origin, glob: &str) -> String {
    format!("{origin} {glob}")
}
