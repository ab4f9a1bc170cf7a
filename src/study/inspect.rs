//! Where the bytes of an image are, and what each rule, profile and layer mode would save.

use rayon::prelude::*;

use crate::error::Result;
use crate::image::Offer;
use crate::layer::{Kind, Layer};
use crate::path;
use crate::plan::Mode;
use crate::report::hidden;
use crate::report::inspect::{
    Found, InspectedImage, Inspection, LOOKED_AT, RuleSaving, RunSaving, Secret, VisibleFile,
    secret,
};
use crate::rules::{Decisions, Facts, Origin, Profile, Rule, RuleOptions, RuleSet, all};
use crate::shrink::{Deciding, Wanted, foresee, tables};
use crate::source::Source;
use crate::tree::{EntryRef, Tree};

use super::View;
use super::scanned::Scanned;
use super::twins::twins;

/// The largest hidden file that is looked into for secrets, in bytes.
const SECRET_MAX: u64 = 1 << 20;

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
    let scanned = Scanned::outline(source, &offer.images[place], view)?;
    let (inspected, verified) =
        rayon::join(|| inspected(&scanned, offer, place), || scanned.verify());
    verified.and(inspected)
}

fn inspected(scanned: &Scanned, offer: &Offer, place: usize) -> Result<InspectedImage> {
    let image = &offer.images[place];
    let contents = scanned.contents();
    let tree = &scanned.tree;
    let facts = Facts::gather(&image.config.value, tree, &contents)?;
    let nothing = wanted(no_rule());
    let none = RuleSet::compile(&nothing.rules)?;
    let deciding = Deciding::new(tree, &contents, facts, &none, &nothing)?;
    let saving = |rule: &'static Rule| {
        let rules = RuleSet::alone(rule);
        let decided = deciding.with(&rules, &nothing).decide()?;
        let profile = rule.level.profile();
        Ok(RuleSaving::new(
            rule.name,
            profile,
            rule.summary,
            tree,
            &decided.decisions,
        ))
    };
    let rules: Vec<&'static Rule> = all().collect();
    let ((rules, runs), twins) = rayon::join(
        || {
            rayon::join(
                || {
                    rules
                        .into_par_iter()
                        .map(saving)
                        .collect::<Result<Vec<_>>>()
                },
                || runs(scanned, &deciding, &tables(image)),
            )
        },
        || twins(&scanned.layers),
    );
    let (runs, files) = runs?;
    Ok(InspectedImage::new(
        scanned.facts(offer, place),
        Found {
            layers: &scanned.layers,
            tree,
            databases: &deciding.inventory.databases,
            twins: &twins?,
            rules: rules?.into_iter().flatten().collect(),
            runs,
            secrets: secrets(&scanned.layers, tree)?,
            files,
        },
    ))
}

fn no_rule() -> RuleOptions {
    RuleOptions {
        disable: vec![("*".into(), Origin::Flag("--disable"))],
        ..RuleOptions::default()
    }
}

fn wanted(rules: RuleOptions) -> Wanted {
    Wanted {
        rules,
        ..Wanted::default()
    }
}

/// The runs of `shrink` that are foreseen, with the flags that ask for them: those of the same rules together.
fn foreseen() -> Vec<(RuleOptions, Vec<(&'static str, Mode)>)> {
    let profile = |profile| RuleOptions {
        profile,
        ..RuleOptions::default()
    };
    vec![
        (
            no_rule(),
            vec![
                ("--disable '*'", Mode::Keep),
                ("--disable '*' --layers squash", Mode::Squash),
            ],
        ),
        (profile(Profile::Safe), vec![("--profile safe", Mode::Keep)]),
        (
            profile(Profile::Lean),
            vec![
                ("--profile lean", Mode::Keep),
                ("--profile lean --layers squash", Mode::Squash),
            ],
        ),
        (
            profile(Profile::Distroless),
            vec![("--profile distroless", Mode::Keep)],
        ),
    ]
}

type Runs = (Vec<RunSaving>, Vec<VisibleFile>);

/// Foresees the runs, and which visible file goes in which of them first.
fn runs(
    scanned: &Scanned,
    deciding: &Deciding<'_>,
    tables: &std::collections::BTreeSet<usize>,
) -> Result<Runs> {
    let tree = &scanned.tree;
    let run = |(options, modes): (RuleOptions, Vec<(&str, Mode)>)| {
        let wanted = wanted(options);
        let rules = RuleSet::compile(&wanted.rules)?;
        let deciding = deciding.with(&rules, &wanted);
        let (flags, modes): (Vec<&str>, Vec<Mode>) = modes.into_iter().unzip();
        let planned = foresee(&scanned.layers, &deciding, &modes, tables)?;
        let saving = |(flags, (decisions, uncompressed)): (&str, (Decisions, u64))| {
            let saving = RunSaving::new(flags, tree, &decisions, uncompressed);
            (saving, decisions)
        };
        Ok(flags.into_iter().zip(planned).map(saving).collect())
    };
    let runs = foreseen().into_par_iter().map(run);
    let runs: Vec<Vec<(RunSaving, Decisions)>> = runs.collect::<Result<_>>()?;
    let (runs, decisions): (Vec<_>, Vec<_>) = runs.into_iter().flatten().unzip();
    Ok((runs, files(tree, &decisions)))
}

fn files(tree: &Tree, runs: &[Decisions]) -> Vec<VisibleFile> {
    let mut files = Vec::new();
    for node in tree.walk() {
        let names = tree.names(node);
        let Some(data) = tree.data(node) else {
            continue;
        };
        if tree.kind(node) != Kind::File || names.first() != Some(&node) {
            continue;
        }
        let goes = |decisions: &Decisions| {
            let mut names = names.iter();
            names.all(|&name| decisions.removed(name).is_some())
        };
        files.push(VisibleFile {
            path: path::display(&tree.path(node)),
            bytes: tree.entry(data).stored,
            layer: data.layer,
            goes: (0_u8..)
                .zip(runs)
                .find(|(_, run)| goes(run))
                .map(|(place, _)| place),
        });
    }
    files
}

/// Looks into hidden files for what looks like a secret.
fn secrets(layers: &[Layer], tree: &Tree) -> Result<Vec<Secret>> {
    let mut found = Vec::new();
    for one in hidden(tree) {
        if one.bytes == 0 || one.bytes > SECRET_MAX {
            continue;
        }
        let at = tree.path(one.node);
        let head = head(layers, one.at, one.bytes)?;
        if let Some(what) = secret(&at, &head) {
            found.push(Secret {
                path: path::display(&at),
                what,
                layer: one.at.layer.into(),
                by: one.by.into(),
                bytes: one.bytes,
            });
        }
    }
    found.sort_by(|a, b| (a.layer, &a.path).cmp(&(b.layer, &b.path)));
    Ok(found)
}

fn head(layers: &[Layer], at: EntryRef, bytes: u64) -> Result<Vec<u8>> {
    let layer = &layers[usize::from(at.layer)];
    let entry = &layer.entries.list()[at.entry as usize];
    let length = usize::try_from(bytes).unwrap_or(LOOKED_AT).min(LOOKED_AT);
    let mut head = vec![0; length];
    layer.inflated.read_exact_at(&mut head, entry.data)?;
    Ok(head)
}
