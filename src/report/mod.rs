//! What a run found and did, as plain numbers; text, JSON and Markdown are renderings of one value.
//!
//! All sizes are in bytes. Layers are counted from the base layer, which is 0. Paths are text for people
//! ([`crate::path::display`]), relative to the image's root. Nothing here reads an image or prints.

mod account;
mod block;
mod budget;
mod build;
pub mod check;
mod count;
pub mod diff;
mod document;
#[cfg(test)]
mod example;
pub mod explain;
mod finding;
mod fleet;
mod forecast;
mod html;
pub mod inspect;
mod layout;
mod markdown;
mod packages;
mod paint;
mod rows;
#[cfg(test)]
mod snapshots;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod totals;
mod update;
mod value;
pub mod verify;
pub(crate) mod words;

pub use account::Account;
pub use block::{Block, Cell, Table};
pub use budget::{Budget, Missed, Saving};
pub use build::{Facts, Stages};
pub use count::{Hidden, Hiding, hidden};
pub use document::{Document, Format};
pub use finding::{Case, Finding, Level, annotations};
pub use fleet::{Fleet, FleetSaving};
pub use forecast::{ForecastRow, ModeRow};
pub use html::{Bar, MapFile, Picture};
pub use paint::Paint;
pub use totals::Totals;
pub use update::Update;
pub use value::{
    Bills, Bytes, Descriptor, EditedRow, Fate, HiddenBytes, HiddenRow, Image, KeptRow, LayerBytes,
    LayerRow, PathBytes, RemovedRow, Report, RuleRow, Tool, Total, WithdrawnRow,
};

pub use crate::error::Warning;
