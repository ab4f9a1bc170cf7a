//! Looks at images and changes none: inspect, explain, compare, check.
//!
//! Nothing here is written but temporary files.

mod browse;
mod check;
mod diff;
mod explain;
mod inspect;
mod run;
mod scanned;
mod twins;
mod verify;

use std::path::PathBuf;

use crate::image::Platform;

pub use browse::{Browsed, BrowsedLayer, browse};
pub use check::{Gate, check};
pub use diff::{diff, sizes};
pub use explain::explain;
pub use inspect::inspect;
pub use run::{hold_against, run};
pub use verify::verify;

/// Which images to look at, and where.
#[derive(Clone, Debug)]
pub struct View {
    /// The one platform to take; `None` for all.
    pub platform: Option<Platform>,
    /// Where temporary files go.
    pub temp_dir: PathBuf,
}
