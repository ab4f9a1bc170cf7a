//! Packages: what installed them, who owns which path, who needs whom; and their removal, whole and with their rows.
//!
//! Databases are read from the tree through [`Contents`] and written as edits among the [`Decisions`]; nothing here
//! touches the image itself. A package that something still needs stays, and the report says by what chain.

mod alternatives;
mod apk;
mod closing;
mod dpkg;
mod guard;
mod inventory;
mod leaving;
mod loader_cache;
mod npm;
mod options;
mod package;
mod paths;
mod python;
mod reference;
mod removal;
mod report;
mod rpm;
mod sbom;
mod stanza;
mod strays;
mod taking;
#[cfg(test)]
pub(crate) mod testing;
mod tools;

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::error::{Error, Result, Warning};
use crate::layer::Kind;
use crate::rules::{Contents, Decisions};
use crate::tree::{NodeId, Tree};

pub use inventory::Inventory;
pub(crate) use leaving::{gone_before, held, leave, thin};
use options::Pattern;
pub use options::{BUILD_TOOLS, DEV_DEPENDENCIES, Limits, PackageOptions};
pub(crate) use package::Records;
pub use package::{Database, Manager, Package};
pub use reference::Reference;
pub use report::{KeptPackage, PackageReport, PartialPackage, RemovedPackage};
pub use sbom::{left, purl, stays};

/// The largest file of a database that is read; real ones are below 40 MB.
const FILE_MAX: usize = 256 << 20;

impl Database {
    /// Reads all databases of the system's package managers that the image holds.
    ///
    /// # Errors
    /// When a file of one cannot be read.
    pub fn read(tree: &Tree, contents: &dyn Contents) -> Result<Vec<Self>> {
        let distribution = distribution(tree, contents)?;
        let mut found = Vec::new();
        found.extend(dpkg::read(tree, contents, &distribution)?);
        found.extend(apk::read(tree, contents, &distribution)?);
        found.extend(rpm::read(tree, contents, &distribution)?);
        Ok(found)
    }
}

/// Takes out of the image what `options` ask for; other rules' removals should be among `decisions` already.
///
/// Adds the removal of files, with the rule or option as the reason, and edits of the databases. A removal that is there
/// already keeps its reason. Which packages are there in part afterwards is told by [`partial`].
///
/// # Errors
/// For a pattern that cannot be compiled, or when a file cannot be read.
pub fn remove(
    inventory: &Inventory<'_>,
    options: &PackageOptions,
    limits: Limits<'_>,
    decisions: &mut Decisions,
) -> Result<PackageReport> {
    let patterns = options::compile(&options.drop)?;
    let mut report = PackageReport::default();
    if options.is_empty() {
        return Ok(report);
    }
    // First, so that what an application's packages alone need holds back none of the system's.
    if let Some(origin) = &options.dev_dependencies {
        report.extend(npm::prune(inventory, origin, limits, decisions)?);
    }
    report.extend(python::remove(inventory, &patterns, limits, decisions)?);
    let strays = OnceCell::new();
    let needed = OnceCell::new();
    for database in &inventory.databases {
        let Some(asked) = removal::asked(database, &patterns, options.build_tools.as_ref()) else {
            continue;
        };
        let strays = strays.get_or_init(|| sort_strays(inventory, decisions));
        let needed = match needed.get() {
            Some(known) => known,
            None => {
                let found = needs(inventory, &strays.payload)?;
                needed.get_or_init(|| found)
            }
        };
        let subject = removal::Subject::new(inventory, database, limits);
        let before = decisions.clone();
        match removal::remove(&subject, asked, needed, &strays.made_links, decisions) {
            // Rows that cannot be written again hold their packages.
            Err(fault @ Error::Database { .. }) => {
                *decisions = before;
                let text = format!("{fault}: no {} package leaves", database.manager);
                let code = "packages-unread";
                report.warnings.push(Warning { code, text });
            }
            removed => report.extend(removed?),
        }
    }
    report.sort();
    warn_of_the_unknown(inventory, &patterns, &mut report)?;
    warn_of_the_named(inventory, &mut report)?;
    Ok(report)
}

/// What neither a package manager knows nor is decided to go.
fn sort_strays(inventory: &Inventory<'_>, decisions: &Decisions) -> strays::Strays {
    let is_settled = |node: NodeId| decisions.removed(node).is_some() || inventory.is_owned(node);
    strays::sort(inventory.tree, &is_settled)
}

/// What no package owns and somebody put there: files and links, without what package managers make.
pub(crate) fn payload(tree: &Tree, is_owned: &dyn Fn(NodeId) -> bool) -> Vec<NodeId> {
    strays::sort(tree, is_owned).payload
}

