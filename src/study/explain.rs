//! The life of one path.

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::image::Offer;
use crate::path;
use crate::report::explain::{ExplainedPath, Explanation, Packages, WouldTake};
use crate::rules::{Decisions, Facts, PACKAGE_RULES, RULES, Rule, RuleSet};
use crate::shrink::{Decided, Deciding, Wanted};
use crate::source::Source;

use super::View;
use super::scanned::Scanned;

/// Explains a path in the images of a source.
///
/// # Errors
/// When no image has, or had, the path; when the source is damaged, an option is wrong, or temporary files cannot be
/// written.
pub fn explain(
    source: &dyn Source,
    asked: &[u8],
    wanted: &Wanted,
    view: &View,
) -> Result<Explanation> {
    let rules = RuleSet::compile(&wanted.rules)?;
    let offer = Offer::load(source, view.platform.as_slice())?;
    let missing = |fault: String| Error::NoImage {
        place: offer.place.clone(),
        fault,
        offered: Vec::new(),
    };
    let cleaned = path::clean(asked).map_err(|fault| missing(fault.to_string()))?;
    let images = (0..offer.images.len())
        .map(|place| image(source, &offer, place, &cleaned, (&rules, wanted), view));
    let images: Vec<Option<ExplainedPath>> = images.collect::<Result<_>>()?;
    let images: Vec<ExplainedPath> = images.into_iter().flatten().collect();
    if images.is_empty() {
        return Err(missing(format!("no path `{}`", path::display(asked))));
    }
    Ok(Explanation::new(images, offer.warnings.clone()))
}

fn image(
    source: &dyn Source,
    offer: &Offer,
    place: usize,
    asked: &[u8],
    (rules, wanted): (&RuleSet, &Wanted),
    view: &View,
) -> Result<Option<ExplainedPath>> {
    let image = &offer.images[place];
    let scanned = Scanned::new(source, image, view)?;
    let contents = scanned.contents();
    let config = &image.config.value;
    let facts = Facts::gather_for(config, &wanted.needs, &scanned.tree, &contents)?;
    let deciding = Deciding::new(&scanned.tree, &contents, facts, rules, wanted)?;
    let Decided {
        decisions,
        packages: report,
        distroless,
    } = deciding.decide()?;
    let acts = |rule: &Rule| rules.rules().iter().any(|acting| acting.name == rule.name);
    let would_take = |rule: &Rule| WouldTake {
        rule: rule.name.into(),
        profile: rule.level.profile().into(),
    };
    let facts = &deciding.inventory.facts;
    let alone = |rule: &&'static Rule| {
        let decisions = RuleSet::alone(rule).decide(&scanned.tree, facts, &contents)?;
        Ok((would_take(rule), decisions))
    };
    let mut others: Vec<(WouldTake, Decisions)> = RULES
        .par_iter()
        .filter(|rule| !acts(rule))
        .map(alone)
        .collect::<Result<_>>()?;
    let whole = |rule: &&'static Rule| {
        let decided = deciding.alone(rule)?;
        Ok((would_take(rule), decided.decisions))
    };
    let of_packages = PACKAGE_RULES.iter().filter(|rule| !acts(rule)).map(whole);
    let of_packages: Vec<_> = of_packages.collect::<Result<_>>()?;
    others.extend(of_packages);
    let facts = scanned.facts(offer, place);
    Ok(ExplainedPath::new(
        &facts,
        &scanned.tree,
        asked,
        Packages {
            databases: &deciding.inventory.databases,
            report: &report,
            distroless: distroless.as_deref(),
        },
        &decisions,
        &others,
    ))
}
