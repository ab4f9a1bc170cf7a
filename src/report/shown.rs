//! What text and Markdown both show: the same words and groups, laid out by each in its own way.

use std::collections::BTreeMap;

use super::value::{Fate, HiddenBytes, Image, LayerRow, PathBytes, Totals};
use super::words::{change, count, counted, percent, size};

/// The image's name and platform.
pub(super) fn title(image: &Image) -> String {
    match &image.name {
        Some(name) => format!("{name} ({})", image.platform),
        None => image.platform.clone(),
    }
}

/// The numbers before and after, under headings.
pub(super) fn totals(before: &Totals, after: &Totals) -> Vec<Vec<String>> {
    let sizes = |word: &str, of: fn(&Totals) -> u64| {
        let (before, after) = (of(before), of(after));
        let change = change(before, after);
        vec![word.to_owned(), size(before), size(after), change]
    };
    let counts = |word: &str, of: fn(&Totals) -> u64| {
        let (before, after) = (of(before), of(after));
        let change = change(before, after);
        vec![word.to_owned(), count(before), count(after), change]
    };
    vec![
        ["", "before", "after", "change"]
            .map(str::to_owned)
            .to_vec(),
        sizes("compressed", |totals| totals.compressed),
        sizes("unpacked", |totals| totals.uncompressed),
        sizes("visible", |totals| totals.visible),
        sizes("hidden", |totals| totals.wasted),
        counts("files", |totals| totals.files),
        counts("layers", |totals| totals.layers as u64),
        vec![
            "efficiency".into(),
            percent(before.efficiency),
            percent(after.efficiency),
            String::new(),
        ],
    ]
}

/// What became of a layer.
pub(super) fn became(layer: &LayerRow) -> String {
    match (layer.fate, layer.into) {
        (Fate::Unchanged, _) => "unchanged".into(),
        (Fate::Recompressed, _) => "recompressed".into(),
        (Fate::Rewritten, _) => "rewritten".into(),
        (Fate::Merged, Some(into)) => format!("merged into {into}"),
        (Fate::Merged, None) => "merged".into(),
        (Fate::Dropped, _) => "dropped, nothing left".into(),
    }
}

/// How much was hidden and how much of it is gone.
pub(super) fn hidden(hidden: &HiddenBytes) -> String {
    let left = hidden.bytes - hidden.freed;
    let fate = if left == 0 {
        "all gone".into()
    } else {
        format!("{} in layers that stay as they are", size(left))
    };
    let files = counted(hidden.files, "file", "files");
    format!("{} in {files}; {fate}", size(hidden.bytes))
}

/// The paths that freed most, with the names of their rules.
pub(super) fn largest_removed(image: &Image) -> Vec<(&str, &PathBytes)> {
    let mut largest: Vec<(&str, &PathBytes)> = image
        .rules
        .iter()
        .flat_map(|rule| rule.largest.iter().map(|row| (&rule.name[..], row)))
        .collect();
    largest.sort_by(|(_, a), (_, b)| (b.bytes, &a.path).cmp(&(a.bytes, &b.path)));
    largest
}

/// Paths that the same thing kept from the same rule.
pub(super) struct KeptGroup<'a> {
    pub(super) rule: &'a str,
    pub(super) because: &'a str,
    pub(super) paths: u64,
    /// The first.
    pub(super) example: &'a str,
}

/// The kept paths in groups, the largest first.
pub(super) fn kept_groups(image: &Image) -> Vec<KeptGroup<'_>> {
    let mut groups: BTreeMap<(&str, &str), (u64, &str)> = BTreeMap::new();
    for row in &image.kept {
        let group = groups
            .entry((&row.rule, &row.because))
            .or_insert((0, &row.path));
        group.0 += 1;
    }
    let mut groups: Vec<KeptGroup<'_>> = groups
        .into_iter()
        .map(|((rule, because), (paths, example))| KeptGroup {
            rule,
            because,
            paths,
            example,
        })
        .collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.paths));
    groups
}
