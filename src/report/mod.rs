//! What a run found and did, as plain numbers; text, JSON and Markdown are renderings of one value.
//!
//! All sizes are in bytes. Layers are counted from the base layer, which is 0. Paths are text for people
//! ([`crate::path::display`]), relative to the image's root. Nothing here reads an image or prints.

mod budget;
mod build;
mod count;
#[cfg(test)]
mod example;
mod markdown;
mod paint;
mod rows;
mod shown;
#[cfg(test)]
mod snapshots;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod value;
mod words;

pub use budget::{Budget, Saving};
pub use build::{Facts, Stages};
pub use count::{Hidden, Hiding, hidden};
pub use markdown::markdown;
pub use paint::Paint;
pub use text::text;
pub use value::{
    Bytes, Descriptor, EditedRow, Fate, HiddenBytes, HiddenRow, Image, KeptRow, LayerBytes,
    LayerRow, PathBytes, RemovedRow, Report, RuleRow, Tool, Total, Totals, WithdrawnRow,
};

pub use crate::error::Warning;

impl Report {
    /// The report as one JSON document with a final newline.
    pub fn json(&self) -> String {
        json(self)
    }
}

/// A value of this module as one JSON document with a final newline.
pub fn json(value: &impl serde::Serialize) -> String {
    let mut text =
        serde_json::to_string_pretty(value).expect("reports have text keys and finite numbers");
    text.push('\n');
    text
}
