//! The life of one path: which layers wrote, hid or deleted it, and what the rules say of it.

mod layout;
mod life;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::distroless;
use crate::error::Warning;
use crate::layer::Kind;
use crate::packages::{Database, Manager, PackageReport};
use crate::path;
use crate::rules::{Decisions, Reason};
use crate::tree::{NodeId, Tree};

use super::count::{self, freed, kind_name, stored};
use super::value::Tool;
use super::{Facts, Report};

pub use life::{LifeRow, Step};

/// The life of a path in the images of a source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The version of this document's meaning.
    pub schema: u32,
    /// The program that made it.
    pub tool: Tool,
    /// One for each image that has, or had, the path.
    pub images: Vec<ExplainedPath>,
    /// What concerns the source as a whole.
    pub warnings: Vec<Warning>,
}

impl Explanation {
    /// Puts the images of a source together.
    pub fn new(images: Vec<ExplainedPath>, warnings: Vec<Warning>) -> Self {
        Self {
            schema: Report::SCHEMA,
            tool: Tool::this(),
            images,
            warnings,
        }
    }
}

/// The life of a path in an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedPath {
    /// `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// The image's tag or full name, where the source gives one.
    pub name: Option<String>,
    /// The path, with the links on the way followed when it is not there as it was asked for.
    pub path: String,
    /// The links that were followed to it.
    pub links: Vec<String>,
    /// What a container sees there; `None` where it sees nothing.
    pub visible: Option<Visible>,
    /// What happened to it, base layer first.
    pub life: Vec<LifeRow>,
    /// Bytes of its versions that no container sees.
    pub hidden: u64,
    /// The package that owns it.
    pub owner: Option<Owner>,
    /// Why it is needed, from the image's config to the path, in the profile that takes all else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needed: Vec<String>,
    /// What the rules that act make of it.
    pub verdict: Verdict,
    /// Built-in rules that would take it and do not act.
    pub would_take: Vec<WouldTake>,
}

/// The package that owns a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owner {
    /// Whose database has it.
    pub manager: Manager,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The rule or option by which it leaves whole, and why; `None` where it stays.
    pub leaves: Option<(String, String)>,
    /// What keeps it although it was asked for, from the cause to the package itself.
    pub because: Vec<String>,
}

/// The packages of an image and what becomes of them.
#[derive(Clone, Copy, Debug)]
pub struct Packages<'a> {
    /// What is installed.
    pub databases: &'a [Database],
    /// What leaves and what stays although it was asked for.
    pub report: &'a PackageReport,
    /// What the entrypoint needs, in the profile that asks.
    pub(crate) distroless: Option<&'a distroless::Outcome>,
}

impl Packages<'_> {
    fn chain(&self, tree: &Tree, decisions: &Decisions, node: NodeId) -> Vec<String> {
        let stays = tree.is_visible(node) && decisions.removed(node).is_none();
        match self.distroless.filter(|_| stays) {
            Some(outcome) => outcome.chain(tree, self.databases, node),
            None => Vec::new(),
        }
    }

    fn owner(&self, node: NodeId) -> Option<Owner> {
        let owner = |database: &&Database| database.owner(node).is_some();
        let database = self.databases.iter().find(owner)?;
        let package = database.owner(node)?;
        let is_it = |manager: Manager, name: &str| {
            manager == database.manager && name.split(':').next() == Some(&package.name[..])
        };
        let removed =
            self.report.removed.iter().find(|row| {
                is_it(row.manager, &row.name) && row.architecture == package.architecture
            });
        let kept = self.report.kept.iter();
        let kept = kept.filter(|row| is_it(row.manager, &row.name));
        Some(Owner {
            manager: database.manager,
            name: package.name.clone(),
            version: package.version.clone(),
            leaves: removed.map(|row| (row.rule.clone(), row.why.clone())),
            because: kept.flat_map(|row| row.because.clone()).collect(),
        })
    }
}

/// What a container sees at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Visible {
    /// `file`, `directory`, `symlink`, `char-device`, `block-device` or `fifo`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Permission bits in octal digits; `None` for a directory that no entry describes.
    pub mode: Option<String>,
    /// `UID:GID`.
    pub owner: Option<String>,
    /// The file's bytes in its layer; of a directory those of all files under it, each once.
    pub bytes: u64,
    /// Regular files: 1 for one, for a directory those under it.
    pub files: u64,
    /// The layer that holds it.
    pub layer: Option<usize>,
    /// A symbolic link's target as written.
    pub target: Option<String>,
    /// Where a symbolic link leads to in the image; `None` where that is nothing.
    pub leads_to: Option<String>,
    /// The file's other names.
    pub names: Vec<String>,
}

/// What the rules that act make of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fate", rename_all = "lowercase")]
pub enum Verdict {
    /// It goes.
    Removed {
        /// The rule that says so.
        rule: String,
        /// Where the rule comes from.
        origin: String,
    },
    /// It stays with other content.
    Edited {
        /// The rule that says so.
        rule: String,
        /// Where the rule comes from.
        origin: String,
    },
    /// Rules asked for it, and something keeps it.
    Kept {
        /// Which, and what keeps it.
        asked: Vec<Asked>,
    },
    /// No rule that acts asks for it; of a directory, what goes from under it.
    Stays {
        /// By rule, the one that frees most first.
        below: Vec<Below>,
    },
    /// No container sees it: `shrink` drops what is left of it.
    Hidden,
}

/// A rule that asked for a path in vain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The rule.
    pub rule: String,
    /// Where the rule comes from.
    pub origin: String,
    /// What keeps the path.
    pub because: String,
}

