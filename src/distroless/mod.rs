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
mod search;
mod settings;
mod texts;
mod thin;
mod tools;
mod triggers;
mod user;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::closure::trace::Trace;
use crate::error::{Result, Warning};
use crate::layer::Kind;
use crate::packages::{self, Database, Limits, PackageReport};
use crate::path;
use crate::rules::{self, Contents, Decisions, Edit, Facts, Origin, Reason};
use crate::tree::{NodeId, Tree};

use closing::{Closing, Stays};
pub use depth::{Depth, Wish};
pub(crate) use interpreters::matching;
use look::{Looking, Role};
pub use needed::{Needed, Why};
use search::Search;
pub(crate) use search::{Found, Reached, objects};
pub(crate) use settings::read as loader_settings;
pub(crate) use tools::RULES as TOOL_RULES;
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
pub(crate) struct Subject<'a> {
    /// The image as it is.
    pub(crate) tree: &'a Tree,
    pub(crate) contents: &'a dyn Contents,
    pub(crate) facts: &'a Facts,
    pub(crate) databases: &'a [Database],
    pub(crate) limits: Limits<'a>,
    /// The rules for tool chains that the user did not turn off.
    pub(crate) tools: &'a [&'static str],
}

/// What stays, and why.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) depth: Depth,
    /// What speaks for the depth.
    pub(crate) why: String,
    pub(crate) needed: Needed,
    /// By database.
    pub(crate) stays: Vec<BTreeMap<u32, Stays>>,
    /// Tool chains that nothing needs.
    idle: Vec<Tools>,
}

/// Takes what nothing needs, besides what `decisions` take already; `before` are the packages that left.
///
/// # Errors
/// When a file cannot be read, or a database cannot be written again.
pub(crate) fn remove(
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
    let lefts: Vec<BTreeSet<u32>> = subject
        .databases
        .iter()
        .map(|one| gone(one, before))
        .collect();
    let leaving: Vec<Vec<u32>> = subject
        .databases
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
        subject.tree,
        subject.contents,
        subject.databases,
        subject.facts,
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
    if subject.databases.is_empty() {
        report.warnings.push(Warning {
            code: "no-packages",
            text: "no package database was found: only what rules take can go".to_owned(),
        });
    }
    Ok((outcome, report))
}

