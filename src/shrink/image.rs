//! One image through the flow.

use std::sync::Arc;

use tempfile::TempPath;

use crate::error::{Error, Result, Warning};
use crate::image::{Image, LayerSource};
use crate::largest::largest_first;
use crate::layer::{Claim, Layer, Spool, give_back};
use crate::packages;
use crate::plan::{Steps, clamped, restoring};
use crate::progress::Progress;
use crate::report::{self, ForecastRow};
use crate::rules::{Facts, Guess, RuleSet};
use crate::running::View;
use crate::source::{Blob, Source};
use crate::tree::Tree;
use crate::verify::ReadBack;
use crate::write::{Listed, Record, Staging, image_documents, write_pack};

use super::choose;
use super::contents::Inflated;
use super::decide::{Decided, Deciding};
use super::layers::{LaidOut, Layout, Shown, lay_out, leave};
use super::planned::tables;
use super::previous::Previous;
use super::{Options, Proof, publish, running};

/// What is the same for all images of a run.
#[derive(Debug)]
pub(super) struct Job<'a> {
    pub(super) source: &'a dyn Source,
    pub(super) rules: &'a RuleSet,
    pub(super) options: &'a Options,
    /// Whether plain layers are the source format's doing and the destination has another format.
    pub(super) saved: bool,
    pub(super) staging: &'a Staging,
    pub(super) record: Record,
    pub(super) progress: &'a dyn Progress,
}

/// Slims one image, stages it, and returns what became of its manifest, what there is to report, and the pack that puts
/// back what went, where one is wanted.
pub(super) fn slim(
    job: &Job<'_>,
    image: &Image,
) -> Result<(Listed, report::Image, Option<TempPath>)> {
    let spool = spool(job, image)?;
    let layers = scan(job.source, image, &spool, job.progress)?;
    let blobs: Vec<_> = layers
        .iter()
        .map(|layer| layer.claim.digest.clone())
        .collect();
    let tree = Tree::merge(
        layers.iter().map(|layer| layer.entries.clone()).collect(),
        &blobs,
    )?;
    let contents = Inflated {
        tree: &tree,
        layers: &layers,
    };
    let wanted = &job.options.wanted;
    let facts = Facts::gather_for(&image.config.value, &wanted.needs, &tree, &contents)?;
    let deciding = Deciding::new(&tree, &contents, facts, job.rules, wanted)?;
    let previous = Previous::read(job.options.previous.as_ref(), image)?;
    let read_back = ReadBack::default();
    let is_read_back = job.options.proof == Proof::Full;
    let steps = Steps::of(image);
    let is_read_again = job.options.sbom || job.options.restore_pack.is_some();
    let layout = Layout {
        mode: job.options.mode,
        compress: job.options.compress,
        saved: job.saved,
        previous: &previous,
        aim: job.options.aim,
        latest: job.options.latest,
        steps: &steps,
        is_read_again,
        base: choose::base(image),
        tables: &tables(image),
        read_back: is_read_back.then_some(&read_back),
        staging: job.staging,
    };
    job.progress.begin("writing layers", None);
    let facts = &deciding.inventory.facts;
    let view = View {
        tree: &tree,
        contents: &contents,
        facts,
    };
    let (mut laid, mut shown) = lay_out(&layers, &deciding, layout, view)?;
    let mut unproven = None;
    if let Err(fault @ Error::Proof { .. }) = &shown.proven
        && laid.is_around_others()
    {
        // Entries behind symbolic links, around layers that must stay: what cannot be shown to be right is not done.
        unproven = Some(fault.to_string());
        (laid, shown) = leave(&layers, &tree, layout)?;
    }
    let Shown { proven, account } = shown;
    let proven = proven?;
    let warnings = warnings(&layers, &laid, unproven);
    if !job.options.force && !job.options.dry_run {
        running::refuse(&laid.findings)?;
    }
    if !is_read_again {
        give_back(&layers);
    }
    let documents = image_documents(image, &laid.outputs, &job.record);
    // Staged first: blobs are on their way to the disk while the report is made.
    let fate = publish::image(
        image,
        &layers,
        &mut laid.outputs,
        documents.as_ref(),
        job.staging,
    )?;
    let mut row = row(
        image,
        &layers,
        &laid,
        account,
        warnings,
        documents
            .as_ref()
            .map_or(&image.manifest.raw, |documents| &documents.manifest),
    );
    row.findings = laid.findings;
    row.clamped = clamped(&tree, &laid.decided.decisions).len() as u64;
    row.forecast = ForecastRow::of(&laid.foreseen, job.options.aim.unwrap_or_default());
    row.update = job
        .options
        .previous
        .is_some()
        .then(|| previous.update(&laid.outputs, image));
    if job.options.sbom {
        row.bills = Some(report::Bills {
            left: packages::left(&row.packages),
            stays: packages::stays(&deciding.inventory, &row.packages, &laid.decided.decisions)?,
        });
    }
    let pack = match &job.options.restore_pack {
        Some(_) if !job.options.dry_run => {
            let pieces = restoring(&tree, &laid.decided.decisions);
            write_pack(&layers, &pieces, job.staging.area())?.file
        }
        _ => None,
    };
    if is_read_again {
        give_back(&layers);
    }
    if is_read_back {
        job.progress.begin("reading the result back", None);
        read_back.check(image, &proven.layers, job.staging, &fate)?;
    }
    Ok((fate, row, pack))
}

