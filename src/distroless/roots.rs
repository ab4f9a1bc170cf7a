//! Where the search begins: what the config and the user name, what a recording saw, and what nobody owns.

use std::sync::Arc;

use crate::closure::trace::Trace;
use crate::layer::Kind;
use crate::path;
use crate::rules::{self, Facts};
use crate::tree::{NodeId, Tree};

use super::look::Role;
use super::search::Search;
use super::settings;
use super::{Options, Subject};

/// Enters what is needed to begin with, the nearest reason first.
pub(super) fn start(
    search: &mut Search<'_>,
    subject: &Subject<'_>,
    tree: &Tree,
    options: &Options,
) {
    begin(search, &subject.inventory.facts, tree);
    for trace in &options.traces {
        trace_in(search, tree, trace);
    }
    preloaded(search, subject, tree);
    settled(search, tree);
}

/// Enters what the config and the user name.
pub(super) fn begin(search: &mut Search<'_>, facts: &Facts, tree: &Tree) {
    for (who, arguments) in [
        ("ENTRYPOINT", &facts.entrypoint),
        ("CMD", &facts.command),
        ("HEALTHCHECK", &facts.healthcheck),
    ] {
        for word in arguments
            .iter()
            .flat_map(|word| rules::argument_words(word, facts))
        {
            search.word(&word, None, &format!("{who} runs `{word}`").into());
        }
    }
    for line in &facts.needs {
        for word in rules::shell_words(line, facts) {
            search.word(&word, None, &format!("`{line}` must run").into());
        }
    }
    for root in facts.roots.iter().filter(|root| root.because != "ONBUILD") {
        if tree.is_visible(root.node) {
            search.named(
                root.node,
                None,
                &format!("{} names it", root.because).into(),
            );
        }
    }
}

/// Enters the words of lists of commands (`Makefile`, `package.json`, supervisord's), as far as nothing else led to them.
pub(super) fn listed(search: &mut Search<'_>, facts: &Facts) {
    for word in facts.commands.iter().flatten() {
        let how = format!("a script that the image starts names `{word}`");
        search.word(word, None, &how.into());
    }
}

/// What was seen in a trace: links, files and directories by themselves; what was started with what it needs.
fn trace_in(search: &mut Search<'_>, tree: &Tree, trace: &Trace) {
    let how: Arc<str> = "a trace shows it".into();
    for path in &trace.paths {
        let hops = tree.hops(path).unwrap_or_default();
        let role = if trace.executed.contains(path) {
            Role::Run
        } else {
            Role::Load
        };
        search.need(&hops, None, &how, role);
    }
}

/// What is loaded before all else, by its path; what is asked for by a name is looked for from each program.
fn preloaded(search: &mut Search<'_>, subject: &Subject<'_>, tree: &Tree) {
    let names = settings::preloaded(tree, subject.inventory.contents, &subject.inventory.facts);
    for name in names.iter().filter(|name| name.contains('/')) {
        let hops = tree.hops(name.as_bytes()).unwrap_or_default();
        search.need(
            &hops,
            None,
            &"it is loaded before all else".into(),
            Role::Load,
        );
    }
}

/// What every container looks at, and what tells scanners and people what it is.
fn settled(search: &mut Search<'_>, tree: &Tree) {
    const ALWAYS: &[&str] = &[
        "etc/passwd",
        "etc/group",
        "etc/nsswitch.conf",
        "etc/os-release",
        "usr/lib/os-release",
        "etc/hosts",
        "etc/resolv.conf",
        "etc/hostname",
        "etc/debian_version",
        "etc/alpine-release",
        "etc/redhat-release",
    ];
    for path in ALWAYS {
        let hops = tree.hops(path.as_bytes()).unwrap_or_default();
        search.need(&hops, None, &"every container has it".into(), Role::Read);
    }
}

/// What no package owns: somebody put it there.
pub(super) fn payload(search: &mut Search<'_>, subject: &Subject<'_>, tree: &Tree, own: &[NodeId]) {
    let how: Arc<str> = "no package owns it".into();
    for &node in own {
        let hops = match tree.kind(node) {
            Kind::Symlink => tree.hops(&tree.path(node)).unwrap_or_else(|| vec![node]),
            _ => vec![node],
        };
        let role = if hops.len() > 1 { Role::Run } else { Role::Own };
        search.need(&[node], None, &how, Role::Own);
        if hops.len() > 1
            && hops
                .last()
                .is_some_and(|&last| tree.kind(last) != Kind::Dir)
        {
            let by: Arc<str> = "leads to it".into();
            search.need(&hops[1..], Some(node), &by, role);
        }
    }
    for (node, keep) in tree
        .walk()
        .filter_map(|node| Some((node, (subject.limits.keep)(node)?)))
    {
        let how: Arc<str> = format!("kept by {keep}").into();
        search.need(&[node], None, &how, Role::Own);
    }
    // Directories hold nothing by themselves; those that a program works in must be there.
    let facts = &subject.inventory.facts;
    for place in facts.volumes.iter().chain([&facts.workdir]) {
        let hops = tree.hops(place).unwrap_or_default();
        search.need(
            &hops,
            None,
            &format!("`/{}` is worked in", path::display(place)).into(),
            Role::Read,
        );
    }
}
