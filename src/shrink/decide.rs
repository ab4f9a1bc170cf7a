//! What goes from an image: by packages, then by rules that see what the packages leave, then what both must not take.
//!
//! Nothing here writes; layers that must stay as they are make the same questions be asked again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use crate::error::{Error, Result, Warning};
use crate::packages::{
    self, Database, Limits, PackageOptions, PackageReport, PartialPackage, Reference,
};
use crate::rules::{Contents, Decisions, Facts, Kept, Origin, Rule, RuleSet};
use crate::tree::{NodeId, Tree};

/// All that a decision rests on.
pub(crate) struct Deciding<'a> {
    pub(crate) tree: &'a Tree,
    contents: &'a dyn Contents,
    pub(crate) facts: Facts,
    rules: &'a RuleSet,
    asked: PackageOptions,
    pub(crate) databases: Arc<Vec<Database>>,
    keeps: HashMap<NodeId, String>,
    warnings: Vec<Warning>,
    /// What is decided whatever stays: known when no package leaves.
    fixed: OnceLock<Decided>,
    /// By what the image starts, once somebody asked.
    references: Arc<OnceLock<Vec<Reference>>>,
}

/// What was decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decided {
    pub(crate) decisions: Decisions,
    pub(crate) packages: PackageReport,
}

impl<'a> Deciding<'a> {
    /// Reads what the decisions rest on; `drop` are patterns of packages.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn new(
        tree: &'a Tree,
        contents: &'a dyn Contents,
        facts: Facts,
        rules: &'a RuleSet,
        drop: &[(String, Origin)],
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
            facts,
            rules,
            asked: asked(rules, drop),
            databases: Arc::new(databases),
            keeps: rules.kept_by_user(tree),
            warnings,
            fixed: OnceLock::new(),
            references: Arc::default(),
        })
    }

    /// The same for other rules; what was read of the image is not read again.
    pub(crate) fn with<'b>(&self, rules: &'b RuleSet) -> Deciding<'b>
    where
        'a: 'b,
    {
        Deciding {
            tree: self.tree,
            contents: self.contents,
            facts: self.facts.clone(),
            rules,
            asked: asked(rules, &[]),
            databases: Arc::clone(&self.databases),
            keeps: rules.kept_by_user(self.tree),
            warnings: self.warnings.clone(),
            fixed: OnceLock::new(),
            references: Arc::clone(&self.references),
        }
    }

    /// Decides when every layer may be rewritten.
    ///
    /// # Errors
    /// For a pattern that cannot be compiled, or when a file cannot be read.
    pub(crate) fn decide(&self) -> Result<Decided> {
        self.around(&|_| false)
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
            keep: &|node| self.keeps.get(&node).cloned(),
        };
        // Without what goes with packages, a compiler say, rules may take what only that needs.
        let mut alone = Decisions::default();
        self.remove(&self.asked, limits, &mut alone)?;
        let mut facts = self.facts.clone();
        facts.gone = alone.removals().map(|(node, _)| node).collect();
        let mut decisions = self.rules.decide(tree, &facts, self.contents)?;
        let mut named = self.give_back(&mut decisions)?;
        let mut report = self.remove(&self.asked, limits, &mut decisions)?;
        report.warnings.append(&mut named);
        report.warnings.extend(self.warnings.iter().cloned());
        let decided = Decided {
            decisions,
            packages: report,
        };
        if alone.is_empty() && decided.packages.removed.is_empty() {
            return Ok(self.fixed.get_or_init(|| decided).clone());
        }
        Ok(decided)
    }

    /// The packages that stay without all of their files.
    pub(crate) fn partial(&self, decided: &Decided) -> Vec<PartialPackage> {
        let Decided {
            decisions,
            packages,
        } = decided;
        if decisions.is_empty() {
            return Vec::new();
        }
        packages::partial(self.tree, &self.databases, packages, decisions)
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
        let packages = self.remove(&asked, limits, &mut decisions)?;
        Ok(Decided {
            decisions,
            packages,
        })
    }

    fn remove(
        &self,
        asked: &PackageOptions,
        limits: Limits<'_>,
        decisions: &mut Decisions,
    ) -> Result<PackageReport> {
        packages::remove(
            self.tree,
            self.contents,
            &self.databases,
            asked,
            &self.facts,
            limits,
            decisions,
        )
    }

    /// Takes back what a built-in rule would take of that by which the image starts; warns where the user takes it.
    fn give_back(&self, decisions: &mut Decisions) -> Result<Vec<Warning>> {
        if decisions.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows: BTreeMap<String, Warning> = BTreeMap::new();
        for Reference { node, why } in self.references()? {
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

    fn references(&self) -> Result<&[Reference]> {
        if let Some(known) = self.references.get() {
            return Ok(known);
        }
        let found = packages::references(self.tree, self.contents, &self.facts)?;
        Ok(self.references.get_or_init(|| found))
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

/// What is asked of the packages: the user's patterns, and the rules that act.
pub(crate) fn asked(rules: &RuleSet, drop: &[(String, Origin)]) -> PackageOptions {
    let on = |name: &str| rules.acts(name).then_some(Origin::BuiltIn);
    PackageOptions {
        drop: drop.to_vec(),
        build_tools: on(packages::BUILD_TOOLS),
        dev_dependencies: on(packages::DEV_DEPENDENCIES),
    }
}
