//! The search for what is needed: in waves, from what the image's config names to what that loads, opens and starts.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use crate::closure::elf::{self, Elf};
use crate::closure::loader::Loader;
use crate::closure::starts::Starts;
use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::{self, Contents};
use crate::tree::{NodeId, Tree};

use super::interpreters::{self, matching};
use super::look::{Look, Looking, Role, Text};
use super::needed::Needed;
use super::places;
use super::program::Program;
use super::settings;
use super::triggers;

/// The most that is read of one section of a file.
pub(super) const ELF_MAX: usize = 64 << 20;

/// A compiled program or library that runs.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(crate) node: NodeId,
    /// Functions that it takes from others, sorted.
    pub(crate) imports: Vec<Vec<u8>>,
    /// Paths in its texts that are there, unless it is only loaded.
    pub(crate) literals: Vec<Vec<u8>>,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) needed: Needed,
    /// Where directories are passed over: those of which anything may be used.
    pub(crate) wholes: Vec<NodeId>,
    /// What runs and can start other programs, and how.
    pub(super) starters: Vec<(NodeId, String)>,
    /// What runs and does not say whether it starts others.
    pub(super) silent: Vec<NodeId>,
    /// What runs or is loaded and is compiled.
    pub(crate) programs: Vec<Reached>,
    /// Scripts that run, with the commands that they name.
    pub(crate) scripts: Vec<(NodeId, Vec<String>)>,
    /// All that is started.
    pub(super) started: BTreeSet<NodeId>,
    /// Whether any of them is loaded by a dynamic loader.
    pub(super) is_dynamic: bool,
    /// Libraries that are not there: who asks, and for what.
    pub(super) missing: Vec<(NodeId, Vec<u8>)>,
}

pub(super) struct Search<'a> {
    looking: Looking<'a>,
    loader: Loader<'a>,
    /// How many packages own a directory.
    sharers: &'a dyn Fn(NodeId) -> usize,
    /// Whether directories are passed over: what is in them is not asked for one by one.
    pub(super) reaches_only: bool,
    /// Libraries that the environment loads into all that runs.
    preloaded: Vec<String>,
    queue: Vec<(NodeId, Role)>,
    done: HashSet<(NodeId, Role)>,
    pub(super) found: Found,
}

/// Files as the loader sees them, each read once.
pub(crate) fn objects<'a>(
    tree: &'a Tree,
    contents: &'a dyn Contents,
) -> impl Fn(NodeId) -> Option<Arc<Elf>> + 'a {
    let known: Mutex<HashMap<NodeId, Option<Arc<Elf>>>> = Mutex::default();
    move |node| {
        let mut known = known.lock().expect("no holder of the lock panics");
        let look = || {
            if tree.kind(node) != Kind::File {
                return None;
            }
            let head = elf::load(ELF_MAX, false, |from, length| {
                contents.part(node, from, length)
            });
            head.ok().flatten().map(Arc::new)
        };
        known.entry(node).or_insert_with(look).clone()
    }
}

impl<'a> Search<'a> {
    pub(super) fn new(
        looking: Looking<'a>,
        objects: &'a dyn Fn(NodeId) -> Option<Arc<Elf>>,
        sharers: &'a dyn Fn(NodeId) -> usize,
    ) -> Result<Self> {
        let settings = settings::read(looking.tree, looking.contents, looking.facts)?;
        Ok(Self {
            looking,
            loader: Loader::new(looking.tree, objects, &settings),
            sharers,
            reaches_only: false,
            preloaded: settings::preloaded(looking.tree, looking.contents, looking.facts),
            queue: Vec::new(),
            done: HashSet::new(),
            found: Found::default(),
        })
    }

