//! The limits that a user can set, for all platforms or for one.

use super::super::budget::{Budget, Saving};

/// Limits; what is not set is not checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// What `shrink` holds its result against too; `min-saving` means nothing without a run.
    pub budget: Budget,
    /// How much larger than the baseline the image may be.
    pub max_growth: Option<Saving>,
    /// Globs of which none may match a visible path.
    pub forbid: Vec<String>,
    /// Globs of which each must match a visible path.
    pub require: Vec<String>,
}

impl Limits {
    /// These limits with others on top: what the others set holds, and their globs are added.
    #[must_use]
    pub fn with(&self, top: &Self) -> Self {
        let together = |below: &[String], top: &[String]| [below, top].concat();
        Self {
            budget: self.budget.with(&top.budget),
            max_growth: top.max_growth.or(self.max_growth),
            forbid: together(&self.forbid, &top.forbid),
            require: together(&self.require, &top.require),
        }
    }
}
