//! What a run found and did, as plain numbers; text, JSON and Markdown are renderings of one value.

mod budget;

pub use budget::{Budget, Saving};
