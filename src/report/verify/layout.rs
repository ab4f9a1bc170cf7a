//! Which sections a verification has, in which order.

use super::super::block::{Block, Cell, Table};
use super::super::document::Document;
use super::super::layout;
use super::super::words::{count, counted, size};
use super::{ChangedPath, ComparedImage, PathSize, RunRow, RunSide, Verification};

impl Document for Verification {
    fn blocks(&self) -> Vec<Block> {
        let mut table = Table::new(
            [
                "layers",
                "compressed",
                "entries",
                "paths",
                "platform",
                "image",
            ],
            "rrrrll",
        );
        for image in &self.images {
            table.push([
                image.layers.to_string().into(),
                size(image.compressed).into(),
                count(image.entries as u64).into(),
                count(image.paths as u64).into(),
                image.platform[..].into(),
                Cell::Path(image.reference.clone()),
            ]);
        }
        let heading = "Whole: every digest, size and diff ID is true";
        let mut blocks: Vec<Block> = table.section(heading).into_iter().collect();
        blocks.extend(self.compared.iter().flat_map(compared));
        blocks.extend(runs(&self.runs));
        blocks.push(Block::Warnings(self.warnings.clone()));
        blocks
    }
}

fn runs(rows: &[RunRow]) -> Option<Block> {
    let mut table = Table::list(
        ["result", "exit", "platform", "command", "differences"],
        "lrlll",
    );
    for row in rows {
        let result = match (row.same, row.differences.is_empty()) {
            (false, _) => "differs",
            (true, true) => "same",
            (true, false) => "warning",
        };
        let exit = |side: &RunSide| match side.exit_code {
            Some(code) => code.to_string(),
            None => "none".to_owned(),
        };
        let (before, after) = (exit(&row.before), exit(&row.after));
        let exit = match before == after {
            true => before,
            false => format!("{before} → {after}"),
        };
        table.push([
            result.into(),
            exit[..].into(),
            row.platform[..].into(),
            Cell::Path(row.command.clone()),
            row.differences.join("; ")[..].into(),
        ]);
    }
    table.section("Commands")
}

fn compared(image: &ComparedImage) -> Vec<Block> {
    let findings = (image.added.len() + image.changed.len()) as u64;
    let headline = if findings == 0 {
        Block::Headline("the second is the first less what is listed".into())
    } else {
        Block::Alarm(format!(
            "the second has {} besides what went",
            counted(findings, "finding", "findings")
        ))
    };
    let mut blocks = vec![
        Block::Title(format!("What a container sees on {}", image.platform)),
        headline,
    ];
    let removed = counted(image.removed.len() as u64, "path", "paths");
    let bytes = size(image.removed_bytes);
    blocks.extend(layout::findings(&image.running));
    blocks.extend(changed("Differs", &image.changed));
    blocks.extend(paths("Only in the second".into(), &image.added));
    blocks.extend(changed("Edited", &image.edited));
    blocks.extend(paths(
        format!("Removed: {removed}, {bytes}"),
        &image.removed,
    ));
    blocks
}

fn paths(heading: String, rows: &[PathSize]) -> Option<Block> {
    let mut rows: Vec<&PathSize> = rows.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.bytes));
    let mut table = Table::list(["bytes", "type", "path"], "rll");
    for row in rows {
        table.push([
            size(row.bytes).into(),
            row.kind.into(),
            Cell::Path(row.path.clone()),
        ]);
    }
    table.section(heading)
}

fn changed(heading: &str, rows: &[ChangedPath]) -> Option<Block> {
    let mut table = Table::list(["before", "after", "path", "what"], "rrll");
    for row in rows {
        table.push([
            size(row.before).into(),
            size(row.after).into(),
            Cell::Path(row.path.clone()),
            row.what.join(", ").into(),
        ]);
    }
    table.section(heading)
}
