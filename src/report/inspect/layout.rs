//! Which sections an inspection has, in which order.

use super::super::block::{Block, Cell, Table};
use super::super::document::Document;
use super::super::layout::{hidden_table, stored, title};
use super::super::words::{count, counted, instruction, percent, size};
use super::{InspectedImage, InspectedLayer, Inspection};

impl Document for Inspection {
    fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = self.images.iter().flat_map(image).collect();
        blocks.push(Block::Warnings(self.warnings.clone()));
        blocks.push(Block::Note("1 MB is 1,000,000 bytes.".into()));
        blocks
    }
}

fn image(image: &InspectedImage) -> Vec<Block> {
    let totals = &image.totals;
    let efficiency = percent(totals.efficiency);
    let headline = if totals.is_plain() {
        format!("{}, efficiency {efficiency}", stored(totals))
    } else {
        let unpacked = size(totals.uncompressed);
        format!(
            "{}, {unpacked} unpacked, efficiency {efficiency}",
            stored(totals)
        )
    };
    let counts = format!(
        "a container sees {} in {}, {} and {}; {} more are hidden by upper layers",
        size(totals.visible),
        counted(totals.files, "file", "files"),
        counted(totals.directories, "directory", "directories"),
        counted(totals.symlinks, "link", "links"),
        size(totals.wasted)
    );
    let mut blocks = vec![
        Block::Title(title(image.name.as_deref(), &image.platform)),
        Block::Headline(headline),
        Block::Line(counts),
    ];
    let installed = image.packages.iter().map(|row| {
        let packages = counted(row.packages, "package", "packages");
        let files = counted(row.files, "file", "files");
        format!(
            "{} has {packages}: {} in {files}",
            row.manager,
            size(row.bytes)
        )
    });
    blocks.extend(installed.map(Block::Line));
    blocks.extend(
        [layers(image), rules(image), hidden(image)]
            .into_iter()
            .flatten(),
    );
    blocks.extend(suggestions(image));
    blocks.push(Block::Warnings(image.warnings.clone()));
    blocks
}

fn layers(image: &InspectedImage) -> Option<Block> {
    let heads = [
        "#",
        "compressed",
        "unpacked",
        "files",
        "hidden",
        "instruction",
    ];
    let mut table = Table::new(heads, "rrrrrl");
    let compressed = |layer: &InspectedLayer| match image.totals.is_plain() {
        true => "-".into(),
        false => size(layer.compressed).into(),
    };
    for layer in &image.layers {
        let created_by = layer.instruction.as_deref().unwrap_or_default();
        let hidden = layer.wasted;
        table.push([
            layer.index.to_string().into(),
            compressed(layer),
            size(layer.uncompressed).into(),
            count(layer.files).into(),
            if hidden == 0 {
                "-".into()
            } else {
                size(hidden).into()
            },
            Cell::Code(instruction(created_by)),
        ]);
    }
    table.section("Layers, base layer first")
}

fn rules(image: &InspectedImage) -> Option<Block> {
    let heads = ["bytes", "paths", "rule", "profile", "what it takes"];
    let mut table = Table::new(heads, "rrlll");
    for rule in &image.rules {
        table.push([
            size(rule.bytes).into(),
            count(rule.paths).into(),
            rule.name[..].into(),
            rule.profile[..].into(),
            rule.summary[..].into(),
        ]);
    }
    table.section("What each rule would save alone (unpacked bytes)")
}

fn hidden(image: &InspectedImage) -> Option<Block> {
    let hidden = &image.hidden;
    let (bytes, files) = (size(hidden.bytes), counted(hidden.files, "file", "files"));
    hidden_table(hidden).section(format!("Hidden by upper layers: {bytes} in {files}"))
}

fn suggestions(image: &InspectedImage) -> Vec<Block> {
    let mut table = Table::new(["bytes", "files", "what", "the largest"], "rrll");
    for suggestion in &image.suggestions {
        table.push([
            size(suggestion.bytes).into(),
            count(suggestion.files).into(),
            suggestion.name[..].into(),
            Cell::Path(suggestion.largest.path.clone()),
        ]);
    }
    let lines: Vec<String> = image.suggestions.iter().map(|found| found.toml()).collect();
    match table.section("Static files that only you can judge") {
        None => Vec::new(),
        Some(section) => vec![
            section,
            Block::Note("These lines of slim.toml would remove them:".into()),
            Block::Code(lines.join("\n")),
        ],
    }
}
