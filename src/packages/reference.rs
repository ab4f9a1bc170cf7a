//! What the image's config names: the programs of ENTRYPOINT, CMD and HEALTHCHECK, and those that their scripts name.
//!
//! It reads words, it does not run shells: a word that is a command's name counts as one. So it may find too much,
//! and what a variable holds at run time it does not find.

use std::collections::BTreeSet;

use crate::closure::pieces::Pieces;
use crate::closure::{commands, script};
use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::{Contents, Facts, argument_words, command_names, place, program};
use crate::tree::{NodeId, Tree};

/// The bytes of a script that are read.
const SCRIPT_MAX: usize = 64 << 10;
/// How the names of programs begin that run other programs' texts.
const INTERPRETERS: &[&[u8]] = &[
    b"bash", b"bun", b"busybox", b"dash", b"deno", b"java", b"lua", b"node", b"perl", b"php",
    b"python", b"ruby", b"sh",
];
/// Files whose first line is looked at.
const FILES_MAX: usize = 1024;

/// A path that the config names, directly or through a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The file, or a link on the way to it.
    pub node: NodeId,
    /// Who names it: ``ENTRYPOINT runs `make` ``.
    pub why: String,
}

/// Returns all that the config names, in the order in which it is found; each path once.
///
/// # Errors
/// When a script cannot be read.
pub(super) fn references(
    tree: &Tree,
    contents: &dyn Contents,
    facts: &Facts,
) -> Result<Vec<Reference>> {
    let mut search = Search {
        tree,
        facts,
        found: Vec::new(),
        known: BTreeSet::new(),
    };
    for (who, arguments) in [
        ("ENTRYPOINT", &facts.entrypoint),
        ("CMD", &facts.command),
        ("HEALTHCHECK", &facts.healthcheck),
    ] {
        let words = arguments
            .iter()
            .flat_map(|word| argument_words(word, facts));
        for word in words {
            search.name(&word, || format!("{who} runs `{word}`"));
        }
    }
    for word in facts.commands.iter().flatten() {
        search.name(word, || {
            format!("a script that the image starts names `{word}`")
        });
    }
    let mut at = 0;
    while at < search.found.len().min(FILES_MAX) {
        let node = search.found[at].node;
        if tree.kind(node) == Kind::File {
            search.script(node, &contents.read(node, SCRIPT_MAX)?);
        }
        at += 1;
    }
    Ok(search.found)
}

/// Returns what the programs among `references` that nobody owns name of commands: what they may start.
///
/// Interpreters are left out: what they start is in the programs that they run.
///
/// # Errors
/// When a program cannot be read.
pub(crate) fn started(
    tree: &Tree,
    contents: &dyn Contents,
    facts: &Facts,
    references: &[Reference],
    is_owned: &dyn Fn(NodeId) -> bool,
) -> Result<Vec<Reference>> {
    let mut search = Search {
        tree,
        facts,
        found: Vec::new(),
        known: references.iter().map(|reference| reference.node).collect(),
    };
    let names = command_names(facts, tree);
    for node in references.iter().map(|reference| reference.node) {
        let name = tree.name(node);
        let is_interpreter = INTERPRETERS.iter().any(|known| name.starts_with(known));
        if tree.kind(node) != Kind::File || is_owned(node) || is_interpreter {
            continue;
        }
        if !contents.read(node, 4)?.starts_with(b"\x7fELF") {
            continue;
        }
        let shown = path::display(&tree.path(node));
        let is_command = |text: &[u8]| {
            if !text.starts_with(b"/") && !names.contains(text) {
                return false;
            }
            let Ok(text) = std::str::from_utf8(text) else {
                return false;
            };
            let is_path = text.starts_with('/') && tree.resolve(text.as_bytes()).is_some();
            is_path || (!text.contains('/') && program(text, facts, tree).is_some())
        };
        let read = |from, buffer: &mut [u8]| contents.fill(node, from, buffer);
        let mut program = Pieces::new(tree.size(node), &read);
        for text in commands::named(&mut program, &is_command)? {
            let text = String::from_utf8_lossy(&text);
            search.name(&text, || format!("`/{shown}` names `{text}`"));
        }
    }
    Ok(search.found)
}

struct Search<'a> {
    tree: &'a Tree,
    facts: &'a Facts,
    found: Vec<Reference>,
    known: BTreeSet<NodeId>,
}

