//! Takes packages out of one database: decides who goes, then files, byte-code, links, empty directories and rows.
//!
//! How a kind of database is written again is told by its own module.

use std::collections::{BTreeMap, HashSet};

use crate::closure::elf;
use crate::error::{Result, Warning};
use crate::layer::Kind;
use crate::rules::{Contents, Decisions, Facts, Origin, Reason};
use crate::tree::{NodeId, Tree};

use super::closing::{self, Asked, Gone, Outcome};
use super::inventory::Inventory;
use super::loader_cache;
use super::options::{self, BUILD_TOOLS, Limits, Pattern};
use super::package::{Database, Manager, Records};
use super::report::{KeptPackage, PackageReport, RemovedPackage};
use super::sbom;
use super::taking;
use super::tools;
use super::{apk, dpkg, rpm};

/// What all of a removal's steps look at.
pub(crate) struct Subject<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) contents: &'a dyn Contents,
    pub(crate) database: &'a Database,
    pub(crate) facts: &'a Facts,
    pub(crate) limits: Limits<'a>,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(
        inventory: &'a Inventory<'_>,
        database: &'a Database,
        limits: Limits<'a>,
    ) -> Self {
        Self {
            tree: inventory.tree,
            contents: inventory.contents,
            database,
            facts: &inventory.facts,
            limits,
        }
    }
}

/// Who goes, each with the place of the reason among the decisions'.
pub(crate) type Leaving = BTreeMap<u32, usize>;

/// What is asked of one database, and by whom.
#[derive(Debug)]
pub(crate) struct Request {
    asked: Asked,
    askers: Vec<Reason>,
}

/// Finds the packages that are asked for; `None` where there are none.
pub(crate) fn asked(
    database: &Database,
    drop: &[Pattern],
    build_tools: Option<&Origin>,
) -> Option<Request> {
    let mut askers: Vec<Reason> = drop.iter().map(|pattern| pattern.reason.clone()).collect();
    let mut asked = Asked::default();
    let tools = options::list(tools::patterns(database.manager));
    for (number, package) in (0u32..).zip(database.packages()) {
        let fits = |pattern: &Pattern| {
            !pattern.is_python && pattern.fits(&package.name, &package.architecture)
        };
        if let Some(by) = drop.iter().position(fits) {
            // apk never takes a package from under one that needs it; it refuses.
            let list = match database.manager {
                Manager::Apk => &mut asked.listed,
                _ => &mut asked.named,
            };
            list.insert(number, by);
        } else if build_tools.is_some() && tools.is_match(&package.name) {
            asked.listed.insert(number, drop.len());
        }
    }
    askers.extend(build_tools.map(|origin| Reason {
        rule: BUILD_TOOLS.to_owned(),
        origin: origin.clone(),
    }));
    // Of a database that cannot be read nobody knows what it has; that is told when it is asked.
    let is_refused =
        matches!(&database.records, Records::Rpm(records) if records.refused.is_some());
    let is_empty = asked.named.is_empty() && asked.listed.is_empty() && !is_refused;
    (!is_empty).then_some(Request { asked, askers })
}

