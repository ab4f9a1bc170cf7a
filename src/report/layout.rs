//! Which sections the report of a run has, in which order: what a stranger wants to know first comes first.

use std::collections::BTreeMap;

use super::block::{Block, Cell, Table};
use super::budget::Missed;
use super::document::Document;
use super::fleet;
use super::forecast::ForecastRow;
use super::html::{Bar, Picture};
use super::packages;
use super::totals::Totals;
use super::value::{Bytes, Fate, HiddenBytes, Image, LayerBytes, LayerRow, PathBytes, Report};
use crate::running::{Finding, Severity};

use super::words::{change, count, counted, instruction, percent, size};

const SIZES: &str =
    "1 MB is 1,000,000 bytes. A report in JSON (--report FILE.json) lists every path.";

impl Document for Report {
    fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = self.images.iter().flat_map(image).collect();
        if self.images.len() > 1 {
            let (before, after) = (&self.total.before, &self.total.after);
            blocks.push(Block::Title("All images together".into()));
            blocks.push(Block::Headline(headline(before, after)));
            blocks.push(Block::Table(totals(before, after)));
        }
        blocks.push(Block::Warnings(self.warnings.clone()));
        blocks.extend(missed(&self.missed_limits));
        blocks.extend(fleet::section(&self.fleet));
        if self.dry_run {
            blocks.push(Block::Note(
                "This was a dry run: nothing was written.".into(),
            ));
        }
        blocks.push(Block::Note(SIZES.into()));
        blocks
    }

    fn pictures(&self) -> Vec<Picture> {
        self.images.iter().flat_map(pictures).collect()
    }
}

/// The files, those that went in another colour, and the layers before and after.
fn pictures(image: &Image) -> Vec<Picture> {
    let name = title(image.name.as_deref(), &image.platform);
    let bars = image.layers.iter().map(|layer| {
        let created_by = layer.instruction.as_deref().unwrap_or_default();
        Bar {
            label: format!("{} {}", layer.index, instruction(created_by)),
            before: layer.before.uncompressed,
            wasted: None,
            after: layer.after.as_ref().map(|after| after.uncompressed),
        }
    });
    let bars: Vec<Bar> = bars.collect();
    vec![
        Picture::Map {
            heading: format!("What a container saw of {name}"),
            legend: vec!["stays".into(), "removed".into()],
            files: image.files.clone(),
        },
        Picture::Bars {
            heading: format!("Layers of {name}, unpacked bytes before and after"),
            scale: Bar::longest(&bars),
            bars,
        },
    ]
}

fn missed(missed: &[Missed]) -> Option<Block> {
    let mut table = Table::list(["platform", "limit", "is"], "lll");
    for row in missed {
        table.push([
            row.platform[..].into(),
            row.limit.into(),
            row.what[..].into(),
        ]);
    }
    table.section("Budget not met")
}

fn image(image: &Image) -> Vec<Block> {
    let headline = if image.result == image.source {
        let size = stored(&image.after);
        format!("nothing to remove: the result is the source, {size}")
    } else {
        headline(&image.before, &image.after)
    };
    let first = [
        Block::Title(title(image.name.as_deref(), &image.platform)),
        Block::Headline(headline),
        Block::Table(totals(&image.before, &image.after)),
    ];
    let distroless = image.distroless.as_ref().map(|row| {
        let packages = counted(row.packages, "package", "packages");
        Block::Line(format!(
            "distroless, depth `{}`: {packages} stay, {} paths are needed ({})",
            row.depth, row.needed, row.why
        ))
    });
    let sections = [
        layers(image),
        groups(image),
        image.forecast.as_ref().and_then(ForecastRow::section),
        Some(rules(image)),
        largest(image),
        hidden(&image.hidden),
        kept(image),
        packages::removed(&image.packages),
        packages::kept(&image.packages),
        packages::partial(&image.packages),
        withdrawn(image),
    ];
    let mut blocks = Vec::from(first);
    blocks.extend(distroless);
    if image.clamped > 0 {
        let paths = counted(image.clamped, "path", "paths");
        blocks.push(Block::Line(format!(
            "SOURCE_DATE_EPOCH: {paths} got that time for a later one"
        )));
    }
    blocks.extend(
        image
            .update
            .as_ref()
            .map(|update| Block::Line(update.line())),
    );
    blocks.extend(sections.into_iter().flatten());
    blocks.extend(findings(&image.findings));
    blocks.push(Block::Warnings(image.warnings.clone()));
    blocks
}

