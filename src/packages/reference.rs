//! What the image's config names: the programs of ENTRYPOINT, CMD and HEALTHCHECK, and those that their scripts name.
//!
//! It reads words, it does not run shells: a word that is a command's name counts as one. So it may find too much,
//! and what a variable names it does not find.

use std::collections::{BTreeMap, VecDeque};

use crate::error::Result;
use crate::layer::Kind;
use crate::rules::Contents;
use crate::tree::{NodeId, Tree};

use super::facts::Facts;

/// The longest script that is read.
const SCRIPT_MAX: usize = 1 << 20;
/// Scripts that are followed.
const SCRIPTS_MAX: usize = 256;

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
pub fn references(tree: &Tree, contents: &dyn Contents, facts: &Facts) -> Result<Vec<Reference>> {
    let mut search = Search {
        tree,
        facts,
        found: Vec::new(),
        known: BTreeMap::new(),
        scripts: VecDeque::new(),
    };
    for (who, words) in [
        ("ENTRYPOINT", &facts.entrypoint[..]),
        ("CMD", &facts.cmd[..]),
        ("HEALTHCHECK", health(facts)),
    ] {
        search.words_of_command(who, words);
    }
    let mut read = 0;
    while let Some(script) = search.scripts.pop_front() {
        read += 1;
        if read > SCRIPTS_MAX {
            break;
        }
        let bytes = contents.read(script, SCRIPT_MAX)?;
        search.script(script, &bytes);
    }
    Ok(search.found)
}

/// The words of the health check without the one that says how they are run.
fn health(facts: &Facts) -> &[String] {
    match facts.healthcheck.split_first() {
        Some((how, words)) if how.starts_with("CMD") => words,
        _ => &[],
    }
}

struct Search<'a> {
    tree: &'a Tree,
    facts: &'a Facts,
    found: Vec<Reference>,
    known: BTreeMap<NodeId, ()>,
    scripts: VecDeque<NodeId>,
}

impl Search<'_> {
    fn words_of_command(&mut self, who: &str, words: &[String]) {
        for word in words {
            self.name(word, || format!("{who} runs `{word}`"));
            // `sh -c "…"` and the shell forms: a whole script in one word.
            if word.contains(|c: char| c.is_whitespace() || ";&|".contains(c)) {
                for part in shell_words(word) {
                    self.name(part, || format!("{who} runs `{part}`"));
                }
            }
        }
    }

    /// Enters what a word names: a path, or a command on the search path.
    fn name(&mut self, word: &str, why: impl Fn() -> String) {
        let at = if word.starts_with('/') {
            vec![word.to_owned()]
        } else if word.contains('/') {
            vec![format!("{}/{word}", self.facts.working_dir)]
        } else {
            let search = self.facts.search_path().map(|dir| format!("{dir}/{word}"));
            search
                .chain([format!("{}/{word}", self.facts.working_dir)])
                .collect()
        };
        let hops = at.iter().find_map(|path| {
            let hops = self.tree.hops(path.as_bytes())?;
            let last = *hops.last()?;
            (self.tree.kind(last) == Kind::File).then_some(hops)
        });
        for node in hops.into_iter().flatten() {
            if self.known.insert(node, ()).is_none() {
                self.found.push(Reference { node, why: why() });
                if self.tree.kind(node) == Kind::File {
                    self.scripts.push_back(node);
                }
            }
        }
    }

    fn script(&mut self, script: NodeId, bytes: &[u8]) {
        let head = &bytes[..bytes.len().min(4096)];
        if head.contains(&0) {
            return;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        let path = crate::path::display(&self.tree.path(script));
        let interpreter = interpreter(bytes);
        let is_shell = interpreter
            .iter()
            .any(|word| SHELLS.contains(&word.rsplit('/').next().unwrap_or(word)));
        for word in &interpreter {
            self.name(word, || format!("`/{path}` is run by `{word}`"));
        }
        if is_shell || interpreter.is_empty() {
            for line in text.lines() {
                let code = line.split(" #").next().unwrap_or(line);
                if !code.trim_start().starts_with('#') {
                    for word in shell_words(code) {
                        self.name(word, || format!("`/{path}` names `{word}`"));
                    }
                }
            }
        } else {
            for literal in literals(text) {
                let word = literal.split_ascii_whitespace().next().unwrap_or_default();
                self.name(word, || format!("`/{path}` names `{word}`"));
            }
        }
    }
}

