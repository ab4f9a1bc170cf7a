//! Whether images keep to limits: budgets, growth against an earlier report, paths that must or must not be there, and the
//! rules of a `.dive-ci` file.
//!
//! Every limit that was set has a row, kept or not, so that a gate that checks nothing is seen to check nothing.

mod baseline;
mod dive_ci;
mod layout;
mod limits;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::error::Warning;

use super::budget::{Saving, share};
use super::finding::{Case, Finding, Level};
use super::inspect::DiveNumbers;
use super::totals::Totals;
use super::value::Tool;
use super::words::{percent, size};
use super::{Facts, Report};

pub use baseline::Baseline;
pub use dive_ci::DiveCi;
pub use limits::Limits;

/// Whether the images of a source keep to the limits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// The version of this document's meaning.
    pub schema: u32,
    /// The program that made it.
    pub tool: Tool,
    /// Whether all limits are kept.
    pub holds: bool,
    /// One for each image, in the order of the source.
    pub images: Vec<HeldImage>,
    /// What concerns the source as a whole.
    pub warnings: Vec<Warning>,
}

/// An image held against the limits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeldImage {
    /// `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// Tag or full name, where the source gives one.
    pub name: Option<String>,
    /// The digest of the manifest.
    pub digest: String,
    /// All layers together.
    pub totals: Totals,
    /// The same as dive counts it, without the paths.
    pub dive: DiveNumbers,
    /// One for each limit that was set.
    pub limits: Vec<Held>,
}

/// A limit and what there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The key in slim.toml or `.dive-ci`.
    pub limit: &'static str,
    /// Whether it is kept.
    pub holds: bool,
    /// What there is and what is asked for, in words.
    pub what: String,
    /// The path that is there and must not be, or is not there and must be.
    pub path: Option<String>,
}

/// What a path limit found in an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// The glob.
    pub glob: String,
    /// How many visible paths it matches.
    pub paths: u64,
    /// The first of them.
    pub first: Option<String>,
}

/// What there is to hold against limits.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Of the image.
    pub facts: Facts,
    /// Its sizes.
    pub totals: Totals,
    /// Those as dive counts them.
    pub dive: DiveNumbers,
    /// What each of [`Limits::forbid`] matches.
    pub forbidden: Vec<Matched>,
    /// What each of [`Limits::require`] matches.
    pub required: Vec<Matched>,
}

impl Check {
    /// Puts the images of a source together.
    pub fn new(images: Vec<HeldImage>, warnings: Vec<Warning>) -> Self {
        let mut limits = images.iter().flat_map(|image| &image.limits);
        Self {
            schema: Report::SCHEMA,
            tool: Tool::this(),
            holds: limits.all(|held| held.holds),
            images,
            warnings,
        }
    }

    /// The limits that are not kept, for places that show findings.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let images = self.images.iter();
        let missed = |image: &HeldImage| {
            let missed = image.limits.iter().filter(|held| !held.holds);
            let finding = |held: &Held| Finding {
                rule: held.limit,
                summary: "a limit of the image is not kept",
                level: Level::Error,
                text: format!("{}: {}", image.platform, held.what),
                path: held.path.clone(),
            };
            missed.map(finding).collect::<Vec<_>>()
        };
        images.flat_map(missed).collect()
    }

    /// All limits, for places that count tests.
    pub(super) fn cases(&self) -> Vec<Case> {
        let images = self.images.iter();
        let cases = |image: &HeldImage| {
            let case = |held: &Held| Case {
                group: image.platform.clone(),
                name: match &held.path {
                    Some(path) => format!("{} {path}", held.limit),
                    None => held.limit.into(),
                },
                holds: held.holds,
                text: held.what.clone(),
            };
            image.limits.iter().map(case).collect::<Vec<_>>()
        };
        images.flat_map(cases).collect()
    }
}

impl HeldImage {
    /// Holds an image against the limits.
    pub fn new(
        measured: Measured,
        limits: &Limits,
        dive_ci: Option<&DiveCi>,
        baseline: Option<&Baseline>,
    ) -> Self {
        let totals = &measured.totals;
        let budget = &limits.budget;
        let mut held = Vec::new();
        let mut hold = |limit, holds, what| {
            held.push(Held {
                limit,
                holds,
                what,
                path: None,
            });
        };
        if let Some(most) = budget.max_size {
            let what = at_most(totals.compressed, most);
            hold("max-size", totals.compressed <= most, what);
        }
        if let Some(least) = budget.min_efficiency {
            let what = format!(
                "{}, at least {}",
                percent(totals.efficiency),
                percent(least)
            );
            hold("min-efficiency", totals.efficiency >= least, what);
        }
        if let Some(most) = budget.max_wasted {
            hold(
                "max-wasted",
                totals.wasted <= most,
                at_most(totals.wasted, most),
            );
        }
        if let Some(most) = limits.max_growth {
            let (holds, what) = growth(&measured, most, baseline);
            hold("max-growth", holds, what);
        }
        if let Some(dive_ci) = dive_ci {
            for (limit, holds, what) in dive_ci.hold(&measured.dive) {
                hold(limit, holds, what);
            }
        }
        held.extend(measured.forbidden.into_iter().map(forbidden));
        held.extend(measured.required.into_iter().map(required));
        let dive = DiveNumbers {
            references: Vec::new(),
            ..measured.dive
        };
        Self {
            platform: measured.facts.platform,
            name: measured.facts.name,
            digest: measured.facts.source.digest,
            totals: measured.totals,
            dive,
            limits: held,
        }
    }
}

fn at_most(is: u64, most: u64) -> String {
    format!("{}, at most {}", size(is), size(most))
}

/// Like is held against like: what one side stores plain is measured inflated on both.
fn growth(measured: &Measured, most: Saving, baseline: Option<&Baseline>) -> (bool, String) {
    let platform = &measured.facts.platform;
    let Some(before) = baseline.and_then(|baseline| baseline.of(platform)) else {
        return (false, format!("there is no baseline for {platform}"));
    };
    let totals = &measured.totals;
    let is_plain = totals.is_plain() || before.compressed == before.uncompressed;
    let (from, to) = match is_plain {
        true => (before.uncompressed, totals.uncompressed),
        false => (before.compressed, totals.compressed),
    };
    let grown = to.saturating_sub(from);
    let (holds, asked) = match most {
        Saving::Bytes(most) => (grown <= most, size(most)),
        Saving::Percent(most) => (
            share(grown, from) <= most || grown == 0,
            percent(most / 100.0),
        ),
    };
    let (before, now) = (size(from), size(to));
    (
        holds,
        format!(
            "{now} after {before}: grew by {}, at most {asked}",
            size(grown)
        ),
    )
}

fn forbidden(matched: Matched) -> Held {
    let what = match (&matched.first, matched.paths) {
        (None, _) => format!("nothing matches {}", matched.glob),
        (Some(first), 1) => format!("{first} is there, {} is forbidden", matched.glob),
        (Some(first), paths) => format!(
            "{first} and {} more are there, {} is forbidden",
            paths - 1,
            matched.glob
        ),
    };
    Held {
        limit: "forbid",
        holds: matched.first.is_none(),
        what,
        path: Some(matched.first.unwrap_or(matched.glob)),
    }
}

fn required(matched: Matched) -> Held {
    let what = match &matched.first {
        Some(first) => format!("{first} is there"),
        None => format!("nothing matches {}, which is required", matched.glob),
    };
    Held {
        limit: "require",
        holds: matched.first.is_some(),
        what,
        path: Some(matched.glob),
    }
}
