//! What the image runs: the words of its commands and of the shell scripts that these start.
//!
//! This is no shell: words are cut at blanks and operators, and nothing is evaluated but the image's own variables.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::facts::{Contents, Facts};
use crate::tree::{NodeId, Tree};

/// The bytes of a script that are read, and how many scripts.
const SCRIPT: usize = 64 << 10;
const SCRIPTS: usize = 64;

/// Files that a program reads as its list of commands: program, directory, file.
const LISTS: &[(&str, &str)] = &[
    ("make", "Makefile"),
    ("make", "GNUmakefile"),
    ("just", "justfile"),
    ("task", "Taskfile.yml"),
    ("foreman", "Procfile"),
    ("honcho", "Procfile"),
    ("supervisord", "/etc/supervisord.conf"),
    ("supervisord", "/etc/supervisor/supervisord.conf"),
];

/// Directories of scripts that a program runs.
const FOLDERS: &[(&str, &str)] = &[
    ("init", "etc/services.d"),
    ("init", "etc/cont-init.d"),
    ("init", "etc/s6-overlay"),
    ("supervisord", "etc/supervisor/conf.d"),
    ("supervisord", "etc/supervisor.d"),
    ("my_init", "etc/service"),
    ("runsvdir", "etc/service"),
];

/// Fills in [`Facts::commands`] and returns the words of scripts alone.
pub(super) fn gather(
    facts: &mut Facts,
    tree: &Tree,
    contents: &dyn Contents,
) -> Result<Vec<String>> {
    let run = [facts.entrypoint.clone(), facts.command.clone()].concat();
    facts.commands = [run, facts.healthcheck.clone()]
        .iter()
        .filter(|arguments| !arguments.is_empty())
        .map(|arguments| {
            arguments
                .iter()
                .flat_map(|argument| argument_words(argument, facts))
                .collect()
        })
        .collect();
    let lines = facts.needs.iter().map(|line| shell_words(line, facts));
    facts.commands = facts.commands.iter().cloned().chain(lines).collect();
    let (mut read, mut at, mut scripts) = (BTreeSet::new(), 0, Vec::new());
    while at < facts.commands.len() {
        let words = facts.commands[at].clone();
        at += 1;
        for (node, listed) in scripts_of(&words, facts, tree) {
            if read.len() == SCRIPTS || !read.insert(node) {
                continue;
            }
            let bytes = contents.read(node, SCRIPT)?;
            if listed || tree.name(node).ends_with(b".sh") || is_shell_script(&bytes) {
                let found = shell_words(&String::from_utf8_lossy(&bytes), facts);
                scripts.extend(found.iter().cloned());
                facts.commands.push(found);
            }
        }
        for found in package_scripts(&words, facts, tree, contents)? {
            if !facts.commands.contains(&found) {
                facts.commands.push(found);
            }
        }
    }
    Ok(scripts)
}

/// Whether the commands say `phrase`: words in a row, the first without its directory; `*.x` is a word with that end.
pub(super) fn say(facts: &Facts, phrase: &str) -> bool {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    let is = |word: &str, asked: &str| match asked.strip_prefix('*') {
        Some(end) => word.ends_with(end),
        None => word.rsplit('/').next() == Some(asked),
    };
    facts.commands.iter().any(|words| {
        words.windows(phrase.len()).any(|window| {
            window
                .iter()
                .zip(&phrase)
                .all(|(word, asked)| is(word, asked))
        })
    })
}

/// Whether the image starts a program of its own, not a shell or an interpreter that waits for input.
pub(super) fn serve(facts: &Facts) -> bool {
    let last = facts.command.last().or(facts.entrypoint.last());
    last.is_some_and(|last| {
        let name = last.rsplit('/').next().unwrap_or_default();
        let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        !WAITING.contains(&name) && !matches!(last.as_str(), "" | "-l" | "-i" | "--login" | "--")
    })
}

const WAITING: &[&str] = &[
    "sh", "bash", "ash", "dash", "zsh", "fish", "ksh", "busybox", "python", "pypy", "ipython",
    "node", "deno", "bun", "ruby", "irb", "php", "perl", "lua", "jshell", "R", "julia", "ghci",
    "iex", "erl", "scala", "groovysh", "sbt", "mvn", "gradle", "go", "cargo", "dotnet", "pwsh",
    "racket", "clojure", "rails", "npm", "yarn", "pnpm",
];

