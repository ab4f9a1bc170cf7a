//! What happened to a path, in words.

use serde::Serialize;

use crate::layer::Kind;
use crate::path;
use crate::tree::{EntryRef, Event, NodeId, Tree};

use super::super::count::kind_name;

/// What a layer did to a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LifeRow {
    /// The layer.
    pub layer: usize,
    /// The instruction that made the layer.
    pub instruction: Option<String>,
    /// What it did.
    #[serde(flatten)]
    pub step: Step,
}

/// What was done to a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Step {
    /// An entry made it, in place of what was there.
    Wrote {
        /// `file`, `directory`, `symlink`, `char-device`, `block-device` or `fifo`.
        #[serde(rename = "type")]
        kind: &'static str,
        /// A regular file's bytes in the layer.
        bytes: u64,
        /// Permission bits in octal digits.
        mode: String,
    },
    /// A hard link made it another name of a file.
    Linked {
        /// The name that the link gives.
        to: String,
    },
    /// It became a directory because something lies under it.
    Implied,
    /// It went.
    Deleted {
        /// How: by a whiteout, or by something in place of a directory above.
        how: &'static str,
        /// The path that the whiteout or the other entry names.
        at: String,
    },
}

/// All that happened to a path, base layer first.
pub(super) fn of(tree: &Tree, node: NodeId, instructions: &[Option<String>]) -> Vec<LifeRow> {
    tree.life(node)
        .map(|event| {
            let (layer, step) = step(tree, event);
            let layer = usize::from(layer);
            LifeRow {
                layer,
                instruction: instructions.get(layer).cloned().flatten(),
                step,
            }
        })
        .collect()
}

fn step(tree: &Tree, event: Event) -> (u16, Step) {
    match event {
        Event::Implied { layer } => (layer, Step::Implied),
        Event::Wrote(at) => (at.layer, wrote(tree, at)),
        Event::Deleted { by } => {
            let entry = tree.entry(by);
            let how = match entry.kind {
                Kind::Whiteout => "whiteout",
                Kind::Opaque => "opaque directory",
                _ => "replaced",
            };
            let at = tree.layers()[usize::from(by.layer)].path(entry);
            let at = path::display(at);
            (by.layer, Step::Deleted { how, at })
        }
    }
}

fn wrote(tree: &Tree, at: EntryRef) -> Step {
    let entry = tree.entry(at);
    if entry.kind == Kind::HardLink {
        let target = tree.layers()[usize::from(at.layer)].target(entry);
        return Step::Linked {
            to: path::display(target),
        };
    }
    Step::Wrote {
        kind: kind_name(entry.kind),
        bytes: entry.stored,
        mode: format!("{:04o}", entry.mode),
    }
}
