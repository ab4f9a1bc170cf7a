//! Why layers are laid out as they are, where that was left to the program.

use serde::Serialize;

use crate::plan::{Aim, Forecast};

use super::block::{Block, Table};
use super::words::size;

/// What was foreseen of each mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ForecastRow {
    /// What layers are laid out for: `size`, `pull` or `update`.
    pub aim: &'static str,
    /// The mode that serves it best.
    pub chosen: String,
    /// Each mode, the chosen one first, in compressed bytes.
    pub modes: Vec<ModeRow>,
}

/// A mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModeRow {
    /// As `--layers` takes it.
    pub mode: String,
    /// Bytes of all layers.
    pub size: u64,
    /// Bytes of the longest of three connections in a pull.
    pub pull: u64,
    /// Bytes to pull for the next release.
    pub update: u64,
}

impl ForecastRow {
    /// Takes what was foreseen, the chosen mode first; `None` where nothing was.
    pub fn of(foreseen: &[Forecast], aim: Aim) -> Option<Self> {
        let row = |one: &Forecast| ModeRow {
            mode: one.mode.to_string(),
            size: one.size,
            pull: one.pull,
            update: one.update,
        };
        Some(Self {
            aim: aim.name(),
            chosen: foreseen.first()?.mode.to_string(),
            modes: foreseen.iter().map(row).collect(),
        })
    }

    pub(super) fn section(&self) -> Option<Block> {
        let heads = ["size", "pull", "update", "mode"];
        let mut table = Table::new(heads, "rrrl");
        for row in &self.modes {
            table.push([
                size(row.size).into(),
                size(row.pull).into(),
                size(row.update).into(),
                row.mode[..].into(),
            ]);
        }
        table.section(match self.aim {
            "size" => "Layers foreseen, for size; the first was taken (compressed bytes)",
            "update" => "Layers foreseen, for updates; the first was taken (compressed bytes)",
            _ => "Layers foreseen, for pulls; the first was taken (compressed bytes)",
        })
    }
}
