//! Links that lead nowhere, and scripts without their interpreter.

use crate::closure::script;
use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules;
use crate::tree::NodeId;

use super::Pair;
use super::finding::Finding;
use super::opened::is_idle;

pub(super) fn check(pair: &Pair<'_>) -> Result<Vec<Finding>> {
    let (before, after) = (pair.before.tree, pair.after.tree);
    let mut findings = Vec::new();
    for node in after.walk() {
        match after.kind(node) {
            Kind::Symlink => {
                let at = after.path(node);
                let led = before.resolve(&at).map(|node| before.path(node));
                if after.resolve(&at).is_none() && led.is_some_and(|led| !is_idle(&led)) {
                    let text = format!("the link `/{}` leads nowhere any more", path::display(&at));
                    findings.push(Finding::warning("link", text));
                }
            }
            Kind::File if after.is_executable(node) && !is_idle(&after.path(node)) => {
                findings.extend(interpreter(pair, node)?);
            }
            _ => {}
        }
    }
    Ok(findings)
}

/// The interpreter of a script, and what `env` starts.
fn interpreter(pair: &Pair<'_>, node: NodeId) -> Result<Option<Finding>> {
    let head = pair.after.contents.read(node, 256)?;
    let is_lost = |word: &str| {
        if word.contains('/') {
            return pair.lost(word.as_bytes());
        }
        rules::program(word, pair.before.facts, pair.before.tree).is_some()
            && rules::program(word, pair.after.facts, pair.after.tree).is_none()
    };
    let mut words = script::interpreter(&head).into_iter();
    let lost = words.find(|word| is_lost(word));
    Ok(lost.map(|word| {
        let at = pair.after.tree.path(node);
        let is_reached = pair
            .before
            .tree
            .find(&at)
            .is_some_and(|node| pair.found.scripts.iter().any(|(script, _)| *script == node));
        let text = format!(
            "`/{}` is run by `{word}`, which is not there any more",
            path::display(&at)
        );
        if is_reached {
            Finding::error("interpreter", text)
        } else {
            Finding::warning("interpreter", text)
        }
    }))
}