impl Search<'_> {
    /// Enters what a word names: a command on the search path, or a path.
    fn name(&mut self, word: &str, why: impl Fn() -> String) {
        let command = || program(word, self.facts, self.tree);
        let places = (!word.contains('/')).then(command).flatten();
        let places = places.into_iter().chain([place(word, self.facts)]);
        let hops = places.filter_map(|at| self.tree.hops(&at)).find(|hops| {
            let last = hops.last();
            last.is_some_and(|&last| self.tree.kind(last) == Kind::File)
        });
        for node in hops.into_iter().flatten() {
            if self.known.insert(node) {
                self.found.push(Reference { node, why: why() });
            }
        }
    }

    /// Enters the interpreter of a script, and what a program text in another language than the shell's quotes.
    fn script(&mut self, file: NodeId, bytes: &[u8]) {
        let words = script::interpreter(bytes);
        let shown = path::display(&self.tree.path(file));
        for word in &words {
            self.name(word, || format!("`/{shown}` is run by `{word}`"));
        }
        let is_shell = words.iter().any(|word| word.ends_with("sh"));
        let is_text = !bytes.contains(&0);
        if is_text && !is_shell && is_program_text(self.tree.name(file), &words) {
            for literal in script::quoted(&String::from_utf8_lossy(bytes), &['\'', '"']) {
                let word = literal.split_ascii_whitespace().next().unwrap_or_default();
                self.name(word, || format!("`/{shown}` names `{word}`"));
            }
        }
    }
}

/// Whether a file is a program in a language whose texts are quoted.
fn is_program_text(name: &[u8], interpreter: &[String]) -> bool {
    const ENDINGS: &[&str] = &[".py", ".rb", ".pl", ".php", ".js", ".mjs", ".cjs", ".lua"];
    let ends = |ending: &&str| name.ends_with(ending.as_bytes());
    !interpreter.is_empty() || ENDINGS.iter().any(ends)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::Image;
    use super::*;

    fn found(config: &Value) -> Vec<String> {
        let image = Image::new(&[
            ("usr/bin/make", "x", "\x7fELF\0"),
            ("usr/bin/git", "x", "\x7fELF\0"),
            ("usr/bin/curl", "x", "\x7fELF\0"),
            ("usr/bin/env", "x", "\x7fELF\0"),
            ("usr/bin/python3", "->python3.11", ""),
            ("usr/bin/python3.11", "x", "\x7fELF\0"),
            ("bin", "->usr/bin", ""),
            ("usr/bin/dash", "x", "\x7fELF\0"),
            ("usr/bin/sh", "->dash", ""),
            (
                "app/run.sh",
                "x",
                "#!/bin/sh\n# make no noise\nset -e\nexec \"$PYTHON\" /app/main.py && git pull\n",
            ),
            ("app/main.py", "f", "import os\nos.system('curl -s x')\n"),
            (
                "app/tool.py",
                "x",
                "#!/usr/bin/env -S python3 -u\nsubprocess.run([\"git\", 'x'])\n",
            ),
        ]);
        let config = json!({ "config": config });
        let facts = Facts::gather(&config, &image.tree, &image).unwrap();
        references(&image.tree, &image, &facts)
            .unwrap()
            .into_iter()
            .map(|reference| {
                let path = path::display(&image.tree.path(reference.node));
                format!("{path}: {}", reference.why)
            })
            .collect()
    }

    #[test]
    fn commands_are_found_on_the_search_path_and_in_scripts() {
        let config = json!({
            "Entrypoint": ["/app/run.sh"],
            "Healthcheck": {"Test": ["CMD-SHELL", "make -s check || exit 1"]},
        });
        assert_eq!(
            found(&config),
            [
                "app/run.sh: ENTRYPOINT runs `/app/run.sh`",
                "usr/bin/make: HEALTHCHECK runs `make`",
                "app/main.py: a script that the image starts names `/app/main.py`",
                "usr/bin/git: a script that the image starts names `git`",
                "bin: `/app/run.sh` is run by `/bin/sh`",
                "usr/bin/sh: `/app/run.sh` is run by `/bin/sh`",
                "usr/bin/dash: `/app/run.sh` is run by `/bin/sh`",
                "usr/bin/curl: `/app/main.py` names `curl`",
            ]
        );
    }

    #[test]
    fn env_and_literals_are_understood() {
        let config = json!({
            "Cmd": ["./tool.py", "make"],
            "WorkingDir": "/app",
            "Env": ["PATH=/usr/bin"],
        });
        assert_eq!(
            found(&config),
            [
                "app/tool.py: CMD runs `./tool.py`",
                "usr/bin/make: CMD runs `make`",
                "usr/bin/env: `/app/tool.py` is run by `/usr/bin/env`",
                "usr/bin/python3: `/app/tool.py` is run by `python3`",
                "usr/bin/python3.11: `/app/tool.py` is run by `python3`",
                "usr/bin/git: `/app/tool.py` names `git`",
            ]
        );
        assert!(found(&json!({})).is_empty());
    }
}
