//! Takes what development alone needs out of `node_modules` trees, as `npm prune --omit=dev` does.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::error::{Result, Warning};
use crate::layer::Kind;
use crate::rules::{Contents, Decisions, Edit, Facts, Origin, Reason};
use crate::tree::{NodeId, Tree};

use super::super::options::{DEV_DEPENDENCIES, Limits};
use super::super::package::Manager;
use super::super::reference::Reference;
use super::super::report::{KeptPackage, PackageReport, RemovedPackage};
use super::super::sbom;
use super::{Module, Project, imports, resolve, show};

/// Takes the development dependencies out of the image's projects.
///
/// # Errors
/// When a program cannot be read.
#[expect(
    clippy::too_many_arguments,
    reason = "each is one thing that the image or its user says"
)]
pub(crate) fn prune(
    tree: &Tree,
    contents: &dyn Contents,
    projects: &[Project],
    origin: &Origin,
    facts: &Facts,
    references: &[Reference],
    limits: Limits<'_>,
    decisions: &mut Decisions,
) -> Result<PackageReport> {
    let mut report = PackageReport::default();
    for project in projects {
        if let Some(why) = project.refused {
            let code = "dev-dependencies-kept";
            let at = show(tree, project.directory);
            let text = format!("`{at}/node_modules` keeps its development dependencies: {why}");
            report.warnings.push(Warning { code, text });
            continue;
        }
        let held = held(tree, contents, facts, references, limits, project)?;
        let gone: Vec<&Module> = (0..project.modules.len())
            .filter(|number| project.modules[*number].is_dev && !held.contains_key(number))
            .map(|number| &project.modules[number])
            .collect();
        if !gone.is_empty() {
            let reason = decisions.reason(Reason {
                rule: DEV_DEPENDENCIES.to_owned(),
                origin: origin.clone(),
            });
            let mut taking = Taking {
                tree,
                project,
                gone: &gone,
                reason,
                decisions: &mut *decisions,
            };
            report.removed.extend(taking.modules());
            taking.links();
            taking.lockfile();
        }
        for (number, because) in held {
            let module = &project.modules[number];
            if module.is_dev {
                report.kept.push(KeptPackage {
                    manager: Manager::Npm,
                    name: module.name.clone(),
                    rule: DEV_DEPENDENCIES.to_owned(),
                    because,
                });
            }
        }
    }
    Ok(report)
}

/// The modules that something names, and what these need; each with what keeps it.
fn held(
    tree: &Tree,
    contents: &dyn Contents,
    facts: &Facts,
    references: &[Reference],
    limits: Limits<'_>,
    project: &Project,
) -> Result<BTreeMap<usize, Vec<String>>> {
    let modules = &project.modules;
    let mut named: Vec<(usize, String)> = Vec::new();
    let words = facts.commands.iter().flatten();
    let options = facts.variable("NODE_OPTIONS").unwrap_or_default();
    for word in words
        .map(|word| &word[..])
        .chain(options.split_ascii_whitespace())
    {
        let word = word.rsplit('=').next().unwrap_or(word);
        let program = command(tree, project, word);
        let module = resolve(modules, "", &imports::package(word));
        named.extend(
            program
                .or(module)
                .map(|n| (n, format!("a command names `{word}`"))),
        );
    }
    for reference in references {
        let within = owner(tree, modules, reference.node);
        named.extend(within.map(|number| (number, reference.why.clone())));
    }
    let programs: Vec<NodeId> = references
        .iter()
        .map(|reference| reference.node)
        .filter(|&node| tree.kind(node) == Kind::File)
        .filter(|&node| is_under(tree, node, project.directory))
        .collect();
    for (name, file) in imports::imported(tree, contents, &programs)? {
        let module = resolve(modules, "", &name);
        let why = || format!("`{}` imports it", show(tree, file));
        named.extend(module.map(|number| (number, why())));
    }
    for (number, module) in modules
        .iter()
        .enumerate()
        .filter(|(_, module)| module.is_dev)
    {
        let lock = project.lock.as_ref().map(|(lock, _)| *lock);
        if (limits.frozen)(module.node) || lock.is_some_and(|lock| (limits.frozen)(lock)) {
            let why = "its files are in a layer that stays as it is";
            named.push((number, why.to_owned()));
        }
        if let Some(keep) = (limits.keep)(module.node) {
            named.push((number, format!("it is kept by {keep}")));
        }
    }
    Ok(close(modules, named))
}

