//! What goes, and why: the built-in rules, the user's own, and the walk that applies both to a tree.
//!
//! Each path goes or stays by this order: the user's keeps, the user's removes, the protect list and what the image starts
//! by, a rule's own keeps, its removes. Paths are matched as they are in the tree; links are never followed.

mod bits;
pub mod builtin;
mod commands;
mod decision;
#[cfg(test)]
pub(crate) mod example;
mod expand;
mod facts;
mod foreign;
mod glob;
mod guards;
mod guess;
mod names;
mod options;
mod predicate;
mod protect;
mod roots;
mod rule;
mod set;
mod settle;
mod sieve;
mod walk;

pub use builtin::{PACKAGE_RULES, RULES, all};
pub(crate) use commands::{argument_words, command_names, place, program, shell_words};
pub use decision::{Decisions, Edit, Kept, Origin, Reason};
pub use facts::{Contents, Facts};
pub use guess::Guess;
pub use options::{Profile, RuleOptions, UserRule};
pub use roots::Root;
pub(crate) use roots::is_system;
pub use rule::{Action, Level, Only, Reach, Rule, When};
pub use set::{RuleSet, rule};
