//! Lets go of packages that were chosen elsewhere: files, links, empty directories and rows, as when they are asked for.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::rules::{Decisions, Reason};

use super::dpkg;
use super::inventory::Inventory;
use super::loader_cache;
use super::options::Limits;
use super::package::{Database, Records};
use super::removal::{self, Leaving, Subject};
use super::report::{PackageReport, RemovedPackage};
use super::strays;
use super::taking;

/// The packages of a database that must stay for the sake of layers, of what the user keeps, or of its own records.
pub(crate) fn held(
    inventory: &Inventory<'_>,
    database: &Database,
    limits: Limits<'_>,
    decisions: &Decisions,
) -> BTreeMap<u32, String> {
    if let Records::Rpm(records) = &database.records
        && let Some(text) = &records.refused
    {
        let all = (0u32..).zip(database.packages());
        return all.map(|(number, _)| (number, text.clone())).collect();
    }
    let subject = Subject::new(inventory, database, limits);
    removal::held(&subject, &[], decisions)
}

/// The packages of a database that left already, by number.
pub(crate) fn gone_before(
    database: &Database,
    report: &PackageReport,
) -> BTreeMap<u32, RemovedPackage> {
    let rows = report
        .removed
        .iter()
        .filter(|row| row.manager == database.manager);
    let by_name: BTreeMap<(&str, &str), &RemovedPackage> = rows
        .map(|row| ((&row.name[..], &row.architecture[..]), row))
        .collect();
    (0u32..)
        .zip(database.packages())
        .filter_map(|(number, package)| {
            let row = by_name.get(&(&package.name[..], &package.architecture[..]))?;
            Some((number, (*row).clone()))
        })
        .collect()
}

/// Takes the packages `leaving` of each database, for `reason`; the databases lose their rows together with those of the
/// packages that `before` says left already.
///
/// # Errors
/// When a file cannot be read, or a database cannot be written again.
pub(crate) fn leave(
    inventory: &Inventory<'_>,
    limits: Limits<'_>,
    leaving: &[Vec<u32>],
    reason: &Reason,
    before: &PackageReport,
    decisions: &mut Decisions,
) -> Result<PackageReport> {
    let mut report = PackageReport::default();
    let place = decisions.reason(reason.clone());
    let tree = inventory.tree;
    let made_links = strays::sort(tree, &|node| inventory.is_owned(node)).made_links;
    for (database, new) in inventory.databases.iter().zip(leaving) {
        if new.is_empty() {
            continue;
        }
        let subject = Subject::new(inventory, database, limits);
        let earlier = gone_before(database, before);
        let new: Leaving = new.iter().map(|&number| (number, place)).collect();
        let mut all = new.clone();
        for (&number, row) in &earlier {
            let reasons = decisions.reasons();
            let known = reasons.iter().position(|reason| reason.rule == row.rule);
            all.insert(number, known.unwrap_or(place));
        }
        let mut taken = taking::files(&subject, &all, decisions);
        removal::rewrite(&subject, &all, decisions, &mut report.warnings)?;
        taking::links(tree, &made_links, place, decisions);
        loader_cache::rewrite(tree, inventory.contents, place, decisions)?;
        taking::directories(&subject, &all, &taken, decisions);
        taken.retain(|number, _| new.contains_key(number));
        let why = |_| "nothing that the image starts needs it".to_owned();
        let rows = removal::removed(&subject, &why, &all, &taken, decisions);
        report.removed.extend(rows);
    }
    report.sort();
    Ok(report)
}

/// Lets the records of the packages `staying` tell what `decisions` leave of them; of databases other than dpkg's the
/// records stay as they are.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn thin(
    inventory: &Inventory<'_>,
    database: &Database,
    limits: Limits<'_>,
    staying: &mut dyn Iterator<Item = u32>,
    reason: usize,
    decisions: &mut Decisions,
) -> Result<()> {
    let Records::Dpkg(records) = &database.records else {
        return Ok(());
    };
    let subject = Subject::new(inventory, database, limits);
    dpkg::thin(&subject, records, staying, reason, decisions)
}
