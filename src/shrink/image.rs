//! One image through the flow.

use rayon::prelude::*;

use crate::error::Result;
use crate::image::Image;
use crate::layer::{Claim, Layer, Spool};
use crate::report::ImageReport;
use crate::rules::{Facts, RuleSet};
use crate::source::Source;
use crate::tree::Tree;
use crate::verify;
use crate::write::{Listed, Record, Staging, image_documents};

use super::contents::Inflated;
use super::layers::{Layout, lay_out};
use super::{Options, Proof, publish};

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
}

/// Slims one image, stages it, and returns what became of its manifest and what there is to report.
pub(super) fn slim(job: &Job<'_>, image: &Image) -> Result<(Listed, ImageReport)> {
    let layers = scan(job.source, image, &Spool::new(job.staging.dir().to_owned()))?;
    let blobs: Vec<_> = layers.iter().map(|layer| layer.claim.digest.clone()).collect();
    let tree = Tree::merge(layers.iter().map(|layer| layer.entries.clone()).collect(), &blobs)?;
    let contents = Inflated { tree: &tree, layers: &layers };
    let facts = Facts::gather(&image.config.value, &tree, &contents)?;
    let wanted = job.rules.decide(&tree, &facts, &contents)?;
    let layout = Layout { mode: job.options.mode, compress: job.options.compress, saved: job.saved, dir: job.staging.dir() };
    let laid = lay_out(&layers, &tree, &wanted, layout)?;
    let documents = image_documents(image, &layers, &laid.outputs, &job.record);
    verify::prove(&layers, &tree, &laid)?;
    let report = ImageReport::new(image, &layers, &tree, &laid, documents.as_ref());
    let outputs = laid.outputs;
    let fate = publish::image(image, &layers, outputs, documents.as_ref(), job.staging)?;
    if job.options.proof == Proof::Full {
        verify::read_back(job.staging, &fate)?;
    }
    Ok((fate, report))
}

/// Scans the layers of an image in parallel.
pub(super) fn scan(source: &dyn Source, image: &Image, spool: &Spool) -> Result<Vec<Layer>> {
    let scan = |layer: &crate::image::LayerSource| {
        let claim = Claim { digest: layer.digest.clone(), size: layer.size, diff_id: layer.diff_id.clone() };
        Layer::scan(source.blob(&layer.digest, layer.size)?, claim, spool)
    };
    image.layers.par_iter().with_max_len(1).map(scan).collect()
}
