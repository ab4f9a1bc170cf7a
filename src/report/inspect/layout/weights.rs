//! The sections that tell who has the visible bytes.

use super::super::super::block::{Block, Cell, Table};
use super::super::super::words::{count, counted, size};
use super::super::{InspectedImage, Weight};

/// The sections, in the order in which people look for them.
pub(super) fn sections(image: &InspectedImage) -> Vec<Block> {
    let weights = &image.weights;
    [
        files(image),
        named(&weights.directories, "directory", "Largest directories"),
        packages(image),
        named(&weights.ecosystems, "ecosystem", "By ecosystem"),
        named(&weights.kinds, "kind", "By kind, told by names"),
        equal(image),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn files(image: &InspectedImage) -> Option<Block> {
    let mut table = Table::list(["bytes", "layer", "package", "path"], "rrll");
    for file in &image.weights.largest {
        table.push([
            size(file.bytes).into(),
            file.layer.to_string().into(),
            file.package.as_deref().unwrap_or("-").into(),
            Cell::Path(file.path.clone()),
        ]);
    }
    table.section("Largest files")
}

fn named(rows: &[Weight], head: &'static str, heading: &str) -> Option<Block> {
    let mut table = Table::list(["bytes", "files", head], "rrl");
    for row in rows {
        table.push([
            size(row.bytes).into(),
            count(row.files).into(),
            Cell::Plain(row.name.clone()),
        ]);
    }
    table.section(heading)
}

fn packages(image: &InspectedImage) -> Option<Block> {
    let mut table = Table::list(["bytes", "files", "package", "version"], "rrll");
    for row in &image.weights.packages {
        table.push([
            size(row.bytes).into(),
            count(row.files).into(),
            format!("{} {}", row.manager, row.name).into(),
            row.version[..].into(),
        ]);
    }
    table.section("Largest packages")
}

fn equal(image: &InspectedImage) -> Option<Block> {
    let mut table = Table::list(["bytes", "files", "of", "for example"], "rrrl");
    for row in &image.equal.largest {
        table.push([
            size(row.bytes).into(),
            count(row.files).into(),
            size(row.size).into(),
            Cell::Path(row.paths.first().cloned().unwrap_or_default()),
        ]);
    }
    let groups = counted(image.equal.groups, "group", "groups");
    let bytes = size(image.equal.bytes);
    table.section(format!(
        "Equal files: {bytes} beyond one of each, in {groups}"
    ))
}
