//! The records of packages that stay in part: their lists name what is left, their scripts, which nobody runs, go.

use std::sync::Arc;

use crate::error::Result;
use crate::path;
use crate::rules::{Decisions, Edit};

use super::super::paths::Paths;
use super::super::read_file;
use super::super::removal::Subject;
use super::Dpkg;

/// Rewrites the records of the packages `staying` after what `decisions` say.
pub(crate) fn thin(
    subject: &Subject<'_>,
    records: &Dpkg,
    staying: &mut dyn Iterator<Item = u32>,
    reason: usize,
    decisions: &mut Decisions,
) -> Result<()> {
    let tree = subject.tree;
    let mut paths = Paths::new(tree);
    for number in staying {
        for &file in records.own(number) {
            if decisions.removed(file).is_some() || (subject.limits.frozen)(file) {
                continue;
            }
            let name = tree.name(file);
            let is_list = name.ends_with(b".list");
            if !is_list && !name.ends_with(b".md5sums") {
                if records.status.is_some() {
                    decisions.remove(file, reason);
                }
                continue;
            }
            let before = read_file(tree, subject.contents, file)?;
            let mut after = Vec::with_capacity(before.len());
            for line in before.split_inclusive(|&b| b == b'\n') {
                let text = line.trim_ascii_end();
                // A sum, two spaces, a path.
                let at = if is_list {
                    text
                } else {
                    text.get(34..).unwrap_or_default()
                };
                let at = path::clean(at).unwrap_or_default();
                let node = paths.locate(&at);
                let is_root = is_list && at.is_empty();
                if is_root || node.is_some_and(|node| decisions.removed(node).is_none()) {
                    after.extend_from_slice(line);
                }
            }
            if after != before {
                decisions.edit(file, reason, Edit::Content(Arc::from(after)));
            }
        }
    }
    Ok(())
}