/// Adds what the named modules need.
fn close(modules: &[Module], named: Vec<(usize, String)>) -> BTreeMap<usize, Vec<String>> {
    let mut held: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut queue = Vec::new();
    for (number, why) in named {
        held.entry(number).or_insert_with(|| {
            queue.push(number);
            vec![format!("`{}` stays: {why}", modules[number].name)]
        });
    }
    while let Some(number) = queue.pop() {
        let module = &modules[number];
        for name in &module.needs {
            if let Some(needed) = resolve(modules, &module.place, name)
                && !held.contains_key(&needed)
            {
                let mut chain = held[&number].clone();
                chain.push(format!("`{}` needs `{name}`", module.name));
                held.insert(needed, chain);
                queue.push(needed);
            }
        }
    }
    held
}

/// The module whose program `word` starts: a link in `node_modules/.bin`.
fn command(tree: &Tree, project: &Project, word: &str) -> Option<usize> {
    let modules = tree.child(project.directory, b"node_modules")?;
    let programs = tree.child(modules, b".bin")?;
    let link = tree.child(programs, word.as_bytes())?;
    owner(tree, &project.modules, tree.resolve(&tree.path(link))?)
}

/// The innermost module that a path lies in.
fn owner(tree: &Tree, modules: &[Module], node: NodeId) -> Option<usize> {
    let by_node = |wanted: NodeId| modules.iter().position(|module| module.node == wanted);
    let mut at = node;
    while at != NodeId::ROOT {
        // Only a directory in `node_modules` or a scope can be one: the list is not searched for others.
        let parent = tree.name(tree.parent(at));
        if (parent == b"node_modules" || parent.starts_with(b"@"))
            && let Some(found) = by_node(at)
        {
            return Some(found);
        }
        at = tree.parent(at);
    }
    None
}

fn is_under(tree: &Tree, node: NodeId, directory: NodeId) -> bool {
    let mut at = node;
    while at != directory && at != NodeId::ROOT {
        at = tree.parent(at);
    }
    at == directory
}

struct Taking<'a> {
    tree: &'a Tree,
    project: &'a Project,
    gone: &'a [&'a Module],
    reason: usize,
    decisions: &'a mut Decisions,
}

