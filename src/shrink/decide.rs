//! What goes from an image: by packages, then by rules that see what the packages leave, then what both must not take.
//!
//! Nothing here writes; layers that must stay as they are make the same questions be asked again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use crate::distroless;
use crate::error::{Error, Result, Warning};
use crate::packages::{
    self, Database, Inventory, Limits, PackageOptions, PackageReport, PartialPackage, Reference,
};
use crate::rules::{Contents, Decisions, Facts, Kept, Origin, Profile, Rule, RuleSet};
use crate::tree::{NodeId, Tree};

use super::Wanted;

/// All that a decision rests on.
pub(crate) struct Deciding<'a> {
    pub(crate) tree: &'a Tree,
    contents: &'a dyn Contents,
    pub(crate) inventory: Arc<Inventory<'a>>,
    rules: &'a RuleSet,
    asked: PackageOptions,
    /// Set in the profile that takes what nothing needs.
    distroless: Option<&'a distroless::Options>,
    tools: Vec<&'static str>,
    keeps: HashMap<NodeId, String>,
    warnings: Vec<Warning>,
    /// What is decided whatever stays: known when no package leaves.
    fixed: OnceLock<Decided>,
}

/// What was decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decided {
    pub(crate) decisions: Decisions,
    pub(crate) packages: PackageReport,
    /// What the entrypoint needs, in the profile that asks.
    pub(crate) distroless: Option<Arc<distroless::Outcome>>,
}