/// Takes out what is asked for. `needed` are paths that must stay, with the reason.
pub(crate) fn remove(
    subject: &Subject<'_>,
    request: Request,
    needed: &[(NodeId, String)],
    made_links: &[NodeId],
    decisions: &mut Decisions,
) -> Result<PackageReport> {
    let database = subject.database;
    let Request { mut asked, askers } = request;
    if let Records::Rpm(records) = &database.records
        && let Some(text) = records.refused.clone()
    {
        let code = "packages-unread";
        let mut report = PackageReport::default();
        report.warnings.push(Warning { code, text });
        return Ok(report);
    }
    asked.held = held(subject, needed, decisions);
    // apk itself takes what world does not reach, the next time that it runs.
    let sweeps = database.manager == Manager::Apk;
    let never = options::list(tools::NEVER_LEFT_OVER);
    asked.never_left_over = (0u32..)
        .zip(database.packages())
        .filter(|(_, package)| !sweeps && never.is_match(&package.name))
        .map(|(number, _)| number)
        .collect();
    let outcome = closing::close(database.packages(), &asked);
    let leaving: Leaving = outcome
        .gone
        .keys()
        .map(|&number| {
            let asker = askers[asker(&outcome, number)].clone();
            (number, decisions.reason(asker))
        })
        .collect();
    let mut report = PackageReport::default();
    if !leaving.is_empty() {
        let taken = taking::files(subject, &leaving, decisions);
        rewrite(subject, &leaving, decisions, &mut report.warnings)?;
        let any = leaving.values().next().copied().unwrap_or_default();
        taking::links(subject.tree, made_links, any, decisions);
        loader_cache::rewrite(subject.tree, subject.contents, any, decisions)?;
        taking::directories(subject, &leaving, &taken, decisions);
        let why = |number| why(database, &outcome.gone, number);
        report.removed = removed(subject, &why, &leaving, &taken, decisions);
        warn_of_the_installed_by_hand(database, &outcome, &mut report.warnings);
    }
    report.kept = kept(database, &asked, &outcome, &askers);
    Ok(report)
}

/// The packages that must stay, each with the first reason found.
pub(super) fn held(
    subject: &Subject<'_>,
    needed: &[(NodeId, String)],
    decisions: &Decisions,
) -> BTreeMap<u32, String> {
    let (tree, database) = (subject.tree, subject.database);
    let mut held = BTreeMap::new();
    for &(node, ref why) in needed {
        let owners: Vec<u32> = database.owners_of(node).collect();
        // A directory that many share is nobody's to keep.
        if tree.kind(node) != Kind::Dir || owners.len() == 1 {
            for owner in owners {
                held.entry(owner).or_insert_with(|| why.clone());
            }
        }
    }
    for &(node, owner) in &database.owners {
        let is_dir = tree.kind(node) == Kind::Dir;
        if !is_dir && decisions.removed(node).is_none() && (subject.limits.frozen)(node) {
            let why = "its files are in a layer that stays as it is";
            held.entry(owner).or_insert_with(|| why.to_owned());
        }
        if !is_dir
            && is_program(tree, node)
            && let Some(keep) = (subject.limits.keep)(node)
        {
            let path = crate::path::display(&tree.path(node));
            held.entry(owner)
                .or_insert_with(|| format!("`/{path}` is kept by {keep}"));
        }
    }
    let own = match &database.records {
        Records::Dpkg(records) => dpkg::held(tree, database, records),
        Records::Apk(_) | Records::Rpm(_) => Vec::new(),
    };
    for (number, why) in own.into_iter().chain(held_by_records(subject)) {
        held.entry(number).or_insert(why);
    }
    held
}

/// The packages whose rows lie in a layer that stays as it is: a row without its files would be a lie.
fn held_by_records(subject: &Subject<'_>) -> Vec<(u32, String)> {
    let frozen = |node: NodeId| (subject.limits.frozen)(node);
    let records = &subject.database.records;
    let list = match records {
        Records::Dpkg(records) => records.list(),
        Records::Apk(records) => Some(records.installed),
        Records::Rpm(records) => Some(records.file),
    };
    let all = list.is_some_and(frozen);
    let is_held = |number: u32| {
        let own = match records {
            Records::Dpkg(records) => records.own(number),
            Records::Apk(_) | Records::Rpm(_) => &[],
        };
        all || own.iter().any(|&node| frozen(node))
    };
    (0u32..)
        .zip(subject.database.packages())
        .filter(|(number, _)| is_held(*number))
        .map(|(number, _)| {
            (
                number,
                "its row is in a layer that stays as it is".to_owned(),
            )
        })
        .collect()
}

/// A file that does nothing for anybody without the rest of its package; a licence, say, is of use alone.
fn is_program(tree: &Tree, node: NodeId) -> bool {
    tree.is_executable(node) || elf::may_be_library(tree.name(node))
}