/// The path that `word` means in the image: absolute, or from the working directory.
pub(crate) fn place(word: &str, facts: &Facts) -> Vec<u8> {
    if word.starts_with('/') {
        word.as_bytes().to_vec()
    } else {
        path::join(&facts.workdir, word.as_bytes())
    }
}

/// The search path of runtimes where the image has none.
const USUAL: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The directories of the image's `PATH`, in order.
fn search_path(facts: &Facts) -> impl Iterator<Item = Vec<u8>> {
    let search = facts.variable("PATH").unwrap_or(USUAL);
    search.split(':').map(|dir| place(dir, facts))
}

/// The program of that name in the image's `PATH`, by the path of its first place there.
pub(crate) fn program(name: &str, facts: &Facts, tree: &Tree) -> Option<Vec<u8>> {
    search_path(facts)
        .map(|dir| [&dir, &b"/"[..], name.as_bytes()].concat())
        .find(|path| tree.resolve(path).is_some())
}

/// All names in the directories of the image's `PATH`: what is not among them is no command.
pub(crate) fn command_names<'a>(facts: &Facts, tree: &'a Tree) -> HashSet<&'a [u8]> {
    let dirs = search_path(facts).filter_map(|dir| tree.resolve(&dir));
    dirs.flat_map(|dir| tree.children(dir).map(|(name, _)| name))
        .collect()
}

/// The words of one argument; one with blanks is taken for a line of shell.
pub(crate) fn argument_words(argument: &str, facts: &Facts) -> Vec<String> {
    if argument.contains(char::is_whitespace) {
        shell_words(argument, facts)
    } else {
        vec![argument.to_owned()]
    }
}

/// The words of a shell's text, without comments.
pub(crate) fn shell_words(text: &str, facts: &Facts) -> Vec<String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| line.split(|c: char| c.is_whitespace() || ";|&()<>\"'`@".contains(c)))
        .filter(|word| !word.is_empty())
        .map(|word| expand(word, facts))
        .collect()
}

/// `word` with the image's variables in place of `$NAME` and `${NAME}`; others stay as they are.
fn expand(word: &str, facts: &Facts) -> String {
    let mut parts = word.split('$');
    let mut expanded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = match part.strip_prefix('{') {
            Some(braced) => braced.split_once('}').unwrap_or((braced, "")),
            None => part.split_at(
                part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(part.len()),
            ),
        };
        match facts.variable(name) {
            Some(value) => expanded.extend([value, rest]),
            None => expanded.extend(["$", part]),
        }
    }
    expanded
}

/// The files that may be scripts among what `words` start, and whether they are so by what the program reads.
fn scripts_of(words: &[String], facts: &Facts, tree: &Tree) -> Vec<(NodeId, bool)> {
    let name = |word: &String| word.rsplit('/').next().unwrap_or_default().to_owned();
    let names: BTreeSet<String> = words.iter().map(name).collect();
    let file = |path: Vec<u8>| {
        tree.resolve(&path)
            .filter(|&node| tree.kind(node) == Kind::File)
    };
    let mut found: Vec<(NodeId, bool)> = Vec::new();
    for word in words {
        let at = if word.contains('/') {
            None
        } else {
            program(word, facts, tree)
        };
        let at = at.unwrap_or_else(|| place(word, facts));
        found.extend(file(at).map(|node| (node, false)));
    }
    for (_, list) in LISTS.iter().filter(|(program, _)| names.contains(*program)) {
        found.extend(file(place(list, facts)).map(|node| (node, true)));
    }
    for (_, folder) in FOLDERS
        .iter()
        .filter(|(program, _)| names.contains(*program))
    {
        if let Some(folder) = tree.resolve(folder.as_bytes()) {
            let mut below = vec![folder];
            while let Some(node) = below.pop() {
                if tree.kind(node) == Kind::File {
                    found.push((node, true));
                }
                below.extend(tree.children(node).map(|(_, child)| child));
            }
        }
    }
    found
}

