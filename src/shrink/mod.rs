//! The whole flow: load, scan, merge, decide, plan, write, prove, publish, report.

mod beside;
mod choose;
mod contents;
mod decide;
mod image;
mod layers;
mod marks;
mod packs;
mod planned;
mod previous;
mod publish;
mod restore;
mod running;

use std::path::PathBuf;
use std::sync::Arc;

use crate::digest::Digest;
use crate::distroless;
use crate::error::{Result, Warning};
use crate::image::{Offer, Platform};
use crate::path;
use crate::plan::{Aim, Mode};
use crate::progress::Progress;
use crate::report::Report;
use crate::rules::{Origin, Profile, RuleOptions, RuleSet};
use crate::source::Source;
use crate::write::{Compress, Destination, Record, Staging};

pub(crate) use contents::Inflated;
pub(crate) use decide::{Decided, Deciding};
pub(crate) use image::{outline, scan};
pub(crate) use planned::{foresee, tables};
pub use restore::restore;

/// What the user wants to go and to stay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Which rules apply.
    pub rules: RuleOptions,
    /// Names and patterns of packages that go, with where each was written.
    pub drop_packages: Vec<(String, Origin)>,
    /// How what the entrypoint does not need goes, in the profile that takes it.
    pub distroless: distroless::Options,
    /// Lines of shell that the image must be able to run besides what its config starts.
    pub needs: Vec<String>,
}

/// What the user wants done.
#[derive(Clone, Debug)]
pub struct Options {
    /// What goes and what stays.
    pub wanted: Wanted,
    /// How layers are laid out.
    pub mode: Mode,
    /// The last release, whose layers are taken again where they hold the same; for layers that are made by what they hold.
    pub previous: Option<Arc<dyn Source>>,
    /// What layers are laid out for; for the modes `auto` and `regroup`, whose own aims are a short pull and small updates.
    pub aim: Option<Aim>,
    /// What is later gets this time, in seconds since the epoch, where layers are made by what they hold.
    pub latest: Option<i64>,
    /// How layers are compressed.
    pub compress: Compress,
    /// The platforms to take; empty for all. With one, the result is that image alone.
    pub platforms: Vec<Platform>,
    /// How much of the result is read back.
    pub proof: Proof,
    /// Where temporary files go; beside the destination where `None`.
    pub temp_dir: Option<PathBuf>,
    /// Whether bills of materials are made, of the packages that left and of those that stay.
    pub sbom: bool,
    /// Where a layer is written that puts back what went; nowhere for `None`. It takes an image of one platform.
    pub restore_pack: Option<PathBuf>,
    /// Whether a destination that exists is replaced.
    pub force: bool,
    /// Whether all is done but the destination written.
    pub dry_run: bool,
}

/// How much of the result is looked at again before it is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Entry lists are compared, and the written layers are read back.
    Full,
    /// Entry lists are compared.
    Index,
}

/// Makes the slim image of `source` at `destination` and reports what went and why.
///
/// # Errors
/// When the source is damaged, an option is wrong, the destination cannot be written, or the result does not prove to
/// be the source less what the report lists. Nothing is at the destination then.
pub fn shrink(
    source: &dyn Source,
    destination: &Destination,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report> {
    shrink_if(source, destination, options, progress, &|_, _| {
        Ok(Vec::new())
    })
}

/// What is asked, with the source and the result, before that is published; it may warn.
pub type Question<'a> = &'a dyn Fn(&dyn Source, &dyn Source) -> Result<Vec<Warning>>;

/// As [`shrink`], but asks whether to publish the result.
///
/// # Errors
/// As [`shrink`], and what `may_publish` refuses with.
pub fn shrink_if(
    source: &dyn Source,
    destination: &Destination,
    options: &Options,
    progress: &dyn Progress,
    may_publish: Question<'_>,
) -> Result<Report> {
    let rules = RuleSet::compile(&options.wanted.rules)?;
    decide::asked(&rules, &options.wanted.drop_packages).check()?;
    let staging = Staging::new(destination, options.temp_dir.as_deref(), options.force)?;
    let offer = Offer::load(source, &options.platforms)?;
    destination.accept(&offer)?;
    if let Some(file) = &options.restore_pack {
        packs::accept(file, &offer, options.force)?;
    }
    let saved = offer.is_docker_save && !destination.is_docker_archive();
    let job = image::Job {
        source,
        rules: &rules,
        options,
        saved,
        staging: &staging,
        progress,
        record: Record {
            settings: settings(options, &rules),
            user: user(options),
        },
    };

    let mut warnings = offer.warnings.clone();
    let (mut published, mut rows, mut pack) = (Vec::new(), Vec::new(), None);
    for (place, image) in offer.images.iter().enumerate() {
        let (fate, mut row, packed) = image::slim(&job, image)?;
        let name = offer.name(place);
        row.name = name.map(|name| path::display(name.as_bytes()));
        published.push(fate);
        rows.push(row);
        pack = packed;
    }
    let index = publish::indexes(source, &offer, &published, &staging, &mut warnings)?;
    warnings.extend(may_publish(source, &staging.view(&index))?);
    if !options.dry_run {
        let publish = || staging.commit(&index);
        match options.restore_pack.as_deref().zip(pack) {
            Some((file, pack)) => packs::publish(file, &pack, publish)?,
            None => publish()?,
        }
    }
    Ok(Report::new(rows, warnings, options.dry_run))
}

/// The user of the result, in the profile that has one.
fn user(options: &Options) -> Option<String> {
    let is_distroless = options.wanted.rules.profile == Profile::Distroless;
    let user = options.wanted.distroless.user.clone();
    user.filter(|_| is_distroless)
}

/// The digest of all settings that decide what the result is; where it goes and how it is made does not.
///
/// Where a rule was written counts for nothing: a `slim.toml` makes the same image from any directory.
fn settings(options: &Options, rules: &RuleSet) -> Digest {
    let Wanted {
        rules: asked,
        drop_packages,
        distroless,
        needs,
    } = &options.wanted;
    let Options {
        mode,
        compress,
        platforms,
        aim,
        latest,
        ..
    } = options;
    let built_in: Vec<&str> = rules.rules().iter().map(|rule| rule.name).collect();
    let user = asked.user.iter();
    let user: Vec<_> = user
        .map(|rule| (rule.keep, &rule.globs, rule.larger_than))
        .collect();
    let drop: Vec<&String> = drop_packages.iter().map(|(name, _)| name).collect();
    let mut all = format!("{built_in:?} {user:?} {mode:?} {compress:?} {platforms:?}");
    if let Some(aim) = aim {
        all.push_str(&format!(" {aim:?}"));
    }
    if let Some(latest) = latest {
        all.push_str(&format!(" until {latest}"));
    }
    if !drop.is_empty() {
        all.push_str(&format!(" {drop:?}"));
    }
    if asked.profile == Profile::Distroless {
        all.push_str(&format!(" {distroless:?}"));
    }
    if !needs.is_empty() {
        all.push_str(&format!(" {needs:?}"));
    }
    Digest::of(all.as_bytes())
}
