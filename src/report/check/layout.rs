//! Which sections a check has.

use super::super::block::{Block, Cell, Table};
use super::super::document::Document;
use super::super::finding::{Case, Finding};
use super::super::layout::{stored, title};
use super::super::words::{counted, percent};
use super::{Check, HeldImage};

impl Document for Check {
    fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = self.images.iter().flat_map(image).collect();
        blocks.push(Block::Warnings(self.warnings.clone()));
        blocks
    }

    fn findings(&self) -> Option<Vec<Finding>> {
        Some(self.findings())
    }

    fn cases(&self) -> Option<Vec<Case>> {
        Some(self.cases())
    }
}

fn image(image: &HeldImage) -> Vec<Block> {
    let missed = image.limits.iter().filter(|held| !held.holds).count();
    let limits = counted(image.limits.len() as u64, "limit", "limits");
    let headline = match (image.limits.len(), missed) {
        (0, _) => Block::Headline("no limit is set: slim.toml, flags and .dive-ci set them".into()),
        (_, 0) => Block::Headline(format!("{limits} kept")),
        (_, missed) => Block::Alarm(format!("{missed} of {limits} missed")),
    };
    let mut table = Table::new(["", "limit", "is"], "lll");
    for held in &image.limits {
        table.push([
            if held.holds { "kept" } else { "MISSED" }.into(),
            held.limit.into(),
            Cell::Plain(held.what.clone()),
        ]);
    }
    let mut blocks = vec![
        Block::Title(title(image.name.as_deref(), &image.platform)),
        headline,
        Block::Line(format!(
            "{}, efficiency {}",
            stored(&image.totals),
            percent(image.totals.efficiency)
        )),
    ];
    blocks.extend(table.section("Limits"));
    blocks
}