const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "ksh", "zsh", "busybox"];

/// The words of a `#!` line that may be programs: the interpreter, and what `env` starts. None for other files.
pub(crate) fn interpreter(head: &[u8]) -> Vec<&str> {
    let Some(line) = head.strip_prefix(b"#!") else {
        return Vec::new();
    };
    let line = line.split(|&b| b == b'\n').next().unwrap_or_default();
    let Ok(line) = std::str::from_utf8(&line[..line.len().min(4096)]) else {
        return Vec::new();
    };
    let mut words = line.split_ascii_whitespace();
    let mut found: Vec<&str> = words.next().into_iter().collect();
    if found.first().is_some_and(|first| first.ends_with("/env")) {
        let is_program = |word: &&str| !word.starts_with('-') && !word.contains('=');
        found.extend(words.find(is_program));
    }
    found
}

/// The words of shell code, quotes and operators taken off.
fn shell_words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| c.is_whitespace() || "'\"`;&|(){}<>=$,".contains(c))
        .filter(|word| word.len() > 1 && !word.starts_with('-'))
}

/// The quoted texts of a program in any language that quotes with `'` or `"`, line by line.
fn literals(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| {
        let mut rest = line;
        std::iter::from_fn(move || {
            let open = rest.find(['\'', '"'])?;
            let quote = rest.as_bytes()[open];
            let after = &rest[open + 1..];
            let close = after.bytes().position(|b| b == quote)?;
            rest = &after[close + 1..];
            Some(&after[..close])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Image;
    use super::*;

    fn image() -> Image {
        Image::new(&[
            ("usr/bin/make", "x", "\x7fELF\0"),
            ("usr/bin/git", "x", "\x7fELF\0"),
            ("usr/bin/curl", "x", "\x7fELF\0"),
            ("usr/bin/python3", "->python3.11", ""),
            ("usr/bin/python3.11", "x", "\x7fELF\0"),
            ("bin", "->usr/bin", ""),
            ("usr/bin/dash", "x", "\x7fELF\0"),
            ("usr/bin/sh", "->dash", ""),
            (
                "app/run.sh",
                "x",
                "#!/bin/sh\n# make no noise\nset -e\nexec \"$PYTHON\" /app/main.py && git pull # curl\n",
            ),
            ("app/main.py", "f", "import os\nos.system('curl -s x')\n"),
            (
                "app/tool.py",
                "x",
                "#!/usr/bin/env -S python3 -u\nsubprocess.run([\"git\", 'x'])\n",
            ),
        ])
    }

    fn found(facts: &Facts) -> Vec<String> {
        let image = image();
        references(&image.tree, &image, facts)
            .unwrap()
            .into_iter()
            .map(|reference| {
                let path = String::from_utf8(image.tree.path(reference.node)).unwrap();
                format!("{path}: {}", reference.why)
            })
            .collect()
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn commands_are_found_on_the_search_path_and_in_scripts() {
        let facts = Facts {
            entrypoint: words(&["/app/run.sh"]),
            healthcheck: words(&["CMD-SHELL", "curl -f http://localhost/ || exit 1"]),
            ..Facts::default()
        };
        assert_eq!(
            found(&facts),
            [
                "app/run.sh: ENTRYPOINT runs `/app/run.sh`",
                "usr/bin/curl: HEALTHCHECK runs `curl`",
                "bin: `/app/run.sh` is run by `/bin/sh`",
                "usr/bin/sh: `/app/run.sh` is run by `/bin/sh`",
                "usr/bin/dash: `/app/run.sh` is run by `/bin/sh`",
                "app/main.py: `/app/run.sh` names `/app/main.py`",
                "usr/bin/git: `/app/run.sh` names `git`",
            ]
        );
    }

    #[test]
    fn env_and_literals_are_understood() {
        let facts = Facts {
            cmd: words(&["./tool.py", "make"]),
            working_dir: "/app".into(),
            env: words(&["PATH=/usr/bin"]),
            ..Facts::default()
        };
        assert_eq!(
            found(&facts),
            [
                "app/tool.py: CMD runs `./tool.py`",
                "usr/bin/make: CMD runs `make`",
                "usr/bin/python3: `/app/tool.py` is run by `python3`",
                "usr/bin/python3.11: `/app/tool.py` is run by `python3`",
                "usr/bin/git: `/app/tool.py` names `git`",
            ]
        );
        assert!(found(&Facts::default()).is_empty());
    }
}
