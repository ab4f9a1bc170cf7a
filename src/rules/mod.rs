//! What goes, and why.

mod decision;

pub use decision::{Decisions, Edit, Kept, Origin, Reason};