    fn tree(&self) -> &'a Tree {
        self.looking.tree
    }

    /// Enters the last of `hops` in its role, and the links on the way.
    pub(super) fn need(&mut self, hops: &[NodeId], by: Option<NodeId>, how: &Arc<str>, role: Role) {
        for &node in hops {
            self.found.needed.insert(node, by, how);
        }
        let Some(&node) = hops.last() else {
            return;
        };
        // Several builds of one library come as several files.
        let files = hops
            .iter()
            .filter(|&&hop| self.tree().kind(hop) == Kind::File);
        let files: Vec<NodeId> = files.copied().chain([node]).collect();
        for node in files {
            if self.done.insert((node, role)) {
                self.queue.push((node, role));
            }
        }
    }

    /// Enters a path with all under it; links in it with what they lead to.
    pub(super) fn whole(&mut self, node: NodeId, by: Option<NodeId>, how: &Arc<str>) {
        if self.reaches_only && self.tree().kind(node) == Kind::Dir {
            self.pass(node, by, how);
            return;
        }
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            let is_new = self.found.needed.insert(node, by, how);
            match self.tree().kind(node) {
                Kind::Dir => stack.extend(self.tree().children(node).map(|(_, child)| child)),
                Kind::Symlink if is_new => {
                    let hops = self
                        .tree()
                        .hops(&self.tree().path(node))
                        .unwrap_or_default();
                    let is_dir = hops
                        .last()
                        .is_some_and(|&last| self.tree().kind(last) == Kind::Dir);
                    if !is_dir {
                        self.need(&hops, Some(node), &"leads to it".into(), Role::Load);
                    }
                }
                Kind::File
                    if elf::may_be_library(self.tree().name(node))
                        && self.done.insert((node, Role::Load)) =>
                {
                    self.queue.push((node, Role::Load));
                }
                Kind::File if is_new && self.tree().is_executable(node) => self.linked(node),
                _ => {}
            }
        }
    }

    /// Enters the libraries of a program that stays with others: whether it is started, nothing says.
    fn linked(&mut self, node: NodeId) {
        for loaded in self.loader.load(node).loaded {
            let how = format!("needs `{}`", path::display(&loaded.name)).into();
            self.need(&loaded.hops, Some(loaded.by), &how, Role::Load);
        }
    }

    /// Enters a directory without what is in it, save programs: who names their directory starts them by name.
    fn pass(&mut self, dir: NodeId, by: Option<NodeId>, how: &Arc<str>) {
        if !self.found.needed.insert(dir, by, how) {
            return;
        }
        self.found.wholes.push(dir);
        if !matches!(self.tree().name(dir), b"bin" | b"sbin") {
            return;
        }
        let tree = self.tree();
        let inside = tree.children(dir).map(|(_, child)| child);
        for child in inside.filter(|&child| tree.kind(child) == Kind::File) {
            self.need(&[child], by, how, Role::Run);
        }
    }

    /// Enters what a pattern of paths names.
    fn pattern(&mut self, pattern: &str, by: NodeId, how: &Arc<str>) {
        for node in matching(self.tree(), pattern.as_bytes()) {
            self.whole(node, Some(by), how);
        }
        // The links on the way, where the pattern is one path.
        if !pattern.contains('*')
            && let Some(hops) = self.tree().hops(pattern.as_bytes())
        {
            self.need(&hops, Some(by), how, Role::Read);
        }
    }

    /// Enters what a word of a command names: a program on the search path, or a path.
    pub(super) fn word(&mut self, word: &str, by: Option<NodeId>, how: &Arc<str>) {
        let facts = self.looking.facts;
        let command = || rules::program(word, facts, self.tree());
        let places = (!word.contains('/')).then(command).flatten();
        let places = places.into_iter().chain([rules::place(word, facts)]);
        let hops = places.filter_map(|at| self.tree().hops(&at)).find(|hops| {
            let last = hops.last();
            last.is_some_and(|&last| self.tree().kind(last) == Kind::File)
        });
        if let Some(hops) = hops {
            self.need(&hops, by, how, Role::Run);
        }
    }

    /// Enters a path that a text names: a file, or a directory that is no place of the system's with all in it.
    pub(super) fn named(&mut self, node: NodeId, by: Option<NodeId>, how: &Arc<str>) {
        match self.tree().kind(node) {
            Kind::Dir if places::is_common(self.tree(), node, (self.sharers)(node)) => {}
            Kind::Dir => self.whole(node, by, how),
            _ => self.need(&[node], by, how, Role::Read),
        }
    }

    /// Follows all that was entered to its end.
    pub(super) fn run(&mut self) -> Result<()> {
        while !self.queue.is_empty() {
            let wave = std::mem::take(&mut self.queue);
            let (looking, done) = (self.looking, &self.done);
            let look = |&(node, role): &(NodeId, Role)| {
                let started = done.contains(&(node, Role::Run));
                looking.look(node, role, started)
            };
            let looks: Vec<Result<Look>> = wave.par_iter().map(look).collect();
            for ((node, role), look) in wave.into_iter().zip(looks) {
                if role == Role::Run {
                    self.found.started.insert(node);
                    self.interpreter(node);
                }
                match look? {
                    Look::Blank => {}
                    Look::Program(program) => self.program(node, role, &program),
                    Look::Text(text) => self.text(node, role, &text),
                }
            }
        }
        Ok(())
    }

    fn program(&mut self, node: NodeId, role: Role, program: &Program) {
        let tree = self.tree();
        if role != Role::Own {
            let literals = program.literals.iter();
            let told = literals.filter(|(_, to)| !places::is_of_build(tree, *to));
            let told: Vec<Vec<u8>> = told.map(|(text, _)| text.clone()).collect();
            self.found.programs.push(Reached {
                node,
                imports: program.elf.imports.clone(),
                literals: if role == Role::Run { told } else { Vec::new() },
            });
            self.found.is_dynamic |= program.elf.is_dynamic && !program.elf.needed.is_empty();
            match &program.starts {
                Starts::By(name) => self.found.starters.push((node, name.clone())),
                Starts::Unknown if role == Role::Run => self.found.silent.push(node),
                Starts::Unknown | Starts::Never => {}
            }
        }
        let starts_others = matches!(program.starts, Starts::By(_));
        let outcome = self.loader.load(node);
        for loaded in outcome.loaded {
            let how = format!("needs `{}`", path::display(&loaded.name)).into();
            self.need(&loaded.hops, Some(loaded.by), &how, Role::Load);
        }
        self.found.missing.extend(outcome.missing);
        for name in &program.libraries {
            if let Some(hops) = self.loader.open(node, name) {
                let how = format!("may open `{}`", path::display(name)).into();
                self.need(&hops, Some(node), &how, Role::Load);
            }
        }
        if role == Role::Run && program.elf.is_dynamic {
            self.preload(node);
        }
        for trigger in triggers::ALL {
            if let Some(function) = trigger.pulled(&program.elf.imports) {
                let function = String::from_utf8_lossy(function);
                let how: Arc<str> = format!("{} (`{function}`)", trigger.why).into();
                for pattern in trigger.keep {
                    self.pattern(pattern, node, &how);
                }
                for command in trigger.run {
                    self.word(command, Some(node), &how);
                }
            }
        }
        for (text, to) in &program.literals {
            if places::is_program(tree, *to) {
                // A library's texts are of use to few of those who load it.
                if starts_others && role != Role::Load {
                    let how = format!("may start `{}`", path::display(text));
                    let hops = tree.hops(text).unwrap_or_default();
                    self.need(&hops, Some(node), &how.into(), Role::Run);
                }
            } else if !places::is_of_build(tree, *to) {
                let how = format!("names `{}`", path::display(text)).into();
                let hops = tree.hops(text).unwrap_or_default();
                if hops.last() == Some(to) && tree.kind(*to) != Kind::Dir {
                    self.need(&hops, Some(node), &how, Role::Read);
                } else {
                    self.named(*to, Some(node), &how);
                }
            }
        }
        for command in &program.commands {
            let how = format!("may start `{command}`").into();
            self.word(command, Some(node), &how);
        }
    }

    /// Enters what is loaded into a program because the environment names it, not by a path.
    fn preload(&mut self, node: NodeId) {
        let names = self.preloaded.iter().filter(|name| !name.contains('/'));
        let found: Vec<_> = names
            .filter_map(|name| Some((name.clone(), self.loader.open(node, name.as_bytes())?)))
            .collect();
        for (name, hops) in found {
            let how = format!("loads `{name}` before all else").into();
            self.need(&hops, Some(node), &how, Role::Load);
        }
    }

    /// An interpreter loads what it likes of what is installed for it.
    fn interpreter(&mut self, node: NodeId) {
        let tree = self.tree();
        if let Some(interpreter) = interpreters::of(tree.name(node)) {
            let how: Arc<str> = "loads modules by name".into();
            for library in interpreter.library(tree, node) {
                self.whole(library, Some(node), &how);
            }
        }
    }

    fn text(&mut self, node: NodeId, role: Role, text: &Text) {
        for word in &text.interpreter {
            self.word(word, Some(node), &format!("is run by `{word}`").into());
        }
        for word in &text.commands {
            self.word(word, Some(node), &format!("names `{word}`").into());
        }
        for (at, to) in &text.paths {
            let how = format!("names `/{}`", path::display(at).trim_start_matches('/')).into();
            let hops = self.tree().hops(at).unwrap_or_default();
            if hops.last() == Some(to) && self.tree().kind(*to) != Kind::Dir {
                let role = if places::is_program(self.tree(), *to) {
                    Role::Run
                } else {
                    Role::Read
                };
                self.need(&hops, Some(node), &how, role);
            } else {
                self.named(*to, Some(node), &how);
            }
        }
        if text.is_script && role == Role::Run {
            self.found.starters.push((node, "a script".into()));
            self.found.scripts.push((node, text.commands.clone()));
        }
    }
}
