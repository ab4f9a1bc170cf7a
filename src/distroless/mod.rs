//! The profile `distroless`: what the image's entrypoint needs stays, all else that packages own goes.
//!
//! The search follows files: programs to their libraries, scripts to the commands that they name, interpreters to all
//! that is installed for them. What no package owns stays, as somebody put it there. How much of a needed package stays is
//! the depth, which is as deep as what was found bears out. Nothing here touches the image itself.

mod closing;
mod depth;
mod explain;
mod generated;
mod interpreters;
mod look;
mod needed;
mod places;
mod program;
mod roots;
mod search;
mod settings;
#[cfg(test)]
mod tests;
mod texts;
mod thin;
mod tools;
mod triggers;
mod user;

use std::collections::{BTreeMap, BTreeSet};

use crate::closure::trace::Trace;
use crate::error::{Result, Warning};
use crate::packages::{self, Database, Inventory, Limits, PackageReport};
use crate::rules::{self, Contents, Decisions, Edit, Facts, Origin, Reason};
use crate::tree::{NodeId, Tree};

use closing::{Closing, Stays};
pub use depth::{Depth, Wish};
pub(crate) use interpreters::matching;
use look::Looking;
pub use needed::{Needed, Why};
use search::Search;
pub(crate) use search::{Found, Reached, objects};
pub(crate) use settings::{preloaded, read as loader_settings};
pub use tools::RULES as TOOL_RULES;
use tools::Tools;
pub(crate) use triggers::AUTHORITIES;

/// The name by which reports call what goes.
pub const RULE: &str = "distroless";

/// What the user says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How much of needed packages stays.
    pub depth: Wish,
    /// What recordings of the running program add.
    pub traces: Vec<Trace>,
    /// The user that the result runs as, in place of the source's: `nonroot`, or one that the image knows.
    pub user: Option<String>,
}

/// What the search rests on.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The image as it is, with what is installed.
    pub inventory: &'a Inventory<'a>,
    /// What must stay for other reasons.
    pub limits: Limits<'a>,
    /// The rules for tool chains that the user did not turn off.
    pub tools: &'a [&'static str],
}

impl std::fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject").finish_non_exhaustive()
    }
}

/// What stays, and why.
#[derive(Debug)]
pub struct Outcome {
    /// How much of needed packages stays.
    pub depth: Depth,
    /// What speaks for the depth.
    pub why: String,
    /// The paths that something asks for.
    pub needed: Needed,
    /// By database.
    pub(crate) stays: Vec<BTreeMap<u32, Stays>>,
    /// Tool chains that nothing needs.
    idle: Vec<Tools>,
}

/// Takes what nothing needs, besides what `decisions` take already; `before` are the packages that left.
///
/// # Errors
/// When a file cannot be read, or a database cannot be written again.
pub fn remove(
    subject: &Subject<'_>,
    options: &Options,
    before: &PackageReport,
    decisions: &mut Decisions,
) -> Result<(Outcome, PackageReport)> {
    let outcome = find(subject, options, before, decisions)?;
    let reason = Reason {
        rule: RULE.to_owned(),
        origin: Origin::BuiltIn,
    };
    let databases = &subject.inventory.databases;
    let lefts: Vec<BTreeSet<u32>> = databases.iter().map(|one| gone(one, before)).collect();
    let leaving: Vec<Vec<u32>> = databases
        .iter()
        .zip(&outcome.stays)
        .zip(&lefts)
        .map(|((database, stays), left)| {
            let numbers = (0u32..).zip(database.packages()).map(|(number, _)| number);
            let goes = |number: &u32| !stays.contains_key(number) && !left.contains(number);
            numbers.filter(goes).collect()
        })
        .collect();
    let mut report = packages::leave(
        subject.inventory,
        subject.limits,
        &leaving,
        &reason,
        before,
        decisions,
    )?;
    for tools in &outcome.idle {
        let reason = decisions.reason(Reason {
            rule: tools.rule.to_owned(),
            origin: Origin::BuiltIn,
        });
        for &node in &tools.nodes {
            if decisions.removed(node).is_none() && (subject.limits.keep)(node).is_none() {
                decisions.remove(node, reason);
            }
        }
    }
    orphans(subject, &reason, decisions);
    let place = decisions.reason(reason.clone());
    user::add(subject, options.user.as_deref(), place, decisions)?;
    if outcome.depth == Depth::Files {
        thin::thin(subject, &outcome, &reason, decisions)?;
    }
    if subject.inventory.databases.is_empty() {
        report.warnings.push(Warning {
            code: "no-packages",
            text: "no package database was found: only what rules take can go".to_owned(),
        });
    }
    Ok((outcome, report))
}