/// Takes byte-code that was made of modules that go.
fn orphans(subject: &Subject<'_>, reason: &Reason, decisions: &mut Decisions) {
    let tree = pruned(subject.tree, decisions);
    let place = decisions.reason(reason.clone());
    let is_kept =
        |node: NodeId| (subject.limits.frozen)(node) || (subject.limits.keep)(node).is_some();
    let all = tree.walk();
    let orphans = all.filter(|&node| {
        generated::is_byte_code(&tree, subject.databases, node) && generated::is_orphan(&tree, node)
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
    let tree = pruned(subject.tree, decisions);
    let is_owned = |node: NodeId| subject.databases.iter().any(|one| one.knows(node));
    let sharers = |dir: NodeId| closing::sharers(subject.databases, dir);
    let objects = search::objects(&tree, subject.contents);
    let looking = Looking {
        tree: &tree,
        contents: subject.contents,
        facts: subject.facts,
        is_owned: &is_owned,
    };
    let mut search = Search::new(looking, &objects, &sharers)?;
    let tools = tools::find(&tree, subject.facts, subject.contents, subject.tools)?;
    let of_tools: BTreeSet<NodeId> = tools.iter().flat_map(|one| &one.nodes).copied().collect();
    let mut own = packages::payload(&tree, &is_owned);
    own.retain(|&node| !generated::is_generated(&tree, subject.databases, node));
    let (aside, own): (Vec<NodeId>, Vec<NodeId>) =
        own.iter().partition(|node| of_tools.contains(node));
    start(&mut search, subject, &tree, options);
    payload(&mut search, subject, &tree, &own);
    search.run()?;
    let (idle, busy): (Vec<Tools>, Vec<Tools>) = tools
        .into_iter()
        .partition(|one| one.is_idle(&search.found.needed));
    if !busy.is_empty() {
        let is_busy = |node: &NodeId| busy.iter().any(|one| one.nodes.binary_search(node).is_ok());
        let back: Vec<NodeId> = aside.into_iter().filter(is_busy).collect();
        payload(&mut search, subject, &tree, &back);
        search.run()?;
    }
    let found = search.found;
    let (depth, why) = depth::choose(options.depth, &found, !options.traces.is_empty(), &tree);
    let mut stays = Vec::new();
    for database in subject.databases {
        let held = packages::held(
            subject.tree,
            subject.contents,
            database,
            subject.facts,
            subject.limits,
            decisions,
        )?;
        let closing = Closing {
            tree: &tree,
            database,
            needed: &found.needed,
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
    let looking = Looking {
        tree,
        contents,
        facts,
        is_owned: &|_| true,
    };
    let mut search = Search::new(looking, &objects, &|_| 0)?;
    search.reaches_only = true;
    begin(&mut search, facts, tree);
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

/// Enters what is needed to begin with, the nearest reason first.
fn start(search: &mut Search<'_>, subject: &Subject<'_>, tree: &Tree, options: &Options) {
    begin(search, subject.facts, tree);
    for trace in &options.traces {
        trace_in(search, tree, trace);
    }
    preloaded(search, subject, tree);
    settled(search, tree);
}

/// Enters what the config and the user name.
fn begin(search: &mut Search<'_>, facts: &Facts, tree: &Tree) {
    for (who, arguments) in [
        ("ENTRYPOINT", &facts.entrypoint),
        ("CMD", &facts.command),
        ("HEALTHCHECK", &facts.healthcheck),
    ] {
        for word in arguments
            .iter()
            .flat_map(|word| rules::argument_words(word, facts))
        {
            search.word(&word, None, &format!("{who} runs `{word}`").into());
        }
    }
    for line in &facts.needs {
        for word in rules::shell_words(line, facts) {
            search.word(&word, None, &format!("`{line}` must run").into());
        }
    }
    for word in facts.commands.iter().flatten() {
        search.word(
            word,
            None,
            &format!("a script that the image starts names `{word}`").into(),
        );
    }
    for root in facts.roots.iter().filter(|root| root.because != "ONBUILD") {
        if tree.is_visible(root.node) {
            search.named(
                root.node,
                None,
                &format!("{} names it", root.because).into(),
            );
        }
    }
}

/// What was seen in a trace: links, files and directories by themselves; what was started with what it needs.
fn trace_in(search: &mut Search<'_>, tree: &Tree, trace: &Trace) {
    let how: Arc<str> = "a trace shows it".into();
    for path in &trace.paths {
        let hops = tree.hops(path).unwrap_or_default();
        let role = if trace.executed.contains(path) {
            Role::Run
        } else {
            Role::Load
        };
        search.need(&hops, None, &how, role);
    }
}

/// `LD_PRELOAD` and `ld.so.preload` (ld.so(8)).
fn preloaded(search: &mut Search<'_>, subject: &Subject<'_>, tree: &Tree) {
    let mut names = subject
        .facts
        .variable("LD_PRELOAD")
        .unwrap_or_default()
        .to_owned();
    let file = tree.resolve(b"etc/ld.so.preload");
    if let Some(file) = file.filter(|&file| tree.kind(file) == Kind::File)
        && let Ok(bytes) = subject.contents.read(file, 64 << 10)
    {
        names.push(' ');
        names.push_str(&String::from_utf8_lossy(&bytes));
    }
    for name in names
        .split([' ', ':', '\n'])
        .filter(|name| name.contains('/'))
    {
        let hops = tree.hops(name.as_bytes()).unwrap_or_default();
        search.need(
            &hops,
            None,
            &"it is loaded before all else".into(),
            Role::Load,
        );
    }
}

/// What every container looks at, and what tells scanners and people what it is.
fn settled(search: &mut Search<'_>, tree: &Tree) {
    const ALWAYS: &[&str] = &[
        "etc/passwd",
        "etc/group",
        "etc/nsswitch.conf",
        "etc/os-release",
        "usr/lib/os-release",
        "etc/hosts",
        "etc/resolv.conf",
        "etc/hostname",
        "etc/debian_version",
        "etc/alpine-release",
        "etc/redhat-release",
    ];
    for path in ALWAYS {
        let hops = tree.hops(path.as_bytes()).unwrap_or_default();
        search.need(&hops, None, &"every container has it".into(), Role::Read);
    }
}

/// What no package owns: somebody put it there.
fn payload(search: &mut Search<'_>, subject: &Subject<'_>, tree: &Tree, own: &[NodeId]) {
    let how: Arc<str> = "no package owns it".into();
    for &node in own {
        let hops = match tree.kind(node) {
            Kind::Symlink => tree.hops(&tree.path(node)).unwrap_or_else(|| vec![node]),
            _ => vec![node],
        };
        let role = if hops.len() > 1 { Role::Run } else { Role::Own };
        search.need(&[node], None, &how, Role::Own);
        if hops.len() > 1
            && hops
                .last()
                .is_some_and(|&last| tree.kind(last) != Kind::Dir)
        {
            let by: Arc<str> = "leads to it".into();
            search.need(&hops[1..], Some(node), &by, role);
        }
    }
    for (node, keep) in tree
        .walk()
        .filter_map(|node| Some((node, (subject.limits.keep)(node)?)))
    {
        let how: Arc<str> = format!("kept by {keep}").into();
        search.need(&[node], None, &how, Role::Own);
    }
    // Directories hold nothing by themselves; those that a program works in must be there.
    let facts = subject.facts;
    for place in facts.volumes.iter().chain([&facts.workdir]) {
        let hops = tree.hops(place).unwrap_or_default();
        search.need(
            &hops,
            None,
            &format!("`/{}` is worked in", path::display(place)).into(),
            Role::Read,
        );
    }
}
