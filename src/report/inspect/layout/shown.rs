//! What an inspection draws, and what it finds.

use super::super::super::finding::{Finding, Level};
use super::super::super::html::{Bar, MapFile, Picture};
use super::super::super::layout::title;
use super::super::super::words::{counted, instruction, size};
use super::super::InspectedImage;

/// How many wasted paths are findings of their own.
const WASTED: usize = 1000;

/// The layers as bars and the visible files as a map.
pub(super) fn pictures(image: &InspectedImage) -> Vec<Picture> {
    let name = title(image.name.as_deref(), &image.platform);
    let bars = image.layers.iter().map(|layer| {
        let created_by = layer.instruction.as_deref().unwrap_or_default();
        Bar {
            label: format!("{} {}", layer.index, instruction(created_by)),
            before: layer.uncompressed,
            wasted: Some(layer.wasted),
            after: None,
        }
    });
    let bars: Vec<Bar> = bars.collect();
    let goes = image
        .runs
        .iter()
        .map(|run| format!("goes with {}", run.flags));
    let files = image.files.iter().map(|file| MapFile {
        path: file.path.clone(),
        bytes: file.bytes,
        layer: file.layer,
        class: file.goes.map_or(0, |run| run + 1),
    });
    vec![
        Picture::Map {
            heading: format!("What a container sees of {name}"),
            legend: std::iter::once("stays".into()).chain(goes).collect(),
            files: files.collect(),
        },
        Picture::Bars {
            heading: format!("Layers of {name}, unpacked bytes"),
            scale: Bar::longest(&bars),
            bars,
        },
    ]
}

/// Secrets, waste, and what rules would take.
pub(super) fn findings(image: &InspectedImage) -> Vec<Finding> {
    let platform = &image.platform;
    let secrets = image.secrets.iter().map(|row| Finding {
        rule: "secret-in-lower-layer",
        summary: "a lower layer still holds what looks like a secret",
        level: Level::Error,
        text: format!(
            "{platform}: layer {} holds what looks like: {}; layer {} only hides it",
            row.layer, row.what, row.by
        ),
        path: Some(row.path.clone()),
    });
    let wasted = image.wasted.iter().filter(|row| row.bytes > 0).take(WASTED);
    let wasted = wasted.map(|row| Finding {
        rule: "wasted-bytes",
        summary: "lower layers hold copies that no container sees",
        level: Level::Warning,
        text: format!(
            "{platform}: {} in {} that no container sees, {} by layer {}: {}",
            size(row.bytes),
            counted(row.copies, "copy", "copies"),
            row.how,
            row.by,
            instruction(row.instruction.as_deref().unwrap_or_default())
        ),
        path: Some(row.path.clone()),
    });
    let again = image.metadata_only.iter().map(|row| Finding {
        rule: "held-twice",
        summary: "a layer holds files again although their content did not change",
        level: Level::Warning,
        text: format!(
            "{platform}: layer {} holds {} ({}) again: {}",
            row.layer,
            counted(row.files, "file", "files"),
            size(row.bytes),
            row.fix
        ),
        path: row.largest.first().map(|path| path.path.clone()),
    });
    let rules = image.rules.iter().filter(|rule| rule.bytes > 0);
    let rules = rules.map(|rule| Finding {
        rule: "removable-bytes",
        summary: "a built-in rule would remove files",
        level: Level::Note,
        text: format!("{platform}: {} would free {}", rule.name, size(rule.bytes)),
        path: rule.largest.first().map(|path| path.path.clone()),
    });
    secrets.chain(wasted).chain(again).chain(rules).collect()
}
