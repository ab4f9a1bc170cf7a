//! Which sections an explanation has, in which order.

use super::super::block::{Block, Cell, Table};
use super::super::document::Document;
use super::super::layout::title;
use super::super::words::{count, counted, instruction, size};
use super::{ExplainedPath, Explanation, Owner, Step, Verdict, Visible};

impl Document for Explanation {
    fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = self.images.iter().flat_map(image).collect();
        blocks.push(Block::Warnings(self.warnings.clone()));
        blocks
    }
}

fn image(image: &ExplainedPath) -> Vec<Block> {
    let of = title(image.name.as_deref(), &image.platform);
    let mut blocks = vec![
        Block::Title(format!("{} in {of}", image.path)),
        Block::Headline(headline(&image.verdict)),
    ];
    let links = image.links.iter();
    blocks.extend(links.map(|link| Block::Line(format!("the way leads through the link {link}"))));
    match &image.visible {
        Some(seen) => blocks.extend(visible(seen).into_iter().map(Block::Line)),
        None => blocks.push(Block::Line("a container sees nothing there".into())),
    }
    blocks.extend(image.owner.as_ref().map(|owner| Block::Line(owned(owner))));
    for (depth, step) in image.needed.iter().enumerate() {
        let arrow = if depth == 0 { "needed:" } else { "→" };
        blocks.push(Block::Line(format!("{arrow} {step}")));
    }
    if image.hidden > 0 {
        let hidden = size(image.hidden);
        blocks.push(Block::Line(format!(
            "{hidden} of older versions lie hidden in lower layers"
        )));
    }
    blocks.extend(life(image));
    blocks.extend(below(&image.verdict));
    for rule in &image.would_take {
        blocks.push(Block::Note(match &rule.profile[..] {
            "none" => format!("rule {0} would take it: --enable {0}", rule.rule),
            profile => format!("rule {} would take it: profile {profile} has it", rule.rule),
        }));
    }
    blocks
}

fn owned(owner: &Owner) -> String {
    let Owner {
        manager,
        name,
        version,
        leaves,
        because,
    } = owner;
    let fate = match leaves {
        Some((rule, why)) => format!(", which leaves whole ({rule}: {why})"),
        None if because.is_empty() => String::new(),
        None => format!(", which was asked for: {}", because.join(", ")),
    };
    format!("owned by the {manager} package {name} {version}{fate}")
}

fn headline(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Removed { rule, origin } => format!("goes: rule {rule} ({origin}) removes it"),
        Verdict::Edited { rule, origin } => format!("changes: rule {rule} ({origin}) edits it"),
        Verdict::Kept { asked } => {
            let asked: Vec<String> = asked
                .iter()
                .map(|asked| {
                    format!(
                        "rule {} ({}) asks for it, kept by {}",
                        asked.rule, asked.origin, asked.because
                    )
                })
                .collect();
            format!("stays: {}", asked.join("; "))
        }
        Verdict::Stays { below } if below.is_empty() => {
            "stays: no rule that acts asks for it".into()
        }
        Verdict::Stays { .. } => "stays: rules take only what is under it".into(),
        Verdict::Hidden => {
            "goes: no container sees it, what is left of it in layers is dropped".into()
        }
    }
}

fn visible(seen: &Visible) -> Vec<String> {
    let mut words = vec![seen.kind.to_owned()];
    match seen.kind {
        "file" => words.push(size(seen.bytes)),
        "directory" => {
            let files = counted(seen.files, "file", "files");
            words.push(format!("{} in {files}", size(seen.bytes)));
        }
        _ => {}
    }
    words.extend(seen.mode.as_ref().map(|mode| format!("mode {mode}")));
    words.extend(seen.owner.as_ref().map(|owner| format!("owner {owner}")));
    words.extend(seen.layer.map(|layer| format!("from layer {layer}")));
    let mut lines = vec![words.join(", ")];
    if let Some(target) = &seen.target {
        let leads = match &seen.leads_to {
            Some(path) => format!("which leads to {path}"),
            None => "which leads to nothing".into(),
        };
        lines.push(format!("its target is {target}, {leads}"));
    }
    if !seen.names.is_empty() {
        lines.push(format!("the same file as {}", seen.names.join(", ")));
    }
    lines
}

fn life(image: &ExplainedPath) -> Option<Block> {
    let mut table = Table::new(["layer", "what happened", "instruction"], "rll");
    for row in &image.life {
        let step = match &row.step {
            Step::Wrote { kind, bytes, mode } if *kind == "file" => {
                format!("wrote a file, {}, mode {mode}", size(*bytes))
            }
            Step::Wrote { kind, mode, .. } => format!("wrote a {kind}, mode {mode}"),
            Step::Linked { to } => format!("made it a name of {to}"),
            Step::Implied => "made it for what lies under it".into(),
            Step::Deleted { how, at } if *at == image.path => format!("deleted it ({how})"),
            Step::Deleted { how, at } => format!("deleted {at} ({how})"),
        };
        let created_by = row.instruction.as_deref().unwrap_or_default();
        table.push([
            row.layer.to_string().into(),
            step.into(),
            Cell::Code(instruction(created_by)),
        ]);
    }
    table.section("Life, base layer first")
}

fn below(verdict: &Verdict) -> Option<Block> {
    let Verdict::Stays { below } = verdict else {
        return None;
    };
    let mut table = Table::new(["bytes", "paths", "rule", "from"], "rrll");
    for row in below {
        table.push([
            size(row.bytes).into(),
            count(row.paths).into(),
            row.rule[..].into(),
            row.origin[..].into(),
        ]);
    }
    table.section("What goes from under it")
}
