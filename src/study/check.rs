//! Whether images keep to limits.

use crate::error::Result;
use crate::image::Offer;
use crate::path;
use crate::report::check::{Baseline, Check, DiveCi, HeldImage, Limits, Matched, Measured};
use crate::report::inspect::dive;
use crate::report::{Facts, Totals};
use crate::rules::{Origin, RuleOptions, RuleSet, UserRule};
use crate::source::Source;
use crate::tree::{NodeId, Tree};

use super::View;
use super::scanned::Outline;

/// What images are held against.
pub struct Gate<'a> {
    /// The limits of a platform.
    pub limits: &'a (dyn Fn(&str) -> Limits + Sync),
    /// The rules of a `.dive-ci` file.
    pub dive_ci: Option<DiveCi>,
    /// Earlier sizes.
    pub baseline: Option<Baseline>,
}

impl std::fmt::Debug for Gate<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            dive_ci, baseline, ..
        } = self;
        f.debug_struct("Gate")
            .field("dive_ci", dive_ci)
            .field("baseline", baseline)
            .finish_non_exhaustive()
    }
}

/// Holds the images of a source against limits; every layer is read and verified.
///
/// # Errors
/// When the source is damaged, or a glob cannot be compiled.
pub fn check(source: &dyn Source, gate: &Gate<'_>, view: &View) -> Result<Check> {
    let offer = Offer::load(source, view.platform.as_slice())?;
    let mut held = Vec::new();
    for (place, image) in offer.images.iter().enumerate() {
        let limits = (gate.limits)(&image.platform.to_string());
        let listed = Outline::new(source, image, false)?;
        let tree = &listed.tree;
        let matched = |globs: &[String], key| {
            let globs = globs.iter().map(|glob| matched(tree, glob, key));
            globs.collect::<Result<Vec<_>>>()
        };
        let measured = Measured {
            facts: Facts::of(image, offer.name(place), None, Vec::new()),
            totals: Totals::of(tree, listed.sizes.iter().copied()),
            dive: dive(tree.layers().iter().map(|entries| &**entries)),
            forbidden: matched(&limits.forbid, "forbid")?,
            required: matched(&limits.require, "require")?,
        };
        let (dive_ci, baseline) = (gate.dive_ci.as_ref(), gate.baseline.as_ref());
        held.push(HeldImage::new(measured, &limits, dive_ci, baseline));
    }
    Ok(Check::new(held, offer.warnings.clone()))
}

/// What a glob matches of the visible paths: as a rule's glob, one that names a directory matches all under it too.
fn matched(tree: &Tree, glob: &str, key: &'static str) -> Result<Matched> {
    let rules = RuleSet::compile(&RuleOptions {
        user: vec![UserRule {
            name: glob.to_owned(),
            globs: vec![glob.to_owned()],
            larger_than: None,
            keep: true,
            origin: Origin::Flag(key),
        }],
        ..RuleOptions::default()
    })?;
    let found = rules.kept_by_user(tree);
    let first = found.keys().map(|&node: &NodeId| tree.path(node)).min();
    Ok(Matched {
        glob: glob.to_owned(),
        paths: found.len() as u64,
        first: first.map(|at| path::display(&at)),
    })
}
