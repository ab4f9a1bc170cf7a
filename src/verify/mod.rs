//! The independent look at the result: what was promised is shown again from what was written.
//!
//! Nothing here plans or writes. The merged tree is not used: a second flattener, [`flatten`], says what a container sees.

mod flatten;
mod paths;
#[cfg(test)]
mod tests;

pub use flatten::{Fault, Flat, Inode, flatten};
