//! Scripts, programs in texts and settings: the words that may be commands, and the paths.
//!
//! Words are read, nothing is evaluated: it may find too much, and what a variable holds at run time it does not find.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::closure;
use crate::layer::Kind;
use crate::path;
use crate::rules;
use crate::tree::{NodeId, Tree};

use super::interpreters::fits;
use super::look::{Looking, Role, Text};

/// Ends of names of programs in languages whose texts are quoted.
const ENDINGS: &[&str] = &[
    ".py", ".rb", ".pl", ".pm", ".php", ".js", ".mjs", ".cjs", ".ts", ".lua", ".rake", ".R", ".r",
    ".tcl", ".ru", ".exs",
];

/// What a program says when it starts others; one pass looks for all.
static CALLS: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::new(SAID).expect("a few short texts"));
const SAID: &[&str] = &[
    "subprocess",
    "os.system",
    "popen",
    "os.exec",
    "os.spawn",
    "child_process",
    "spawn(",
    "execFile",
    "execa",
    "shell_exec",
    "system(",
    "system ",
    "passthru",
    "proc_open",
    "exec(",
    "exec ",
    "Open3",
    "IO.popen",
    "Process.",
    "qx",
    "shutil.which",
    "which(",
    "ProcessBuilder",
    "`",
    "Cmd(",
    "pexpect",
    "plumbum",
    "sh.",
];

/// Settings that say who may log in and the like: the paths in them are not opened by what runs.
const SILENT: &[&str] = &[
    "etc/passwd",
    "etc/passwd-",
    "etc/group",
    "etc/shells",
    "etc/shadow",
    "etc/fstab",
    "etc/mtab",
    "etc/adduser.conf",
    "etc/deluser.conf",
    "etc/debconf.conf",
    "etc/profile",
    "etc/bash.bashrc",
    "etc/environment",
    "etc/login.defs",
    "etc/ld.so.conf",
    "etc/crontab",
    "etc/sudoers",
    "etc/motd",
    "etc/issue",
    "etc/issue.net",
];

/// Directories of settings for package managers, logins, services and jobs that a container does not have.
const SILENT_UNDER: &[&str] = &[
    "etc/apt",
    "etc/dpkg",
    "etc/alternatives",
    "etc/profile.d",
    "etc/skel",
    "etc/init.d",
    "etc/cron.d",
    "etc/cron.daily",
    "etc/cron.weekly",
    "etc/cron.monthly",
    "etc/logrotate.d",
    "etc/systemd",
    "etc/ld.so.conf.d",
    "etc/update-motd.d",
    "etc/kernel",
    "etc/X11",
    "etc/default",
    "etc/rc0.d",
    "etc/rc1.d",
    "etc/rc2.d",
    "etc/rc3.d",
    "etc/rc4.d",
    "etc/rc5.d",
    "etc/rc6.d",
    "etc/rcS.d",
    "etc/ufw",
    "etc/apparmor.d",
    "etc/bash_completion.d",
    "etc/network",
    "etc/yum.repos.d",
    "etc/apk",
    "etc/dnf",
    "etc/rpm",
    "etc/sudoers.d",
    "etc/selinux",
];

/// Whether a file is a program text by its name.
pub(super) fn is_program(name: &[u8]) -> bool {
    ENDINGS
        .iter()
        .any(|ending| name.ends_with(ending.as_bytes()))
}

/// What a text tells in its role; `None` where that is nothing.
pub(super) fn look(looking: &Looking<'_>, node: NodeId, role: Role, bytes: &[u8]) -> Option<Text> {
    let tree = looking.tree;
    let at = tree.path(node);
    let interpreter = closure::script::interpreter(bytes);
    let is_settings = at.starts_with(b"etc/") || (role == Role::Read && interpreter.is_empty());
    let text = String::from_utf8_lossy(bytes);
    let is_started = role == Role::Run
        && (!interpreter.is_empty()
            || (tree.is_executable(node) && !at.starts_with(b"etc/"))
            || is_program(tree.name(node)));
    if is_started || (role == Role::Own && !interpreter.is_empty() && is_init(&at)) {
        let is_quoted =
            is_quoted(&interpreter) || (interpreter.is_empty() && is_program(tree.name(node)));
        return Some(script(looking, interpreter, is_quoted, &text));
    }
    if role == Role::Own && (is_program(tree.name(node)) || is_quoted(&interpreter)) {
        let commands = quoted_commands(looking, &text);
        let paths = quoted_paths(tree, &text);
        return Some(Text {
            commands,
            paths,
            ..Text::default()
        });
    }
    if is_settings && is_heard(&at) {
        let paths = settings_paths(tree, &at, &text);
        return Some(Text {
            paths,
            ..Text::default()
        });
    }
    None
}

/// Directories from which an init system of containers runs all scripts.
fn is_init(at: &[u8]) -> bool {
    [
        &b"docker-entrypoint"[..],
        b"etc/cont-init.d",
        b"etc/services.d",
        b"etc/s6-overlay",
        b"etc/my_init.d",
    ]
    .iter()
    .any(|dir| at.starts_with(dir))
}

