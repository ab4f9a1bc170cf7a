//! Which sections a difference has, in which order.

use super::super::block::{Block, Cell, Table};
use super::super::document::Document;
use super::super::layout::totals;
use super::super::words::{change, count, counted, percent, size};
use super::{Changes, Difference, PathChange, Sum};

impl Document for Difference {
    fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        if let [before, after] = &self.images[..] {
            blocks.push(Block::Title(format!(
                "{} and {}",
                before.reference, after.reference
            )));
            blocks.push(Block::Table(totals(&before.totals, &after.totals)));
        } else {
            blocks.push(Block::Title("Images".into()));
            blocks.push(Block::Table(sizes(self)));
        }
        blocks.extend(self.changes.iter().flat_map(sections));
        blocks.push(Block::Warnings(self.warnings.clone()));
        blocks.push(Block::Note("1 MB is 1,000,000 bytes.".into()));
        blocks
    }
}

fn sizes(difference: &Difference) -> Table {
    let heads = [
        "compressed",
        "change",
        "unpacked",
        "visible",
        "efficiency",
        "platform",
        "image",
    ];
    let mut table = Table::new(heads, "rrrrrll");
    for image in &difference.images {
        let mut same = difference.images.iter();
        let first = same.find(|other| other.platform == image.platform);
        let totals = &image.totals;
        let base = first.map_or(totals, |first| &first.totals);
        let (compressed, change) = match (base.is_plain(), totals.is_plain()) {
            (false, false) => (
                size(totals.compressed),
                change(base.compressed, totals.compressed),
            ),
            (true, false) => (size(totals.compressed), "-".to_owned()),
            (_, true) => ("-".to_owned(), "-".to_owned()),
        };
        table.push([
            compressed.into(),
            change.into(),
            size(image.totals.uncompressed).into(),
            size(image.totals.visible).into(),
            percent(image.totals.efficiency).into(),
            image.platform[..].into(),
            Cell::Path(image.reference.clone()),
        ]);
    }
    table
}

fn sections(changes: &Changes) -> Vec<Block> {
    let mut blocks = vec![Block::Title(format!(
        "What a container sees on {}",
        changes.platform
    ))];
    if changes.paths.is_empty() {
        blocks.push(Block::Headline("no difference".into()));
        return blocks;
    }
    let sum = |word: &str, sum: Sum, bytes: u64| {
        format!(
            "{word} {} ({})",
            counted(sum.paths, "path", "paths"),
            size(bytes)
        )
    };
    blocks.push(Block::Headline(
        [
            sum("added", changes.added, changes.added.after),
            sum("removed", changes.removed, changes.removed.before),
            sum("modified", changes.modified, changes.modified.after),
        ]
        .join(", "),
    ));
    blocks.extend(directories(changes));
    for (heading, word) in [
        ("Added", "added"),
        ("Removed", "removed"),
        ("Modified", "modified"),
    ] {
        blocks.extend(paths(changes, heading, word));
    }
    blocks
}

fn directories(changes: &Changes) -> Option<Block> {
    let mut table = Table::list(["before", "after", "paths", "directory"], "rrrl");
    for row in &changes.directories {
        let path = if row.path.is_empty() { "/" } else { &row.path };
        table.push([
            size(row.before).into(),
            size(row.after).into(),
            count(row.paths).into(),
            Cell::Path(path.into()),
        ]);
    }
    table.section("By directory (files that differ)")
}

fn paths(changes: &Changes, heading: &str, word: &str) -> Option<Block> {
    let mut rows: Vec<&PathChange> = changes
        .paths
        .iter()
        .filter(|row| row.change == word)
        .collect();
    let weight = |row: &PathChange| row.after.unwrap_or(0).max(row.before.unwrap_or(0));
    rows.sort_by_key(|row| std::cmp::Reverse(weight(row)));
    let mut table = Table::list(["bytes", "path", "what"], "rll");
    for row in rows {
        table.push([
            size(row.after.or(row.before).unwrap_or(0)).into(),
            Cell::Path(row.path.clone()),
            row.what.join(", ").into(),
        ]);
    }
    table.section(heading)
}