/// What may not run any more.
pub(super) fn findings(findings: &[Finding]) -> Option<Block> {
    let mut table = Table::list(["sure", "check", "what"], "lll");
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        table.push([
            severity.into(),
            finding.code.into(),
            finding.text[..].into(),
        ]);
    }
    table.section("What may not run as before")
}

/// An image's name and platform.
pub(super) fn title(name: Option<&str>, platform: &str) -> String {
    name.map_or_else(
        || platform.to_owned(),
        |name| format!("{name} ({platform})"),
    )
}

/// `1.83 GB → 412 MB compressed (-77 %)`. What was stored plain, as `docker save` does, has no compressed size to compare.
fn headline(before: &Totals, after: &Totals) -> String {
    let told = |word: &str, from: u64, to: u64| {
        format!(
            "{} → {} {word} ({})",
            size(from),
            size(to),
            change(from, to)
        )
    };
    let unpacked = || told("unpacked", before.uncompressed, after.uncompressed);
    match (before.is_plain(), after.is_plain()) {
        (false, false) => told("compressed", before.compressed, after.compressed),
        (true, false) => format!("{}, {} compressed", unpacked(), size(after.compressed)),
        (_, true) => unpacked(),
    }
}

/// `412 MB compressed`, or what stands in its place.
pub(super) fn stored(totals: &Totals) -> String {
    if totals.is_plain() {
        format!("{} stored uncompressed", size(totals.uncompressed))
    } else {
        format!("{} compressed", size(totals.compressed))
    }
}

/// The numbers before and after.
pub(super) fn totals(before: &Totals, after: &Totals) -> Table {
    let mut table = Table::new(["", "before", "after", "change"], "lrrr");
    let mut row = |word: &str, shown: fn(u64) -> String, before: u64, after: u64| {
        table.push([
            word.into(),
            shown(before).into(),
            shown(after).into(),
            change(before, after).into(),
        ]);
    };
    if !before.is_plain() && !after.is_plain() {
        row("compressed", size, before.compressed, after.compressed);
    }
    row("unpacked", size, before.uncompressed, after.uncompressed);
    row("visible", size, before.visible, after.visible);
    row("hidden", size, before.wasted, after.wasted);
    row("files", count, before.files, after.files);
    row("layers", count, before.layers as u64, after.layers as u64);
    table.push([
        "efficiency".into(),
        percent(before.efficiency).into(),
        percent(after.efficiency).into(),
        "".into(),
    ]);
    table
}

fn layers(image: &Image) -> Option<Block> {
    let heads = ["#", "before", "after", "became", "instruction"];
    let mut table = Table::new(heads, "rrrll");
    let is_plain = image.before.is_plain() || image.after.is_plain();
    let bytes = |layer: &LayerBytes| match is_plain {
        true => size(layer.uncompressed),
        false => size(layer.compressed),
    };
    for layer in &image.layers {
        let after = layer.after.as_ref();
        let created_by = layer.instruction.as_deref().unwrap_or_default();
        table.push([
            layer.index.to_string().into(),
            bytes(&layer.before).into(),
            after.map_or("-".into(), bytes).into(),
            became(layer).into(),
            Cell::Code(instruction(created_by)),
        ]);
    }
    table.section(match is_plain {
        true => "Layers, base layer first (unpacked bytes)",
        false => "Layers, base layer first (compressed bytes)",
    })
}

fn groups(image: &Image) -> Option<Block> {
    let mut table = Table::new(
        ["#", "compressed", "unpacked", "blob", "what it holds"],
        "rrrll",
    );
    for (number, group) in image.groups.iter().enumerate() {
        table.push([
            number.to_string().into(),
            size(group.layer.compressed).into(),
            size(group.layer.uncompressed).into(),
            match group.bytes {
                Bytes::Reused => "the source's",
                Bytes::Previous => "the earlier release's",
                Bytes::Spliced { .. } | Bytes::Compressed => "new",
            }
            .into(),
            group.title[..].into(),
        ]);
    }
    table.section("Layers of the result")
}

fn became(layer: &LayerRow) -> String {
    match (layer.fate, layer.into) {
        (Fate::Unchanged, _) => "unchanged".into(),
        (Fate::Recompressed, _) => "recompressed".into(),
        (Fate::Rewritten, _) => "rewritten".into(),
        (Fate::Merged, Some(into)) => format!("merged into {into}"),
        (Fate::Merged, None) => "shared out".into(),
        (Fate::Dropped, _) => "dropped, nothing left".into(),
    }
}

