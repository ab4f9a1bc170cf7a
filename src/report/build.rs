//! Puts the stages' results together into an image's report.

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::distroless;
use crate::error::Warning;
use crate::layer::Layer;
use crate::packages::PackageReport;
use crate::path;
use crate::plan::{Plan, PlannedLayer, Withdrawn};
use crate::rules::{Decisions, Reason};
use crate::write::{How, ImageDocuments, Output};

use super::account::Account;
use super::totals::Totals;
use super::value::{
    Bytes, Descriptor, DistrolessRow, Fate, GroupRow, Image, LayerBytes, LayerRow, WithdrawnRow,
};

/// What the report says of an image besides what the stages found.
#[derive(Clone, Debug)]
pub struct Facts {
    /// `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// Tag or full name, where the source gives one.
    pub name: Option<String>,
    /// The source's manifest.
    pub source: Descriptor,
    /// The result's manifest.
    pub result: Descriptor,
    /// The instruction of each layer, base layer first.
    pub instructions: Vec<Option<String>>,
    /// What a user should know.
    pub warnings: Vec<Warning>,
}

impl Facts {
    /// Takes them from an image and the documents of its result; `None` where those are the source's.
    pub fn of(
        image: &crate::image::Image,
        name: Option<&str>,
        documents: Option<&ImageDocuments>,
        warnings: Vec<Warning>,
    ) -> Self {
        let source = Descriptor {
            digest: image.manifest.digest.to_string(),
            media_type: image.descriptor.media_type.clone(),
            size: image.manifest.raw.len() as u64,
        };
        let result = documents.map(|documents| Descriptor {
            digest: Digest::of(&documents.manifest).to_string(),
            size: documents.manifest.len() as u64,
            ..source.clone()
        });
        let instructions = image.layers.iter().map(|layer| layer.instruction.clone());
        Self {
            platform: image.platform.to_string(),
            name: name.map(|name| path::display(name.as_bytes())),
            result: result.unwrap_or_else(|| source.clone()),
            source,
            instructions: instructions.collect(),
            warnings,
        }
    }
}

/// What the stages found and did.
#[derive(Clone, Copy, Debug)]
pub struct Stages<'a> {
    /// The source's layers.
    pub layers: &'a [Layer],
    /// What went and changed: as carried out, not as wished.
    pub decisions: &'a Decisions,
    /// What became of the packages.
    pub packages: &'a PackageReport,
    /// What the entrypoint needs, in the profile that asks.
    pub(crate) distroless: Option<&'a distroless::Outcome>,
    /// What was taken back.
    pub withdrawn: &'a Withdrawn,
    /// The result's layers as planned.
    pub plan: &'a Plan,
    /// The same as written, in the plan's order.
    pub outputs: &'a [Output],
}

impl Image {
    /// Reports what became of an image.
    pub fn new(facts: Facts, stages: Stages<'_>, account: Account) -> Self {
        let Stages {
            layers,
            decisions,
            packages,
            distroless,
            withdrawn,
            plan,
            outputs,
        } = stages;
        let after = Totals {
            compressed: outputs.iter().map(|output| output.size).sum(),
            uncompressed: outputs.iter().map(|output| output.inflated).sum(),
            layers: outputs.len(),
            ..account.left
        };
        Self {
            platform: facts.platform,
            name: facts.name,
            source: facts.source,
            result: facts.result,
            before: account.before,
            after,
            groups: outputs.iter().filter_map(group_row).collect(),
            layers: layer_rows(facts.instructions, layers, plan, outputs),
            rules: account.rules,
            hidden: account.hidden,
            removed: account.removed,
            edited: account.edited,
            kept: account.kept,
            packages: packages.clone(),
            distroless: distroless.map(DistrolessRow::of),
            update: None,
            clamped: 0,
            forecast: None,
            bills: None,
            withdrawn: withdrawn_rows(withdrawn, decisions.reasons()),
            findings: Vec::new(),
            warnings: facts.warnings,
            files: account.files,
        }
    }
}

impl DistrolessRow {
    fn of(outcome: &distroless::Outcome) -> Self {
        let packages = outcome.stays.iter().map(|stays| stays.len() as u64);
        Self {
            depth: outcome.depth,
            why: outcome.why.clone(),
            needed: outcome.needed.len() as u64,
            packages: packages.sum(),
        }
    }
}

/// A layer's bytes, compressed and inflated.
pub(super) fn sizes(layer: &Layer) -> (u64, u64) {
    (layer.claim.size, layer.inflated.len())
}

fn layer_rows(
    instructions: Vec<Option<String>>,
    layers: &[Layer],
    plan: &Plan,
    outputs: &[Output],
) -> Vec<LayerRow> {
    let mut into: BTreeMap<usize, usize> = BTreeMap::new();
    let like_layers = outputs.iter().enumerate();
    for (place, output) in like_layers.filter(|(_, output)| output.title.is_none()) {
        into.extend(output.from.iter().map(|&layer| (layer, place)));
    }
    let is_regrouped = outputs.iter().any(|output| output.title.is_some());
    let without = if is_regrouped {
        Fate::Merged
    } else {
        Fate::Dropped
    };
    let mut instructions = instructions.into_iter();
    layers
        .iter()
        .enumerate()
        .map(|(index, layer)| {
            let into = into.get(&index).copied();
            let output = into.map(|place| &outputs[place]);
            let lowest = output.filter(|output| output.from.first() == Some(&index));
            LayerRow {
                index,
                instruction: instructions.next().flatten(),
                fate: into.map_or(without, |place| fate(&plan.layers[place], &outputs[place])),
                into,
                before: LayerBytes {
                    digest: layer.claim.digest.to_string(),
                    codec: layer.codec.name().into(),
                    compressed: layer.claim.size,
                    uncompressed: layer.inflated.len(),
                },
                after: lowest.map(layer_bytes),
                bytes: lowest.map(|output| bytes(output.how)),
            }
        })
        .collect()
}

/// A layer of the result that is made by what it holds.
fn group_row(output: &Output) -> Option<GroupRow> {
    Some(GroupRow {
        title: output.title.clone()?,
        layer: layer_bytes(output),
        bytes: bytes(output.how),
    })
}

fn layer_bytes(output: &Output) -> LayerBytes {
    LayerBytes {
        digest: output.digest.to_string(),
        codec: output.codec.name().into(),
        compressed: output.size,
        uncompressed: output.inflated,
    }
}

fn fate(planned: &PlannedLayer, output: &Output) -> Fate {
    match planned {
        _ if output.from.len() > 1 => Fate::Merged,
        _ if output.how == How::Reused => Fate::Unchanged,
        PlannedLayer::Unchanged { .. } => Fate::Recompressed,
        PlannedLayer::Rewritten { .. } => Fate::Rewritten,
    }
}

fn bytes(how: How) -> Bytes {
    match how {
        How::Reused => Bytes::Reused,
        How::Previous => Bytes::Previous,
        How::Spliced { copied, compressed } => Bytes::Spliced { copied, compressed },
        How::Compressed => Bytes::Compressed,
    }
}

fn withdrawn_rows(withdrawn: &Withdrawn, reasons: &[Reason]) -> Vec<WithdrawnRow> {
    withdrawn
        .by_reason
        .iter()
        .map(|(&reason, &(paths, bytes))| WithdrawnRow {
            rule: path::display(reasons[reason].rule.as_bytes()),
            origin: reasons[reason].origin.to_string(),
            paths,
            bytes,
        })
        .collect()
}
