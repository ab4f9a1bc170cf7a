//! The user that the result runs as: a row in `passwd` and `group` for `nonroot`, as Google's images have it.

use std::sync::Arc;

use crate::error::Result;
use crate::layer::Kind;
use crate::rules::{Decisions, Edit};
use crate::tree::NodeId;

use super::Subject;

/// The name for which rows are added, and its number (GoogleContainerTools/distroless, `common/variables.bzl`).
const NAME: &str = "nonroot";
const ROWS: [(&str, &str); 2] = [
    (
        "etc/passwd",
        "nonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin\n",
    ),
    ("etc/group", "nonroot:x:65532:\n"),
];

/// Adds the rows that `user` needs and that are not there.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn add(
    subject: &Subject<'_>,
    user: Option<&str>,
    reason: usize,
    decisions: &mut Decisions,
) -> Result<()> {
    if user.and_then(|user| user.split(':').next()) != Some(NAME) {
        return Ok(());
    }
    let is_file = |node: &NodeId| subject.inventory.tree.kind(*node) == Kind::File;
    for (at, row) in ROWS {
        let node = subject
            .inventory
            .tree
            .resolve(at.as_bytes())
            .filter(is_file);
        let Some(node) = node.filter(|&node| decisions.removed(node).is_none()) else {
            continue;
        };
        let mut text = match decisions.edited(node) {
            Some((_, Edit::Content(bytes))) => bytes.to_vec(),
            _ => subject.inventory.contents.read(node, 1 << 20)?,
        };
        let has = |line: &[u8]| line.split(|&b| b == b':').next() == Some(NAME.as_bytes());
        if text.split(|&b| b == b'\n').any(has) {
            continue;
        }
        if !text.is_empty() && !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        text.extend_from_slice(row.as_bytes());
        decisions.edit(node, reason, Edit::Content(Arc::from(text)));
    }
    Ok(())
}