/// A pattern of the user's that means no package may be misspelt.
fn warn_of_the_unknown(
    inventory: &Inventory<'_>,
    patterns: &[Pattern],
    report: &mut PackageReport,
) -> Result<()> {
    for pattern in patterns {
        let fits = |package: &Package| pattern.fits(&package.name, &package.architecture);
        let is_known = if pattern.is_python {
            let mut all = inventory.distributions()?.iter();
            all.any(|one| pattern.fits(&one.name, ""))
        } else {
            let mut databases = inventory.databases.iter();
            databases.any(|one| one.packages().iter().any(fits))
        };
        if !is_known {
            let text = format!(
                "{} ({}) names no package",
                pattern.reason.rule, pattern.reason.origin
            );
            report.warnings.push(Warning {
                code: "no-package",
                text,
            });
        }
    }
    Ok(())
}

/// What was asked for and stays because the image's config names it is told of loudly.
fn warn_of_the_named(inventory: &Inventory<'_>, report: &mut PackageReport) -> Result<()> {
    if report.kept.is_empty() {
        return Ok(());
    }
    let whys: HashSet<&str> = inventory.started()?.iter().map(|r| &r.why[..]).collect();
    for kept in &report.kept {
        let [only] = &kept.because[..] else { continue };
        let why = only.split_once(" stays: ").map(|(_, why)| why);
        if why.is_some_and(|why| whys.contains(why)) {
            report.warnings.push(Warning {
                code: "package-named",
                text: format!("{} asks for it, but {only}", kept.rule),
            });
        }
    }
    Ok(())
}

/// What the config names and what the payload needs, in this order: the nearest reason first.
fn needs(inventory: &Inventory<'_>, payload: &[NodeId]) -> Result<Vec<(NodeId, String)>> {
    let started = inventory.started()?.iter();
    let mut needed: Vec<(NodeId, String)> = started
        .map(|reference| (reference.node, reference.why.clone()))
        .collect();
    for reference in inventory.references()? {
        needed.extend(recommended(inventory, reference.node));
    }
    let guarded = guard::needs(inventory, payload)?;
    needed.extend(guarded.into_iter().map(|need| (need.node, need.why)));
    Ok(needed)
}

/// What the package that owns a program recommends of its own source: a path of each, as what the image starts may start it
/// in turn.
fn recommended(inventory: &Inventory<'_>, program: NodeId) -> Vec<(NodeId, String)> {
    let mut found = Vec::new();
    for database in &inventory.databases {
        for owner in database.owners_of(program) {
            let package = database.package(owner);
            for wanted in database.siblings(owner) {
                let mut files = database.files(database.package(wanted)).iter();
                let file = files.find(|&&node| inventory.tree.kind(node) != Kind::Dir);
                let why = format!("`{}` recommends it", package.name);
                found.extend(file.map(|&node| (node, why)));
            }
        }
    }
    found
}

/// The packages that stay without all of their files, by what is decided now; `report` tells which left whole.
pub fn partial(
    tree: &Tree,
    databases: &[Database],
    report: &PackageReport,
    decisions: &Decisions,
) -> Vec<PartialPackage> {
    let mut rows = Vec::new();
    for database in databases {
        for package in database.packages() {
            let left = |row: &RemovedPackage| {
                row.manager == database.manager
                    && (&row.name, &row.architecture) == (&package.name, &package.architecture)
            };
            if report.removed.iter().any(left) {
                continue;
            }
            let files = database.files(package).iter();
            let files: Vec<NodeId> = files
                .copied()
                .filter(|&node| tree.kind(node) != Kind::Dir)
                .collect();
            let gone = files
                .iter()
                .filter(|&&node| decisions.removed(node).is_some());
            let removed = gone.count() as u64;
            if removed > 0 {
                rows.push(PartialPackage {
                    manager: database.manager,
                    name: package.name.clone(),
                    removed,
                    of: files.len() as u64,
                });
            }
        }
    }
    rows.sort();
    rows
}

/// `ID` of os-release, for package URLs.
fn distribution(tree: &Tree, contents: &dyn Contents) -> Result<String> {
    let found = [&b"etc/os-release"[..], b"usr/lib/os-release"]
        .into_iter()
        .filter_map(|at| tree.resolve(at))
        .find(|&node| tree.kind(node) == Kind::File);
    let Some(file) = found else {
        return Ok(String::new());
    };
    let bytes = contents.read(file, 64 << 10)?;
    let text = String::from_utf8_lossy(&bytes);
    let id = text.lines().find_map(|line| line.strip_prefix("ID="));
    let id = id.unwrap_or_default().trim().trim_matches(['"', '\'']);
    let is_plain = id
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    Ok(if is_plain {
        id.to_owned()
    } else {
        String::new()
    })
}

/// Reads a whole file of a database.
fn read_file(tree: &Tree, contents: &dyn Contents, file: NodeId) -> Result<Vec<u8>> {
    if tree.kind(file) != Kind::File {
        return Ok(Vec::new());
    }
    let fault = |fault: &str| Error::Database {
        path: crate::path::display(&tree.path(file)),
        fault: fault.into(),
    };
    if tree.size(file) > FILE_MAX as u64 {
        return Err(fault("is larger than any real one"));
    }
    contents.read(file, FILE_MAX)
}
