//! What the config names: programs, their arguments, the user, the working directory; and the words of scripts.

use crate::layer::Kind;
use crate::path;
use crate::rules;
use crate::tree::NodeId;

use super::finding::Finding;
use super::{Pair, View};

pub(super) fn check(pair: &Pair<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let facts = pair.before.facts;
    let start = [&facts.entrypoint[..], &facts.command].concat();
    for (who, arguments) in [
        ("the image starts by", &start),
        ("HEALTHCHECK runs", &facts.healthcheck),
    ] {
        let words = arguments.iter().enumerate();
        for (place, is_sure, word) in words.flat_map(|(place, argument)| {
            let words = rules::argument_words(argument, facts);
            // A text with blanks may be another language's: its words are not sure to be commands.
            let is_sure = words.len() == 1;
            words.into_iter().map(move |word| (place, is_sure, word))
        }) {
            if executable(pair.before, &word).is_some() && executable(pair.after, &word).is_none() {
                let is_there = !pair.lost(&rules::place(&word, facts));
                let loss = if is_there && word.contains('/') {
                    "may not be run any more: see its mode"
                } else {
                    "is not there any more"
                };
                let text = format!("{who} `{word}`, which {loss}");
                findings.push(if place == 0 || (is_sure && word.starts_with('/')) {
                    Finding::error("entrypoint", text)
                } else {
                    Finding::warning("entrypoint", text)
                });
            } else if pair.lost(&rules::place(&word, facts)) {
                let text = format!("{who} `{word}`, which is not there any more");
                // A word may be called as a file by chance; a path or a text with its ending is not.
                findings.push(if is_sure && (word.contains('/') || is_text(&word)) {
                    Finding::error("argument", text)
                } else {
                    Finding::warning("argument", text)
                });
            }
        }
        // HEALTHCHECK CMD-SHELL is one word; ENTRYPOINT and CMD of that form name the shell themselves.
        let is_line = matches!(&arguments[..], [line] if line.contains(' '));
        if is_line && pair.lost(b"bin/sh") {
            let text = format!("{who} a line of shell, and `/bin/sh` is not there any more");
            findings.push(Finding::error("shell", text));
        }
    }
    findings.extend(user(pair));
    for (node, words) in &pair.found.scripts {
        let script = pair.show(*node);
        for word in words {
            if executable(pair.before, word).is_some() && executable(pair.after, word).is_none() {
                let text = format!("`/{script}` names `{word}`, which is not there any more");
                findings.push(Finding::warning("script-word", text));
            }
        }
    }
    findings
}

/// Whether a word is the name of a file of a language.
fn is_text(word: &str) -> bool {
    const ENDINGS: [&str; 10] = [
        ".py", ".js", ".mjs", ".cjs", ".rb", ".pl", ".php", ".jar", ".sh", ".lua",
    ];
    ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// The program that a word means.
fn executable(view: View<'_>, word: &str) -> Option<NodeId> {
    let command = || rules::program(word, view.facts, view.tree);
    let at = (!word.contains('/')).then(command).flatten();
    let at = at.unwrap_or_else(|| rules::place(word, view.facts));
    let node = view.tree.resolve(&at)?;
    view.tree.is_executable(node).then_some(node)
}

/// USER by name needs a row (image-spec config.md); the directories that the config names must be there.
fn user(pair: &Pair<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (user, group) = match pair.before.facts.user.split_once(':') {
        Some((user, group)) => (user, group),
        None => (&pair.before.facts.user[..], ""),
    };
    for (name, file) in [(user, "etc/passwd"), (group, "etc/group")] {
        let is_number = name.bytes().all(|b| b.is_ascii_digit());
        if !is_number && has_row(pair.before, file, name) && !has_row(pair.after, file, name) {
            let text = format!("USER names `{name}`, and `/{file}` has no such row any more");
            findings.push(Finding::error("user", text));
        }
    }
    let places = pair.before.facts.volumes.iter();
    for place in places.chain([&pair.before.facts.workdir]) {
        if pair.lost(place) {
            let text = format!(
                "the directory `/{}` of the config is not there any more",
                path::display(place)
            );
            findings.push(Finding::warning("directory", text));
        }
    }
    findings
}

fn has_row(view: View<'_>, file: &str, name: &str) -> bool {
    let node = view.tree.resolve(file.as_bytes());
    let Some(node) = node.filter(|&node| view.tree.kind(node) == Kind::File) else {
        return false;
    };
    let bytes = view.contents.read(node, 1 << 20).unwrap_or_default();
    bytes
        .split(|&b| b == b'\n')
        .any(|row| row.split(|&b| b == b':').next() == Some(name.as_bytes()))
}
