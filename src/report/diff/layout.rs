//! Which sections a difference has, in which order.

use super::super::block::{Block, Cell, Table};
use super::super::document::Document;
use super::super::fleet;
use super::super::html::{Bar, MapFile, Picture};
use super::super::layout::totals;
use super::super::words::{change, count, counted, instruction, percent, size};
use super::{Changes, Difference, PathChange, SizedImage, SizedLayer, Sum};

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
        let updates = self.updates.iter();
        blocks.extend(updates.map(|update| Block::Line(update.line())));
        blocks.extend(layers(self));
        blocks.extend(shares(self));
        blocks.extend(fleet::section(&self.fleet));
        blocks.extend(self.changes.iter().flat_map(sections));
        blocks.push(Block::Warnings(self.warnings.clone()));
        blocks.push(Block::Note("1 MB is 1,000,000 bytes.".into()));
        blocks
    }

    fn pictures(&self) -> Vec<Picture> {
        let maps = self.changes.iter().map(map);
        let sizes = self.images.iter().flat_map(|image| &image.layers);
        let scale = sizes.map(|layer| layer.uncompressed).max().unwrap_or(0);
        let images = self.images.iter().map(|image| bars(image, scale));
        maps.chain(images).collect()
    }
}

/// What differs, each path with the more bytes of both sides.
fn map(changes: &Changes) -> Picture {
    let words = ["added", "removed", "modified"];
    let files = changes.paths.iter().map(|row| MapFile {
        path: row.path.clone(),
        bytes: row.before.unwrap_or(0).max(row.after.unwrap_or(0)),
        layer: 0,
        class: (0..)
            .zip(words)
            .find(|(_, word)| *word == row.change)
            .map_or(2, |(class, _)| class),
    });
    Picture::Map {
        heading: format!("What differs on {}", changes.platform),
        legend: words.map(str::to_owned).to_vec(),
        files: files.filter(|file| file.bytes > 0).collect(),
    }
}

fn bars(image: &SizedImage, scale: u64) -> Picture {
    let bars = image.layers.iter().enumerate().map(|(index, layer)| Bar {
        label: format!(
            "{index} {}",
            instruction(layer.instruction.as_deref().unwrap_or_default())
        ),
        before: layer.uncompressed,
        wasted: None,
        after: None,
    });
    Picture::Bars {
        heading: format!(
            "Layers of {} ({}), unpacked bytes",
            image.reference, image.platform
        ),
        bars: bars.collect(),
        scale,
    }
}

/// Of two images of one platform each: layer by layer.
fn layers(difference: &Difference) -> Option<Block> {
    let [before, after] = &difference.images[..] else {
        return None;
    };
    let mut table = Table::new(["#", "before", "after", "", "instruction"], "rrrll");
    for index in 0..before.layers.len().max(after.layers.len()) {
        let (old, new) = (before.layers.get(index), after.layers.get(index));
        let bytes =
            |layer: Option<&SizedLayer>| layer.map_or("-".into(), |layer| size(layer.uncompressed));
        let word = match (old, new) {
            (Some(old), Some(new)) if old.digest == new.digest => "same blob",
            (Some(old), Some(new)) if old.diff_id == new.diff_id => "same content",
            _ => "",
        };
        let created_by = new.or(old).and_then(|layer| layer.instruction.as_deref());
        table.push([
            index.to_string().into(),
            bytes(old).into(),
            bytes(new).into(),
            word.into(),
            Cell::Code(instruction(created_by.unwrap_or_default())),
        ]);
    }
    table.section("Layers, base layer first (unpacked bytes)")
}

fn shares(difference: &Difference) -> Option<Block> {
    let heads = [
        "layers",
        "shared",
        "own",
        "shared blobs",
        "own blobs",
        "image",
    ];
    let mut table = Table::new(heads, "rrrrrl");
    for share in &difference.shares {
        table.push([
            share.layers.to_string().into(),
            size(share.shared).into(),
            size(share.own).into(),
            size(share.shared_blobs).into(),
            size(share.own_blobs).into(),
            Cell::Path(share.reference.clone()),
        ]);
    }
    table.section("Shared with the base: unpacked on a node, blobs in a pull")
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
