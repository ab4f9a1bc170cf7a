//! The sections of a report that speak of packages.

use std::cmp::Reverse;

use crate::packages::PackageReport;

use super::block::{Block, Table};
use super::words::{count, counted, size};

/// The packages that left whole, the largest first.
pub(super) fn removed(packages: &PackageReport) -> Option<Block> {
    let mut rows: Vec<_> = packages.removed.iter().collect();
    rows.sort_by_key(|row| Reverse(row.bytes));
    let mut table = Table::list(["bytes", "package", "version", "rule", "why"], "rllll");
    for row in &rows {
        table.push([
            size(row.bytes).into(),
            format!("{} {}", row.manager, row.name).into(),
            row.version[..].into(),
            row.rule[..].into(),
            row.why[..].into(),
        ]);
    }
    let bytes = rows.iter().map(|row| row.bytes).sum();
    let number = counted(rows.len() as u64, "package", "packages");
    table.section(format!("Packages that left: {number}, {}", size(bytes)))
}

/// What was asked for and stays, with what keeps it.
pub(super) fn kept(packages: &PackageReport) -> Option<Block> {
    let mut table = Table::list(["package", "rule", "because"], "lll");
    for row in &packages.kept {
        table.push([
            format!("{} {}", row.manager, row.name).into(),
            row.rule[..].into(),
            row.because.join(", ").into(),
        ]);
    }
    table.section("Packages that stay although a rule asked")
}

/// Packages of which some files went.
pub(super) fn partial(packages: &PackageReport) -> Option<Block> {
    let mut rows: Vec<_> = packages.partial.iter().collect();
    rows.sort_by_key(|row| Reverse(row.removed));
    let mut table = Table::list(["files gone", "of", "package"], "rrl");
    for row in &rows {
        table.push([
            count(row.removed).into(),
            count(row.of).into(),
            format!("{} {}", row.manager, row.name).into(),
        ]);
    }
    let number = counted(rows.len() as u64, "package", "packages");
    table.section(format!(
        "Partial: {number} stay listed without all of their files"
    ))
}