/// Where layers are spilled: without what the rules will most likely take, unless that is to be packed.
fn spool(job: &Job<'_>, image: &Image) -> Result<Spool> {
    let spool = Spool::new(job.staging.spool_dir().to_owned());
    if job.options.restore_pack.is_some() {
        return Ok(spool);
    }
    let guess = Guess::new(job.rules, &image.config.value, &job.options.wanted.needs)?;
    Ok(spool.without(Arc::new(guess)))
}

fn row(
    image: &Image,
    layers: &[Layer],
    laid: &LaidOut,
    account: report::Account,
    warnings: Vec<Warning>,
    manifest: &[u8],
) -> report::Image {
    let described = |raw: &[u8]| report::Descriptor {
        digest: crate::digest::Digest::of(raw).to_string(),
        media_type: image.descriptor.media_type.clone(),
        size: raw.len() as u64,
    };
    let facts = report::Facts {
        platform: image.platform.to_string(),
        name: None,
        source: described(&image.manifest.raw),
        result: described(manifest),
        instructions: image
            .layers
            .iter()
            .map(|layer| layer.instruction.clone())
            .collect(),
        warnings,
    };
    let LaidOut {
        decided,
        withdrawn,
        plan,
        outputs,
        ..
    } = laid;
    let Decided {
        decisions,
        packages,
        distroless,
    } = decided;
    report::Image::new(
        facts,
        report::Stages {
            layers,
            decisions,
            packages,
            distroless: distroless.as_deref(),
            withdrawn,
            plan,
            outputs,
        },
        account,
    )
}

fn warnings(layers: &[Layer], laid: &LaidOut, unproven: Option<String>) -> Vec<Warning> {
    let warning = |code: &'static str, text: String| Warning { code, text };
    let of_layers = layers
        .iter()
        .flat_map(|layer| layer.warnings.iter().map(move |text| (layer, text)));
    let mut warnings: Vec<_> = of_layers
        .map(|(layer, text)| warning("layer", format!("layer `{}`: {text}", layer.claim.digest)))
        .collect();
    if let Some(fault) = unproven {
        let text = format!(
            "the image stays as it is: no smaller one could be proved to be the same ({fault})"
        );
        warnings.push(warning("unproven", text));
        return warnings;
    }
    let mut stays = |code, layer: &usize, why: &str| {
        let digest = &layers[*layer].claim.digest;
        warnings.push(warning(
            code,
            format!("layer `{digest}` stays as it is: {why}"),
        ));
    };
    for layer in &laid.grew {
        stays("would-grow", layer, "written anew it would be larger");
    }
    for layer in laid.needed.difference(&laid.grew) {
        stays(
            "needed-below",
            layer,
            "a layer that stays as it is needs its links",
        );
    }
    warnings.extend(laid.decided.packages.warnings.iter().cloned());
    if laid.kept_apart {
        warnings.push(warning(
            "would-grow",
            "the layers were not joined: together they would be larger".into(),
        ));
    }
    warnings
}

/// Scans the layers of an image in parallel.
pub(crate) fn scan(
    source: &dyn Source,
    image: &Image,
    spool: &Spool,
    progress: &dyn Progress,
) -> Result<Vec<Layer>> {
    let bytes = image.layers.iter().map(|layer| layer.size).sum();
    progress.begin("reading layers", Some(bytes));
    read(source, image, |blob, claim| {
        let size = claim.size;
        let scanned = Layer::scan(blob, claim, spool)?;
        progress.advance(size);
        Ok(scanned)
    })
}

/// As [`scan`], but plain layers are still to be verified.
pub(crate) fn outline(source: &dyn Source, image: &Image, spool: &Spool) -> Result<Vec<Layer>> {
    read(source, image, |blob, claim| {
        Layer::outline(blob, claim, spool)
    })
}

fn read(
    source: &dyn Source,
    image: &Image,
    one: impl Fn(Blob, Claim) -> Result<Layer> + Sync,
) -> Result<Vec<Layer>> {
    let one = |layer: &LayerSource| {
        let claim = Claim::of(layer);
        one(source.blob(&layer.digest, layer.size)?, claim)
    };
    largest_first(image.layers.iter().collect(), |layer| layer.size, one)
}