/// Takes byte-code that was made of modules that go.
fn orphans(subject: &Subject<'_>, reason: &Reason, decisions: &mut Decisions) {
    let tree = pruned(subject.inventory.tree, decisions);
    let place = decisions.reason(reason.clone());
    let is_kept =
        |node: NodeId| (subject.limits.frozen)(node) || (subject.limits.keep)(node).is_some();
    let all = tree.walk();
    let orphans = all.filter(|&node| {
        generated::is_byte_code(&tree, &subject.inventory.databases, node)
            && generated::is_orphan(&tree, node)
    });
    for node in orphans.filter(|&node| !is_kept(node)) {
        decisions.remove(node, place);
    }
}

fn gone(database: &Database, before: &PackageReport) -> BTreeSet<u32> {
    packages::gone_before(database, before)
        .into_keys()
        .collect()
}

/// Searches what `decisions` leave.
fn find(
    subject: &Subject<'_>,
    options: &Options,
    before: &PackageReport,
    decisions: &Decisions,
) -> Result<Outcome> {
    let tree = pruned(subject.inventory.tree, decisions);
    let is_owned = |node: NodeId| {
        subject
            .inventory
            .databases
            .iter()
            .any(|one| one.knows(node))
    };
    let sharers = |dir: NodeId| closing::sharers(&subject.inventory.databases, dir);
    let objects = search::objects(&tree, subject.inventory.contents);
    let names = rules::command_names(&subject.inventory.facts, &tree);
    let looking = Looking {
        tree: &tree,
        contents: subject.inventory.contents,
        facts: &subject.inventory.facts,
        names: &names,
        is_owned: &is_owned,
    };
    let mut search = Search::new(looking, &objects, &sharers)?;
    let tools = tools::find(
        &tree,
        &subject.inventory.facts,
        subject.inventory.contents,
        subject.tools,
    )?;
    let of_tools: BTreeSet<NodeId> = tools.iter().flat_map(|one| &one.nodes).copied().collect();
    let mut own = packages::payload(&tree, &is_owned);
    own.retain(|&node| !generated::is_generated(&tree, &subject.inventory.databases, node));
    let (aside, own): (Vec<NodeId>, Vec<NodeId>) =
        own.iter().partition(|node| of_tools.contains(node));
    roots::start(&mut search, subject, &tree, options);
    search.run()?;
    roots::listed(&mut search, &subject.inventory.facts);
    roots::payload(&mut search, subject, &tree, &own);
    search.run()?;
    let (idle, busy): (Vec<Tools>, Vec<Tools>) = tools
        .into_iter()
        .partition(|one| one.is_idle(&search.found.needed));
    if !busy.is_empty() {
        let is_busy = |node: &NodeId| busy.iter().any(|one| one.nodes.binary_search(node).is_ok());
        let back: Vec<NodeId> = aside.into_iter().filter(is_busy).collect();
        roots::payload(&mut search, subject, &tree, &back);
        search.run()?;
    }
    let found = search.found;
    let (depth, why) = depth::choose(options.depth, &found, !options.traces.is_empty(), &tree);
    let mut stays = Vec::new();
    for database in &subject.inventory.databases {
        let held = packages::held(subject.inventory, database, subject.limits, decisions);
        let closing = Closing {
            tree: &tree,
            database,
            needed: &found.needed,
            started: &found.started,
            held: &held,
            left: &gone(database, before),
            depth,
        };
        stays.push(closing.close());
    }
    Ok(Outcome {
        depth,
        why,
        needed: found.needed,
        stays,
        idle,
    })
}

/// What the config of an image starts, loads and opens; what nobody reaches is left out.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn reach(tree: &Tree, contents: &dyn Contents, facts: &Facts) -> Result<Found> {
    let objects = search::objects(tree, contents);
    let names = rules::command_names(facts, tree);
    let looking = Looking {
        tree,
        contents,
        facts,
        names: &names,
        is_owned: &|_| true,
    };
    let mut search = Search::new(looking, &objects, &|_| 0)?;
    search.reaches_only = true;
    roots::begin(&mut search, facts, tree);
    search.run()?;
    roots::listed(&mut search, facts);
    search.run()?;
    Ok(search.found)
}

/// Whether a program is an interpreter, by the name of its file.
pub(crate) fn is_interpreter(name: &[u8]) -> bool {
    interpreters::of(name).is_some()
}

/// The tree without what goes, with links as they will lead.
pub(crate) fn pruned(tree: &Tree, decisions: &Decisions) -> Tree {
    let targets = decisions.edits().filter_map(|(node, _, edit)| match edit {
        Edit::Target(target) => Some((node, target.clone())),
        Edit::Content(_) => None,
    });
    tree.pruned(&|node| decisions.removed(node).is_some(), targets.collect())
}