fn is_heard(at: &[u8]) -> bool {
    !SILENT.iter().any(|silent| silent.as_bytes() == at)
        && !SILENT_UNDER
            .iter()
            .any(|dir| path::is_under(at, dir.as_bytes()))
}

/// A script that is started: every word of a shell's, the quoted texts of another language's.
fn script(looking: &Looking<'_>, interpreter: Vec<String>, is_quoted: bool, text: &str) -> Text {
    let mut commands = if is_quoted {
        quoted_commands(looking, text)
    } else {
        let mut words = rules::shell_words(text, looking.facts);
        words.sort_unstable();
        words.dedup();
        words.retain(|word| looking.is_command(word.as_bytes()) || is_own_path(looking, word));
        words
    };
    commands.sort_unstable();
    commands.dedup();
    Text {
        interpreter,
        commands,
        paths: quoted_paths(looking.tree, text),
        is_script: true,
    }
}

/// A relative path of a file: `./run.sh`, `bin/server`.
fn is_own_path(looking: &Looking<'_>, word: &str) -> bool {
    word.contains('/') && {
        let node = looking.tree.resolve(&rules::place(word, looking.facts));
        node.is_some_and(|node| looking.tree.kind(node) == Kind::File)
    }
}

/// Whether the interpreter is another than a shell.
fn is_quoted(interpreter: &[String]) -> bool {
    let is_shell = |word: &String| word.ends_with("sh") || word.ends_with("busybox");
    !interpreter.is_empty() && !interpreter.iter().any(is_shell)
}

/// The quoted words of a program that starts others, of those that are commands.
fn quoted_commands(looking: &Looking<'_>, text: &str) -> Vec<String> {
    if !CALLS.is_match(text) {
        return Vec::new();
    }
    // A back quote runs what it quotes, or may.
    let mut found: Vec<String> = closure::script::quoted(text, &['\'', '"', '`'])
        .flat_map(|text| text.split(['|', ';', '&']))
        .filter_map(|line| line.split_ascii_whitespace().next())
        .filter(|word| word.len() > 1 && looking.is_command(word.as_bytes()))
        .map(str::to_owned)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Absolute paths that are there, whole.
fn quoted_paths(tree: &Tree, text: &str) -> Vec<(Vec<u8>, NodeId)> {
    let mut found = Vec::new();
    closure::literals::paths(tree, text.as_bytes(), &mut |text, to| {
        found.push((text.to_vec(), to));
    });
    found.sort_unstable();
    found.dedup();
    found
}

/// The paths of a file of settings: absolute ones, with `*` for any part of a name, and those beside the file.
fn settings_paths(tree: &Tree, at: &[u8], text: &str) -> Vec<(Vec<u8>, NodeId)> {
    let beside = path::parent(at);
    let mut found = Vec::new();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with(['#', ';']));
    let words = lines.flat_map(|line| {
        line.split(|c: char| c.is_whitespace() || "\"'`;=,()<>[]{}|&".contains(c))
    });
    for word in words {
        let word = word.trim_end_matches(['.', ':']);
        let word = word.split_once(":/").map_or(word, |(before, after)| {
            if before.is_empty() || before.contains('/') {
                word
            } else {
                &word[word.len() - after.len() - 1..]
            }
        });
        if let Some(inside) = word.strip_prefix('/') {
            found.extend(leads(tree, inside.as_bytes()));
        } else if word.len() > 2 && word.contains(['.', '/']) && !word.contains("..") {
            let at = path::join(beside, word.as_bytes());
            let node = tree
                .resolve(&at)
                .filter(|&node| tree.kind(node) == Kind::File);
            found.extend(node.map(|node| (at, node)));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What a path leads to, `*` standing for any part of a name; for one that is not there, the directory it would be in.
fn leads(tree: &Tree, word: &[u8]) -> Vec<(Vec<u8>, NodeId)> {
    let mut at: Vec<(Vec<u8>, NodeId)> = vec![(Vec::new(), NodeId::ROOT)];
    for (depth, part) in path::components(word).enumerate() {
        let mut next = Vec::new();
        for (text, dir) in at.iter().filter(|(_, dir)| tree.kind(*dir) == Kind::Dir) {
            let inside = tree.path(*dir);
            let mut step = |name: &[u8]| {
                if let Some(node) = tree.resolve(&path::join(&inside, name)) {
                    next.push((path::join(text, name), node));
                }
            };
            if part.contains(&b'*') {
                tree.children(*dir)
                    .filter(|(name, _)| fits(part, name))
                    .for_each(|(name, _)| step(name));
            } else {
                step(part);
            }
        }
        if next.is_empty() {
            // A file that a program makes at run time, in a directory that is there.
            return if depth < 2 { Vec::new() } else { at };
        }
        at = next;
    }
    const DOCUMENTS: &[&[u8]] = &[b"usr/share/doc", b"usr/share/man", b"usr/share/info"];
    at.retain(|(_, node)| {
        let at = tree.path(*node);
        *node != NodeId::ROOT && !DOCUMENTS.iter().any(|dir| path::is_under(&at, dir))
    });
    at
}