/// What a rule takes from under a directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Below {
    /// The rule.
    pub rule: String,
    /// Where the rule comes from.
    pub origin: String,
    /// Paths.
    pub paths: u64,
    /// What goes with them.
    pub bytes: u64,
}

/// A built-in rule that would take a path and does not act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WouldTake {
    /// Its name.
    pub rule: String,
    /// The first profile that has it, or `none`: it acts only when enabled by name.
    pub profile: String,
}

impl ExplainedPath {
    /// Explains the path in an image; `None` where no layer has it.
    ///
    /// `decisions` are those of the rules that act. `alone` says what each built-in rule that does not act would decide.
    pub fn new(
        facts: &Facts,
        tree: &Tree,
        asked: &[u8],
        packages: Packages<'_>,
        decisions: &Decisions,
        alone: &[(WouldTake, Decisions)],
    ) -> Option<Self> {
        let (node, links) = find(tree, asked)?;
        let text = |node: &NodeId| path::display(&tree.path(*node));
        let takes = |decisions: &Decisions| {
            decisions.removed(node).is_some() || decisions.edited(node).is_some()
        };
        Some(Self {
            platform: facts.platform.clone(),
            name: facts.name.clone(),
            path: text(&node),
            links: links.iter().map(text).collect(),
            visible: tree.is_visible(node).then(|| visible(tree, node)),
            life: life::of(tree, node, &facts.instructions),
            hidden: count::hidden(tree)
                .iter()
                .filter(|hidden| hidden.node == node)
                .map(|hidden| hidden.bytes)
                .sum(),
            owner: packages.owner(node),
            needed: packages.chain(tree, decisions, node),
            verdict: verdict(tree, decisions, node),
            would_take: alone
                .iter()
                .filter(|(_, decisions)| takes(decisions))
                .map(|(rule, _)| rule.clone())
                .collect(),
        })
    }
}

/// The node at a path, or where the links on its way lead, and those links.
fn find(tree: &Tree, asked: &[u8]) -> Option<(NodeId, Vec<NodeId>)> {
    if let Some(node) = tree.find_any(asked) {
        return Some((node, Vec::new()));
    }
    let mut hops = tree.hops(asked)?;
    let node = hops.pop()?;
    Some((node, hops))
}

fn visible(tree: &Tree, node: NodeId) -> Visible {
    let (mut files, mut bytes) = (0, 0);
    let mut seen = std::collections::HashSet::new();
    for node in below(tree, node).filter(|&node| tree.kind(node) == Kind::File) {
        if tree.data(node).is_some_and(|data| seen.insert(data)) {
            files += 1;
            bytes += stored(tree, node);
        }
    }
    let attributes = tree.attributes(node);
    let text = |node: NodeId| path::display(&tree.path(node));
    let target = tree.symlink_target(node);
    let names = tree.names(node).into_iter();
    Visible {
        kind: kind_name(tree.kind(node)),
        mode: attributes.map(|entry| format!("{:04o}", entry.mode)),
        owner: attributes.map(|entry| format!("{}:{}", entry.uid, entry.gid)),
        bytes,
        files,
        layer: tree.data(node).map(|data| data.layer.into()),
        target: target.map(path::display),
        leads_to: target
            .and_then(|_| tree.resolve(&tree.path(node)))
            .map(text),
        names: names.filter(|&name| name != node).map(text).collect(),
    }
}

/// The node and all visible under it.
fn below(tree: &Tree, node: NodeId) -> impl Iterator<Item = NodeId> {
    let mut stack = vec![node];
    std::iter::from_fn(move || {
        let node = stack.pop()?;
        stack.extend(tree.children(node).map(|(_, child)| child));
        Some(node)
    })
}

fn verdict(tree: &Tree, decisions: &Decisions, node: NodeId) -> Verdict {
    let reason = |place: usize| names(&decisions.reasons()[place]);
    if !tree.is_visible(node) {
        return Verdict::Hidden;
    }
    if let Some(place) = decisions.removed(node) {
        let (rule, origin) = reason(place);
        return Verdict::Removed { rule, origin };
    }
    if let Some((place, _)) = decisions.edited(node) {
        let (rule, origin) = reason(place);
        return Verdict::Edited { rule, origin };
    }
    let kept = decisions.kept.iter().filter(|kept| kept.node == node);
    let asked: Vec<Asked> = kept
        .map(|kept| {
            let (rule, origin) = reason(kept.asked);
            let because = path::display(kept.because.as_bytes());
            Asked {
                rule,
                origin,
                because,
            }
        })
        .collect();
    if asked.is_empty() {
        let below = taken_below(tree, decisions, node);
        Verdict::Stays { below }
    } else {
        Verdict::Kept { asked }
    }
}

fn taken_below(tree: &Tree, decisions: &Decisions, dir: NodeId) -> Vec<Below> {
    let mut rows: std::collections::BTreeMap<usize, (u64, u64)> = Default::default();
    for node in below(tree, dir) {
        let edited = decisions.edited(node).map(|(place, _)| place);
        if let Some(place) = decisions.removed(node).or(edited) {
            let row = rows.entry(place).or_default();
            row.0 += 1;
            row.1 += freed(tree, decisions, node);
        }
    }
    let mut rows: Vec<Below> = rows
        .into_iter()
        .map(|(place, (paths, bytes))| {
            let (rule, origin) = names(&decisions.reasons()[place]);
            Below {
                rule,
                origin,
                paths,
                bytes,
            }
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.bytes));
    rows
}

fn names(reason: &Reason) -> (String, String) {
    (
        path::display(reason.rule.as_bytes()),
        reason.origin.to_string(),
    )
}
