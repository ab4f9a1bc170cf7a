//! Which sections an inspection has, in which order.

use super::super::block::{Block, Cell, Table};
use super::super::document::Document;
use super::super::finding::Finding;
use super::super::html::Picture;
use super::super::layout::{stored, title};
use super::super::words::{change, count, counted, instruction, percent, size};
use super::{InspectedImage, InspectedLayer, Inspection};

mod shown;
mod weights;

impl Document for Inspection {
    fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = self.images.iter().flat_map(image).collect();
        blocks.push(Block::Warnings(self.warnings.clone()));
        blocks.push(Block::Note("1 MB is 1,000,000 bytes.".into()));
        blocks
    }

    fn pictures(&self) -> Vec<Picture> {
        self.images.iter().flat_map(shown::pictures).collect()
    }

    fn findings(&self) -> Option<Vec<Finding>> {
        Some(self.images.iter().flat_map(shown::findings).collect())
    }
}

fn image(image: &InspectedImage) -> Vec<Block> {
    let totals = &image.totals;
    let counts = format!(
        "a container sees {}, {} and {}",
        counted(totals.files, "file", "files"),
        counted(totals.directories, "directory", "directories"),
        counted(totals.symlinks, "link", "links"),
    );
    let mut blocks = vec![
        Block::Title(title(image.name.as_deref(), &image.platform)),
        Block::Headline(format!(
            "{}, efficiency {}",
            stored(totals),
            percent(totals.efficiency)
        )),
        Block::Line(counts),
    ];
    let update = image.update.as_ref();
    blocks.extend(update.map(|update| Block::Line(update.line())));
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
    blocks.push(Block::Table(columns(image)));
    blocks.extend(
        [
            advice(image),
            layers(image),
            wasted(image),
            metadata_only(image),
            secrets(image),
            runs(image),
            rules(image),
        ]
        .into_iter()
        .flatten(),
    );
    blocks.extend(weights::sections(image));
    blocks.extend(suggestions(image));
    blocks.push(Block::Warnings(image.warnings.clone()));
    blocks
}

/// The four totals, and efficiency as we and as dive count it.
fn columns(image: &InspectedImage) -> Table {
    let heads = [
        "registry",
        "unpacked",
        "visible",
        "wasted",
        "efficiency",
        "dive: wasted",
        "dive: efficiency",
    ];
    let totals = &image.totals;
    let mut table = Table::new(heads, "rrrrrrr");
    table.push([
        if totals.is_plain() {
            "-".into()
        } else {
            size(totals.compressed).into()
        },
        size(totals.uncompressed).into(),
        size(totals.visible).into(),
        size(totals.wasted).into(),
        percent(totals.efficiency).into(),
        size(image.dive.wasted).into(),
        percent(image.dive.efficiency).into(),
    ]);
    table
}

/// Numbers of which nothing is worth a dash.
fn dash(number: u64, shown: fn(u64) -> String) -> Cell {
    if number == 0 {
        "-".into()
    } else {
        shown(number).into()
    }
}

fn layers(image: &InspectedImage) -> Option<Block> {
    let heads = [
        "#",
        "registry",
        "unpacked",
        "wasted",
        "added",
        "changed",
        "removed",
        "instruction",
    ];
    let mut table = Table::new(heads, "rrrrrrrl");
    let compressed = |layer: &InspectedLayer| match image.totals.is_plain() {
        true => "-".into(),
        false => size(layer.compressed).into(),
    };
    for layer in &image.layers {
        let created_by = layer.instruction.as_deref().unwrap_or_default();
        table.push([
            layer.index.to_string().into(),
            compressed(layer),
            size(layer.uncompressed).into(),
            dash(layer.wasted, size),
            dash(layer.added, count),
            dash(layer.changed, count),
            dash(layer.removed, count),
            Cell::Code(instruction(created_by)),
        ]);
    }
    table.section("Layers, base layer first")
}

fn advice(image: &InspectedImage) -> Option<Block> {
    let mut table = Table::list(["bytes", "with", "what"], "rll");
    for row in &image.advice {
        let with = match (&row.flag[..], &row.toml[..]) {
            ("", "") => "shrink".into(),
            ("", _) => "slim.toml, below".into(),
            (flag, _) => Cell::Code(flag.into()),
        };
        table.push([size(row.bytes).into(), with, row.what[..].into()]);
    }
    table.section("What to do, the most bytes first")
}

fn wasted(image: &InspectedImage) -> Option<Block> {
    let heads = ["bytes", "copies", "path", "how", "instruction"];
    let mut table = Table::list(heads, "rrlll");
    for row in &image.wasted {
        let created_by = row.instruction.as_deref().unwrap_or_default();
        table.push([
            size(row.bytes).into(),
            count(row.copies + u64::from(row.visible)).into(),
            Cell::Path(row.path.clone()),
            format!("{} by {}", row.how, row.by).into(),
            Cell::Code(instruction(created_by)),
        ]);
    }
    let (bytes, files) = (image.hidden.bytes, image.hidden.files);
    let copies = counted(files, "copy", "copies");
    table.section(format!(
        "Wasted: {} in {copies} that upper layers hide",
        size(bytes)
    ))
}

fn metadata_only(image: &InspectedImage) -> Option<Block> {
    let mut table = Table::new(["bytes", "files", "layer", "changed", "fix"], "rrrll");
    for row in &image.metadata_only {
        table.push([
            size(row.bytes).into(),
            count(row.files).into(),
            row.layer.to_string().into(),
            row.changed.join(", ").into(),
            row.fix.into(),
        ]);
    }
    table.section("Held twice although only metadata or the place changed")
}

fn secrets(image: &InspectedImage) -> Option<Block> {
    let mut table = Table::list(["layer", "hidden by", "looks like", "path"], "rrll");
    for row in &image.secrets {
        table.push([
            row.layer.to_string().into(),
            row.by.to_string().into(),
            row.what.into(),
            Cell::Path(row.path.clone()),
        ]);
    }
    table.section("Lower layers still hold what looks like secrets: change them, whoever pulled the image has them")
}

fn runs(image: &InspectedImage) -> Option<Block> {
    let heads = ["unpacked", "change", "visible", "paths gone", "shrink with"];
    let mut table = Table::new(heads, "rrrrl");
    for run in &image.runs {
        table.push([
            size(run.uncompressed).into(),
            change(image.totals.uncompressed, run.uncompressed).into(),
            size(run.visible).into(),
            dash(run.removed, count),
            Cell::Code(run.flags.clone()),
        ]);
    }
    table.section("What shrink would make of it")
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