impl Taking<'_> {
    /// Takes the directories, but not what stays inside them, and scopes that are empty then.
    fn modules(&mut self) -> Vec<RemovedPackage> {
        let stays: HashSet<NodeId> = {
            let gone: HashSet<NodeId> = self.gone.iter().map(|module| module.node).collect();
            let all = self.project.modules.iter().map(|module| module.node);
            all.filter(|node| !gone.contains(node)).collect()
        };
        let own: HashSet<NodeId> = self.project.modules.iter().map(|m| m.node).collect();
        let mut rows = Vec::new();
        let mut counted = HashSet::new();
        let mut innermost_first = self.gone.to_vec();
        innermost_first.sort_by_key(|module| std::cmp::Reverse(module.place.len()));
        for module in innermost_first {
            let (mut files, mut bytes) = (0, 0);
            let mut directories = vec![module.node];
            let mut at = 0;
            while at < directories.len() {
                let children: Vec<NodeId> = self
                    .tree
                    .children(directories[at])
                    .map(|(_, child)| child)
                    .collect();
                at += 1;
                for child in children {
                    if self.tree.kind(child) == Kind::Dir {
                        if !stays.contains(&child) && !own.contains(&child) {
                            directories.push(child);
                        }
                    } else if self.decisions.removed(child).is_none() {
                        self.decisions.remove(child, self.reason);
                        files += 1;
                        if self
                            .tree
                            .data(child)
                            .is_none_or(|data| counted.insert(data))
                        {
                            bytes += self.tree.size(child);
                        }
                    }
                }
            }
            for &directory in directories.iter().rev() {
                self.remove_if_empty(directory);
            }
            let scope = self.tree.parent(module.node);
            if self.tree.name(scope).starts_with(b"@") {
                self.remove_if_empty(scope);
            }
            rows.push(RemovedPackage {
                manager: Manager::Npm,
                name: module.name.clone(),
                version: module.version.clone(),
                architecture: String::new(),
                place: show(self.tree, module.node),
                rule: DEV_DEPENDENCIES.to_owned(),
                why: "for development alone".to_owned(),
                files,
                bytes,
                purl: sbom::npm_purl(&module.name, &module.version),
            });
        }
        rows
    }

    fn remove_if_empty(&mut self, directory: NodeId) {
        let mut children = self.tree.children(directory);
        if self.decisions.removed(directory).is_none()
            && children.all(|(_, child)| self.decisions.removed(child).is_some())
        {
            self.decisions.remove(directory, self.reason);
        }
    }

    /// Takes the links to programs that are gone, of all `.bin` directories.
    fn links(&mut self) {
        let kept = self.project.modules.iter().map(|module| module.node);
        let places: BTreeSet<NodeId> = kept
            .chain([self.project.directory])
            .filter_map(|node| self.tree.child(node, b"node_modules"))
            .filter_map(|modules| self.tree.child(modules, b".bin"))
            .collect();
        for place in places {
            for (_, link) in self.tree.children(place) {
                let target = self.tree.resolve(&self.tree.path(link));
                let leads_nowhere =
                    target.is_some_and(|node| self.decisions.removed(node).is_some());
                if leads_nowhere && self.decisions.removed(link).is_none() {
                    self.decisions.remove(link, self.reason);
                }
            }
            self.remove_if_empty(place);
        }
    }

    /// Writes the lockfile inside the tree without what is gone, as npm lays it out.
    fn lockfile(&mut self) {
        let Some((node, document)) = &self.project.lock else {
            return;
        };
        let mut document = document.clone();
        let packages = document.get_mut("packages").and_then(Value::as_object_mut);
        if let Some(packages) = packages {
            let gone: HashSet<&str> = self.gone.iter().map(|module| &module.place[..]).collect();
            packages.retain(|place, _: &mut Value| !gone.contains(&place[..]));
        }
        let text = format!("{document:#}\n");
        if self.decisions.removed(*node).is_none() {
            let content = Edit::Content(Arc::from(text.into_bytes()));
            self.decisions.edit(*node, self.reason, content);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::testing::Image;
    use super::super::super::{PackageOptions, remove};
    use super::*;

    const MANIFEST: &str = r#"{"scripts": {"start": "tsx src/a.ts"}, "dependencies": {"express": "4"}, "devDependencies": {"webpack": "5", "tsx": "1"}}"#;

    fn lock() -> String {
        let document = json!({
            "lockfileVersion": 3,
            "packages": {
                "node_modules/express": {"version": "4.0.0", "dependencies": {"ms": "1"}},
                "node_modules/ms": {"version": "1.0.0"},
                "node_modules/webpack": {"version": "5.0.0", "dev": true, "dependencies": {"ms": "2", "@x/ast": "1"}},
                "node_modules/webpack/node_modules/ms": {"version": "2.0.0", "dev": true},
                "node_modules/@x/ast": {"version": "1.0.0", "dev": true},
                "node_modules/tsx": {"version": "1.0.0", "dev": true, "dependencies": {"esbuild": "1"}},
                "node_modules/esbuild": {"version": "1.0.0", "dev": true},
            },
        });
        format!("{document:#}\n")
    }

    fn image(lockfile: Option<&str>, program: &str) -> Image {
        let lock = lock();
        let manifest = |name: &str, version: &str, needs: &str| {
            format!(r#"{{"name": "{name}", "version": "{version}", "dependencies": {needs}}}"#)
        };
        let mut paths: Vec<(String, String, Vec<u8>)> = vec![
            ("app/package.json".into(), "f".into(), MANIFEST.into()),
            ("app/dist/server.js".into(), "f".into(), program.into()),
            (
                "app/dist/own.js".into(),
                "f".into(),
                "import 'webpack/lib'".into(),
            ),
            (
                "app/node_modules/.bin/webpack".into(),
                "->../webpack/cli.js".into(),
                vec![],
            ),
            (
                "app/node_modules/.bin/tsx".into(),
                "->../tsx/cli.js".into(),
                vec![],
            ),
            ("app/node_modules/webpack/cli.js".into(), "x".into(), vec![]),
            ("app/node_modules/tsx/cli.js".into(), "x".into(), vec![]),
        ];
        for (place, name, version, needs) in [
            ("express", "express", "4.0.0", r#"{"ms": "1"}"#),
            ("ms", "ms", "1.0.0", "{}"),
            (
                "webpack",
                "webpack",
                "5.0.0",
                r#"{"ms": "2", "@x/ast": "1"}"#,
            ),
            ("webpack/node_modules/ms", "ms", "2.0.0", "{}"),
            ("@x/ast", "@x/ast", "1.0.0", "{}"),
            ("tsx", "tsx", "1.0.0", r#"{"esbuild": "1"}"#),
            ("esbuild", "esbuild", "1.0.0", "{}"),
        ] {
            let path = format!("app/node_modules/{place}/package.json");
            paths.push((
                path,
                "f".into(),
                manifest(name, version, needs).into_bytes(),
            ));
        }
        if let Some(at) = lockfile {
            paths.push((at.into(), "f".into(), lock.into_bytes()));
        }
        Image::of_bytes(&paths)
    }

    fn check(image: &Image, config: &Value) -> (PackageReport, Decisions) {
        let config = json!({ "config": config });
        let facts = Facts::gather(&config, &image.tree, image).unwrap();
        let options = PackageOptions {
            dev_dependencies: Some(Origin::BuiltIn),
            ..PackageOptions::default()
        };
        let limits = Limits {
            frozen: &|_| false,
            keep: &|_| None,
        };
        let mut decisions = Decisions::default();
        let report = remove(
            &image.tree,
            image,
            &[],
            &options,
            &facts,
            limits,
            &mut decisions,
        );
        (report.unwrap(), decisions)
    }

    fn names(report: &PackageReport) -> Vec<&str> {
        report.removed.iter().map(|row| &row.name[..]).collect()
    }

    const SERVER: &str = "require('express'); require('./missing')";

    #[test]
    fn what_development_alone_needs_leaves() {
        let config = json!({"Cmd": ["node", "dist/server.js"], "WorkingDir": "/app"});
        for lockfile in [
            Some("app/node_modules/.package-lock.json"),
            Some("app/package-lock.json"),
            None,
        ] {
            let image = image(lockfile, SERVER);
            let (report, decisions) = check(&image, &config);
            assert_eq!(
                names(&report),
                ["@x/ast", "esbuild", "ms", "tsx", "webpack"],
                "{lockfile:?}"
            );
            let left = image.after(&decisions);
            let mut modules: Vec<&str> = left
                .keys()
                .filter_map(|path| path.strip_prefix("app/node_modules/"))
                .filter(|path| *path != ".package-lock.json")
                .collect();
            modules.sort_unstable();
            assert_eq!(
                modules,
                ["express", "express/package.json", "ms", "ms/package.json"]
            );
            if let Some(hidden) = left.get("app/node_modules/.package-lock.json") {
                let document: Value = serde_json::from_str(hidden).unwrap();
                let places: Vec<&String> =
                    document["packages"].as_object().unwrap().keys().collect();
                assert_eq!(places, ["node_modules/express", "node_modules/ms"]);
            }
        }
    }

    #[test]
    fn what_a_command_or_a_program_names_stays_with_its_needs() {
        let hidden = Some("app/node_modules/.package-lock.json");
        let start = json!({"Cmd": ["npm", "start"], "WorkingDir": "/app"});
        let (report, _) = check(&image(hidden, SERVER), &start);
        assert_eq!(names(&report), ["@x/ast", "ms", "webpack"]);
        assert_eq!(
            report.kept[0].because,
            [
                "`tsx` stays: a command names `tsx`",
                "`tsx` needs `esbuild`"
            ]
        );
        let run = json!({"Cmd": ["node", "/app/dist/server.js"]});
        let (report, _) = check(&image(hidden, "import x from './own.js'"), &run);
        assert_eq!(names(&report), ["esbuild", "tsx"]);
        assert!(
            report
                .kept
                .iter()
                .any(|kept| kept.because == ["`webpack` stays: `/app/dist/own.js` imports it"])
        );
    }

    #[test]
    fn trees_that_cannot_be_told_are_left_alone() {
        let manifest = r#"{"workspaces": ["a"], "devDependencies": {"x": "1"}}"#;
        for files in [
            vec![
                ("p/node_modules/.pnpm/x/a", "f", ""),
                ("p/package.json", "f", "{}"),
            ],
            vec![
                ("p/node_modules/x/package.json", "f", "{}"),
                ("p/package.json", "f", manifest),
            ],
            vec![
                ("p/node_modules/x/package.json", "f", r#"{"version": "2"}"#),
                ("p/package.json", "f", "{}"),
                (
                    "p/package-lock.json",
                    "f",
                    r#"{"dependencies": {"x": {"version": "1", "dev": true}}}"#,
                ),
            ],
        ] {
            let (report, decisions) = check(&Image::new(&files), &json!({}));
            assert!(decisions.is_empty());
            assert_eq!(
                report.warnings[0].code, "dev-dependencies-kept",
                "{files:?}"
            );
        }
    }
}
