//! Where the bytes of an image are, and what each rule would save.

use rayon::prelude::*;

use crate::error::Result;
use crate::image::Offer;
use crate::report::inspect::{InspectedImage, Inspection, RuleSaving};
use crate::rules::{Decisions, Facts, PACKAGE_RULES, RULES, Rule, RuleSet};
use crate::shrink::{Deciding, Wanted};
use crate::source::Source;

use super::View;
use super::scanned::Scanned;

/// Inspects the images of a source.
///
/// # Errors
/// When the source is damaged, or temporary files cannot be written.
pub fn inspect(source: &dyn Source, view: &View) -> Result<Inspection> {
    let offer = Offer::load(source, view.platform.as_slice())?;
    let images = (0..offer.images.len()).map(|place| image(source, &offer, place, view));
    Ok(Inspection::new(
        images.collect::<Result<_>>()?,
        offer.warnings.clone(),
    ))
}

fn image(source: &dyn Source, offer: &Offer, place: usize, view: &View) -> Result<InspectedImage> {
    let image = &offer.images[place];
    let scanned = Scanned::new(source, image, view)?;
    let contents = scanned.contents();
    let facts = Facts::gather(&image.config.value, &scanned.tree, &contents)?;
    let row = |rule: &Rule, decisions: &Decisions| {
        let profile = rule.level.profile();
        RuleSaving::new(rule.name, profile, rule.summary, &scanned.tree, decisions)
    };
    let saving = |rule: &&'static Rule| {
        let decisions = RuleSet::alone(rule).decide(&scanned.tree, &facts, &contents)?;
        Ok(row(rule, &decisions))
    };
    let mut savings: Vec<Option<RuleSaving>> =
        RULES.par_iter().map(saving).collect::<Result<_>>()?;
    let wanted = Wanted::default();
    let none = RuleSet::compile(&wanted.rules)?;
    let deciding = Deciding::new(&scanned.tree, &contents, facts.clone(), &none, &wanted)?;
    for rule in PACKAGE_RULES.iter().copied() {
        savings.push(row(rule, &deciding.alone(rule)?.decisions));
    }
    Ok(InspectedImage::new(
        scanned.facts(offer, place),
        &scanned.layers,
        &scanned.tree,
        &deciding.inventory.databases,
        savings.into_iter().flatten().collect(),
    ))
}