/// The asker by whom a package goes in the end.
fn asker(outcome: &Outcome, number: u32) -> usize {
    let mut seen = HashSet::new();
    let mut at = number;
    while seen.insert(at) {
        match outcome.gone.get(&at) {
            Some(Gone::Asked(by)) => return *by,
            Some(Gone::Needs(next) | Gone::Leftover(next)) => at = *next,
            None => break,
        }
    }
    let first = outcome.gone.values().find_map(|gone| match gone {
        Gone::Asked(by) => Some(*by),
        Gone::Needs(_) | Gone::Leftover(_) => None,
    });
    first.unwrap_or_default()
}

pub(super) fn rewrite(
    subject: &Subject<'_>,
    leaving: &Leaving,
    decisions: &mut Decisions,
    warnings: &mut Vec<Warning>,
) -> Result<()> {
    match &subject.database.records {
        Records::Dpkg(records) => dpkg::rewrite(subject, records, leaving, decisions, warnings),
        Records::Apk(records) => apk::rewrite(subject, records, leaving, decisions),
        Records::Rpm(records) => rpm::rewrite(subject, records, leaving, decisions),
    }
}

/// One row for each package that was taken from.
pub(super) fn removed(
    subject: &Subject<'_>,
    why: &dyn Fn(u32) -> String,
    leaving: &Leaving,
    taken: &BTreeMap<u32, Vec<NodeId>>,
    decisions: &Decisions,
) -> Vec<RemovedPackage> {
    let (tree, database) = (subject.tree, subject.database);
    let mut counted = HashSet::new();
    let mut rows = Vec::new();
    for (number, files) in taken {
        let package = database.package(*number);
        let bytes = files
            .iter()
            .filter(|&&node| tree.data(node).is_none_or(|data| counted.insert(data)))
            .map(|&node| tree.size(node))
            .sum();
        rows.push(RemovedPackage {
            manager: database.manager,
            name: package.name.clone(),
            version: package.version.clone(),
            architecture: package.architecture.clone(),
            place: String::new(),
            rule: decisions.reasons()[leaving[number]].rule.clone(),
            why: why(*number),
            files: files.len() as u64,
            bytes,
            purl: sbom::purl(database, package),
        });
    }
    rows
}

fn why(database: &Database, gone: &BTreeMap<u32, Gone>, number: u32) -> String {
    match &gone[&number] {
        Gone::Asked(_) => "asked for".to_owned(),
        Gone::Needs(other) => format!("needs `{}`", database.label(*other)),
        Gone::Leftover(other) if *other == number => "left over".to_owned(),
        Gone::Leftover(other) => format!("left over from `{}`", database.label(*other)),
    }
}

fn kept(
    database: &Database,
    asked: &Asked,
    outcome: &Outcome,
    askers: &[Reason],
) -> Vec<KeptPackage> {
    let label = |number: u32| database.label(number);
    let wished = asked.named.iter().chain(&asked.listed);
    let refused = wished
        .filter(|(number, _)| !outcome.gone.contains_key(number))
        .map(|(&number, &by)| (number, by));
    let spared = outcome
        .spared
        .iter()
        .map(|(&number, &by)| (number, asker(outcome, by)));
    refused
        .chain(spared)
        .map(|(number, by)| KeptPackage {
            manager: database.manager,
            name: label(number),
            rule: askers[by].rule.clone(),
            because: closing::chain(&outcome.held, number, &label),
        })
        .collect()
}

/// What the user installed by hand and did not name is told of loudly.
fn warn_of_the_installed_by_hand(
    database: &Database,
    outcome: &Outcome,
    warnings: &mut Vec<Warning>,
) {
    for (&number, gone) in &outcome.gone {
        if let Gone::Needs(other) = gone
            && !database.package(number).automatic
            && database.manager != Manager::Rpm
        {
            warnings.push(Warning {
                code: "package-pulled",
                text: format!(
                    "`{}`, which was installed by hand, leaves with `{}`, which it needs",
                    database.label(number),
                    database.label(*other)
                ),
            });
        }
    }
}