fn rules(image: &Image) -> Block {
    let mut table = Table::new(["bytes", "paths", "hidden", "rule", "from"], "rrrll");
    for rule in &image.rules {
        let hidden = rule.hidden_bytes;
        table.push([
            size(rule.bytes).into(),
            count(rule.paths).into(),
            if hidden == 0 {
                "-".into()
            } else {
                size(hidden).into()
            },
            rule.name[..].into(),
            rule.origin[..].into(),
        ]);
    }
    let nothing = image.rules.is_empty();
    Block::Section {
        heading: "Removed by rules (unpacked bytes)".into(),
        notes: nothing
            .then(|| "no rule found anything".into())
            .into_iter()
            .collect(),
        table,
    }
}

fn largest(image: &Image) -> Option<Block> {
    let rules = image.rules.iter();
    let mut largest: Vec<(&str, &PathBytes)> = rules
        .flat_map(|rule| rule.largest.iter().map(|row| (&rule.name[..], row)))
        .collect();
    largest.sort_by(|(_, a), (_, b)| (b.bytes, &a.path).cmp(&(a.bytes, &b.path)));
    let mut table = Table::list(["bytes", "rule", "path"], "rll");
    for (rule, row) in largest {
        table.push([
            size(row.bytes).into(),
            rule.into(),
            Cell::Path(row.path.clone()),
        ]);
    }
    table.section("Largest removed")
}

fn hidden(hidden: &HiddenBytes) -> Option<Block> {
    let left = hidden.bytes - hidden.freed;
    let fate = if left == 0 {
        "all gone".into()
    } else {
        format!("{} in layers that stay as they are", size(left))
    };
    let (bytes, files) = (size(hidden.bytes), counted(hidden.files, "file", "files"));
    hidden_table(hidden).section(format!(
        "Hidden by upper layers: {bytes} in {files}; {fate}"
    ))
}

/// The hidden files.
pub(super) fn hidden_table(hidden: &HiddenBytes) -> Table {
    let mut table = Table::list(["bytes", "layer", "how", "path"], "rrll");
    for row in &hidden.paths {
        table.push([
            size(row.bytes).into(),
            row.layer.to_string().into(),
            format!("{} by {}", row.how, row.by).into(),
            Cell::Path(row.path.clone()),
        ]);
    }
    table
}

/// Paths in groups: of the same rule, kept by the same thing, the largest group first.
fn kept(image: &Image) -> Option<Block> {
    let mut groups: BTreeMap<(&str, &str), (u64, &str)> = BTreeMap::new();
    for row in &image.kept {
        let key = (&row.rule[..], &row.because[..]);
        groups.entry(key).or_insert((0, &row.path)).0 += 1;
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, (paths, _))| std::cmp::Reverse(*paths));
    let mut table = Table::list(["paths", "rule", "because", "for example"], "rlll");
    for ((rule, because), (paths, example)) in groups {
        table.push([
            count(paths).into(),
            rule.into(),
            because.into(),
            Cell::Path(example.into()),
        ]);
    }
    table.section("Kept although a rule asked")
}

fn withdrawn(image: &Image) -> Option<Block> {
    let mut table = Table::new(["bytes", "paths", "rule", "from"], "rrll");
    for row in &image.withdrawn {
        table.push([
            size(row.bytes).into(),
            count(row.paths).into(),
            row.rule[..].into(),
            row.origin[..].into(),
        ]);
    }
    table.section("Asked for, but in layers that stay as they are")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_like_is_compared_with_like() {
        let totals = |compressed, uncompressed| Totals {
            compressed,
            uncompressed,
            ..Totals::default()
        };
        let (plain, zipped) = (totals(400, 400), totals(100, 400));
        let (less, less_zipped) = (totals(200, 200), totals(50, 200));
        for (before, after, told) in [
            (&zipped, &less_zipped, "100 B → 50 B compressed (-50 %)"),
            (
                &plain,
                &less_zipped,
                "400 B → 200 B unpacked (-50 %), 50 B compressed",
            ),
            (&plain, &less, "400 B → 200 B unpacked (-50 %)"),
            (&zipped, &less, "400 B → 200 B unpacked (-50 %)"),
        ] {
            assert_eq!(headline(before, after), told);
        }
    }
}
