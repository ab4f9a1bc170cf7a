//! What goes, and why.

mod contents;
mod decision;

pub use contents::Contents;
pub use decision::{Decisions, Edit, Kept, Origin, Reason};