fn is_shell_script(bytes: &[u8]) -> bool {
    let first = bytes
        .split(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    let Some(interpreter) = first.strip_prefix(b"#!") else {
        return false;
    };
    let names = String::from_utf8_lossy(interpreter).into_owned();
    names.split([' ', '/', '\t', '\r']).any(|name| {
        name.ends_with("sh") || matches!(name, "busybox" | "execlineb" | "with-contenv")
    })
}

/// The scripts of the working directory's `package.json` that a package runner among `words` is told to run.
fn package_scripts(
    words: &[String],
    facts: &Facts,
    tree: &Tree,
    contents: &dyn Contents,
) -> Result<Vec<Vec<String>>> {
    let runs = |runner: &str| {
        words
            .iter()
            .any(|word| word.rsplit('/').next() == Some(runner))
    };
    if !["npm", "yarn", "yarnpkg", "pnpm", "bun", "turbo"]
        .into_iter()
        .any(runs)
    {
        return Ok(Vec::new());
    }
    let manifest = tree.resolve(&path::join(&facts.workdir, b"package.json"));
    let Some(manifest) = manifest.filter(|&node| tree.kind(node) == Kind::File) else {
        return Ok(Vec::new());
    };
    let document: Value =
        serde_json::from_slice(&contents.read(manifest, SCRIPT)?).unwrap_or_default();
    let Some(scripts) = document["scripts"].as_object() else {
        return Ok(Vec::new());
    };
    let named = |script: &str| {
        let event = script.strip_prefix("pre").or(script.strip_prefix("post"));
        words
            .iter()
            .any(|word| word == script || Some(word.as_str()) == event)
    };
    Ok(scripts
        .iter()
        .filter(|(script, _)| named(script))
        .filter_map(|(_, line)| line.as_str())
        .map(|line| shell_words(line, facts))
        .collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::example;

    fn facts(config: &Value, files: &[(&str, &str)]) -> Facts {
        let (tree, contents) = example::image(files);
        Facts::gather(&json!({ "config": config }), &tree, &contents).unwrap()
    }

    #[test]
    fn what_runs_is_found_through_scripts() {
        let files = [
            (
                "bin/start",
                "#!/bin/sh\n# mvn is not run\nexec /srv/second.sh\n",
            ),
            ("srv/second.sh", "cd /x && $TOOL run --project x\n"),
            ("srv/Makefile", "all:\n\t@go run ./cmd\n"),
            (
                "srv/package.json",
                r#"{"scripts": {"start": "npm run real", "prereal": "npx foo", "test": "jest"}}"#,
            ),
        ];
        for (config, says, not) in [
            (
                json!({"Cmd": ["start"], "Env": ["TOOL=/usr/bin/dotnet"]}),
                "dotnet run",
                "mvn",
            ),
            (
                json!({"Cmd": ["/bin/sh", "-c", "dotnet /srv/app.dll; true"]}),
                "dotnet *.dll",
                "dotnet run",
            ),
            (
                json!({"Cmd": ["make"], "WorkingDir": "/srv"}),
                "go run",
                "npx",
            ),
            (
                json!({"Entrypoint": ["npm", "start"], "WorkingDir": "/srv"}),
                "npx",
                "jest",
            ),
        ] {
            let facts = facts(&config, &files);
            assert!(
                say(&facts, says),
                "{config} says {says}: {:?}",
                facts.commands
            );
            assert!(!say(&facts, not), "{config} does not say {not}");
        }
    }

    #[test]
    fn a_shell_that_waits_is_no_program() {
        for (config, serves) in [
            (json!({"Cmd": ["bash"]}), false),
            (
                json!({"Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["python3.11"]}),
                false,
            ),
            (json!({}), false),
            (json!({"Cmd": ["sh", "-c", "exec app"]}), true),
            (json!({"Entrypoint": ["/app/server"]}), true),
        ] {
            assert_eq!(serve(&facts(&config, &[])), serves, "{config}");
        }
    }

    #[test]
    fn scripts_that_start_each_other_end() {
        let facts = facts(
            &json!({"Cmd": ["/a.sh"]}),
            &[
                ("a.sh", "#!/bin/sh\n/b.sh\n"),
                ("b.sh", "#!/bin/sh\n/a.sh\n"),
            ],
        );
        assert_eq!(facts.commands.len(), 3);
    }
}