impl<'a> Deciding<'a> {
    /// Reads what the decisions rest on; `rules` are those of `wanted`.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn new(
        tree: &'a Tree,
        contents: &'a dyn Contents,
        facts: Facts,
        rules: &'a RuleSet,
        wanted: &'a Wanted,
    ) -> Result<Self> {
        let (databases, warnings) = match Database::read(tree, contents) {
            Ok(databases) => (databases, Vec::new()),
            Err(fault @ Error::Database { .. }) => {
                let code = "packages-unread";
                let text = format!("{fault}: its packages are left alone");
                (Vec::new(), vec![Warning { code, text }])
            }
            Err(fault) => return Err(fault),
        };
        Ok(Self {
            tree,
            contents,
            inventory: Arc::new(Inventory::new(tree, contents, facts, databases)),
            rules,
            asked: asked(rules, &wanted.drop_packages),
            tools: tools(wanted),
            distroless: distroless_of(wanted),
            keeps: rules.kept_by_user(tree),
            warnings,
            fixed: OnceLock::new(),
        })
    }

    /// The same for other wishes; what was read of the image is not read again. `rules` are those of `wanted`.
    pub(crate) fn with<'b>(&self, rules: &'b RuleSet, wanted: &'b Wanted) -> Deciding<'b>
    where
        'a: 'b,
    {
        Deciding {
            tree: self.tree,
            contents: self.contents,
            inventory: Arc::<Inventory<'a>>::clone(&self.inventory),
            rules,
            asked: asked(rules, &wanted.drop_packages),
            tools: tools(wanted),
            distroless: distroless_of(wanted),
            keeps: rules.kept_by_user(self.tree),
            warnings: self.warnings.clone(),
            fixed: OnceLock::new(),
        }
    }

    /// Whether anything is asked for that could go.
    pub(crate) fn may_take(&self) -> bool {
        !self.rules.is_empty() || !self.asked.is_empty() || self.distroless.is_some()
    }

    /// Decides when every layer may be rewritten.
    ///
    /// # Errors
    /// For a pattern that cannot be compiled, or when a file cannot be read.
    pub(crate) fn decide(&self) -> Result<Decided> {
        self.around(&|_| false)
    }

    /// What of the user's keeps a path.
    fn kept(&self, node: NodeId) -> Option<String> {
        self.keeps.get(&node).cloned()
    }

    /// Adds what this profile takes besides what one of the same rules `decided` when every layer may be rewritten.
    ///
    /// # Errors
    /// As [`Deciding::decide`].
    pub(crate) fn besides(&self, mut decided: Decided) -> Result<Decided> {
        let limits = Limits {
            frozen: &|_| false,
            keep: &|node| self.kept(node),
        };
        self.take_unneeded(limits, &mut decided)?;
        Ok(decided)
    }

    /// Decides when these layers stay as they are: what lies in them is not asked for with the rest of its package.
    ///
    /// # Errors
    /// As [`Deciding::decide`].
    pub(crate) fn around(&self, stays: &dyn Fn(usize) -> bool) -> Result<Decided> {
        if let Some(fixed) = self.fixed.get() {
            return Ok(fixed.clone());
        }
        let tree = self.tree;
        let frozen = |node: NodeId| {
            let made = tree.made_by(node).map(|at| at.layer);
            let data = tree.data(node).map(|at| at.layer);
            stays(made.unwrap_or_else(|| tree.since(node)).into())
                || data.is_some_and(|layer| stays(layer.into()))
        };
        let limits = Limits {
            frozen: &frozen,
            keep: &|node| self.kept(node),
        };
        // Without what goes with packages, a compiler say, rules may take what only that needs.
        let mut alone = Decisions::default();
        packages::remove(&self.inventory, &self.asked, limits, &mut alone)?;
        let mut facts = self.inventory.facts.clone();
        facts.gone = alone.removals().map(|(node, _)| node).collect();
        let mut decisions = self.rules.decide(tree, &facts, self.contents)?;
        let mut named = self.give_back(&mut decisions)?;
        let mut report = packages::remove(&self.inventory, &self.asked, limits, &mut decisions)?;
        report.warnings.append(&mut named);
        report.warnings.extend(self.warnings.iter().cloned());
        let mut decided = Decided {
            decisions,
            packages: report,
            distroless: None,
        };
        self.take_unneeded(limits, &mut decided)?;
        if alone.is_empty() && decided.packages.removed.is_empty() {
            return Ok(self.fixed.get_or_init(|| decided).clone());
        }
        Ok(decided)
    }

    /// Takes what the entrypoint does not need, where that is asked for.
    fn take_unneeded(&self, limits: Limits<'_>, decided: &mut Decided) -> Result<()> {
        let Some(options) = self.distroless else {
            return Ok(());
        };
        let subject = distroless::Subject {
            inventory: &self.inventory,
            limits,
            tools: &self.tools,
        };
        let Decided {
            decisions,
            packages,
            ..
        } = decided;
        let (outcome, report) = distroless::remove(&subject, options, packages, decisions)?;
        packages.extend(report);
        packages.sort();
        decided.distroless = Some(Arc::new(outcome));
        Ok(())
    }

    /// The packages that stay without all of their files.
    pub(crate) fn partial(&self, decided: &Decided) -> Vec<PartialPackage> {
        let Decided {
            decisions,
            packages,
            ..
        } = decided;
        if decisions.is_empty() {
            return Vec::new();
        }
        packages::partial(self.tree, &self.inventory.databases, packages, decisions)
    }

    /// Decides what a rule that takes packages would take if it were alone.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn alone(&self, rule: &'static Rule) -> Result<Decided> {
        let limits = Limits {
            frozen: &|_| false,
            keep: &|_| None,
        };
        let mut decisions = Decisions::default();
        let asked = asked(&RuleSet::alone(rule), &[]);
        let packages = packages::remove(&self.inventory, &asked, limits, &mut decisions)?;
        Ok(Decided {
            decisions,
            packages,
            distroless: None,
        })
    }

    /// Takes back what a built-in rule would take of that by which the image starts; warns where the user takes it.
    fn give_back(&self, decisions: &mut Decisions) -> Result<Vec<Warning>> {
        if decisions.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows: BTreeMap<String, Warning> = BTreeMap::new();
        for Reference { node, why } in self.inventory.references()? {
            let node = *node;
            let Some(asked) = decisions.removed(node) else {
                continue;
            };
            let reason = decisions.reasons()[asked].clone();
            let path = crate::path::display(&self.tree.path(node));
            let warning = if reason.origin == Origin::BuiltIn {
                let because = why.clone();
                self.retain(node, decisions);
                decisions.kept.push(Kept {
                    node,
                    asked,
                    because,
                });
                let text = format!("rule {} leaves `/{path}`: {why}", reason.rule);
                ("named-path-kept", text)
            } else {
                let text = format!("{} takes `/{path}`, but {why}", reason.rule);
                ("named-path-taken", text)
            };
            let (code, text) = warning;
            rows.insert(path, Warning { code, text });
        }
        Ok(rows.into_values().collect())
    }

    /// Keeps a path and the directories around it.
    fn retain(&self, node: NodeId, decisions: &mut Decisions) {
        let mut at = node;
        while at != NodeId::ROOT && decisions.removed(at).is_some() {
            decisions.retain(at);
            at = self.tree.parent(at);
        }
    }
}

fn distroless_of(wanted: &Wanted) -> Option<&distroless::Options> {
    (wanted.rules.profile == Profile::Distroless).then_some(&wanted.distroless)
}

/// The rules for tool chains that the user did not turn off.
fn tools(wanted: &Wanted) -> Vec<&'static str> {
    let is_off = |name: &str| {
        let mut disabled = wanted.rules.disable.iter();
        disabled.any(|(known, _)| known == name || known == "*")
    };
    let all = distroless::TOOL_RULES.iter().copied();
    all.filter(|name| !is_off(name)).collect()
}

/// What is asked of the packages: the user's patterns, and the rules that act.
pub(crate) fn asked(rules: &RuleSet, drop: &[(String, Origin)]) -> PackageOptions {
    let on = |name: &str| rules.acts(name).then_some(Origin::BuiltIn);
    PackageOptions {
        drop: drop.to_vec(),
        build_tools: on(packages::BUILD_TOOLS),
        dev_dependencies: on(packages::DEV_DEPENDENCIES),
    }
}
