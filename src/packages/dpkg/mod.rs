//! dpkg's database: `var/lib/dpkg` with `status`, `status.d`, `info`, diversions, alternatives and triggers, and
//! apt's marks.
//!
//! Who goes is decided elsewhere; this module reads the database and writes it again without them.

mod diversions;
mod held;
mod info;
mod paragraph;
mod read;
mod relation;
mod rewrite;
mod thin;
mod version;

pub(crate) use held::held;
pub(crate) use read::read;
pub(crate) use rewrite::rewrite;
pub(crate) use thin::thin;

use std::ops::Range;

use crate::tree::NodeId;

use super::alternatives::Alternative;
use diversions::Diversion;

/// A file of the database, whole.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) node: NodeId,
    pub(crate) bytes: Vec<u8>,
}

/// What the database's own files hold.
#[derive(Debug)]
pub(crate) struct Dpkg {
    /// `var/lib/dpkg`.
    directory: NodeId,
    /// The system's own architecture.
    native: String,
    status: Option<Stored>,
    /// By package: where its paragraph stands in `status`; `None` for one of `status.d`.
    paragraphs: Vec<Option<Range<usize>>>,
    /// By package: its own files in `info` or `status.d`.
    info: Vec<Vec<NodeId>>,
    /// By package: whether what it owns is not told.
    unlisted: Vec<bool>,
    /// apt's marks.
    extended_states: Option<Stored>,
    diversions: Option<(NodeId, Vec<Diversion>)>,
    alternatives: Vec<Alternative>,
}

impl Dpkg {
    /// The file that lists what is installed.
    pub(crate) fn list(&self) -> Option<NodeId> {
        self.status.as_ref().map(|status| status.node)
    }

    /// The files that tell of one package.
    pub(crate) fn own(&self, package: u32) -> &[NodeId] {
        &self.info[package as usize]
    }
}

#[cfg(test)]
mod tests;
