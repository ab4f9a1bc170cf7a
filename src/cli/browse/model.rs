//! An image as it is browsed: every path that ever was, with what each layer did to it.

use crate::layer::Kind;
use crate::path;
use crate::report::{Hidden, hidden};
use crate::study::Browsed;
use crate::tree::{Event, NodeId, Tree};

/// A path by its place in [`Model::nodes`].
pub(super) type Place = usize;

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Thing {
    pub(super) is_dir: bool,
    /// Bytes in the layer; 0 for what is no regular file, and for further names of a file.
    pub(super) bytes: u64,
    /// `drwxr-xr-x`.
    pub(super) mode: String,
    /// `0:0`.
    pub(super) owner: String,
    /// Where a link leads.
    pub(super) target: Option<String>,
}

/// A path.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: String,
    /// The path as bytes of text; `None` where they are none, so that no glob can name it.
    pub(super) text: Option<String>,
    pub(super) parent: Place,
    pub(super) depth: usize,
    /// By name.
    pub(super) children: Vec<Place>,
    /// By layer, base layer first: what came to be there, `None` where it went.
    pub(super) life: Vec<(usize, Option<Thing>)>,
    /// Bytes that lower layers hold of it and no container sees.
    pub(super) wasted: u64,
}

/// All paths, each after the directory that holds it; the first is the root.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) nodes: Vec<Node>,
    pub(super) layers: usize,
}

impl Model {
    pub(super) fn new(browsed: &Browsed) -> Self {
        let tree = &browsed.tree;
        let hidden = hidden(tree);
        let mut nodes: Vec<Node> = Vec::with_capacity(tree.len());
        let mut stack = vec![(NodeId::ROOT, 0, 0)];
        while let Some((at, parent, depth)) = stack.pop() {
            let place = nodes.len();
            if place > 0 {
                nodes[parent].children.push(place);
            }
            nodes.push(Node {
                name: path::display(tree.name(at)),
                text: String::from_utf8(tree.path(at)).ok(),
                parent,
                depth,
                children: Vec::new(),
                life: life(tree, at),
                wasted: wasted(&hidden, at),
            });
            let below = stack.len();
            let children = tree.all_children(at);
            stack.extend(children.map(|(_, child)| (child, place, depth + 1)));
            stack[below..].reverse();
        }
        Self {
            nodes,
            layers: browsed.layers.len(),
        }
    }

    /// What is at a path after the layers below `end`.
    pub(super) fn thing(&self, place: Place, end: usize) -> Option<&Thing> {
        let life = &self.nodes[place].life;
        let before = life.iter().rfind(|(layer, _)| *layer < end);
        before.and_then(|(_, thing)| thing.as_ref())
    }

    /// Whether layers from `start` and below `end` wrote a path.
    pub(super) fn is_touched(&self, place: Place, start: usize, end: usize) -> bool {
        let mut life = self.nodes[place].life.iter();
        life.any(|(layer, _)| (start..end).contains(layer))
    }
}

fn wasted(hidden: &[Hidden], node: NodeId) -> u64 {
    let from = hidden.partition_point(|one| one.node < node);
    let own = hidden[from..].iter().take_while(|one| one.node == node);
    own.map(|one| one.bytes).sum()
}

fn life(tree: &Tree, node: NodeId) -> Vec<(usize, Option<Thing>)> {
    tree.life(node)
        .map(|event| match event {
            Event::Wrote(at) => {
                let entry = tree.entry(at);
                let target = tree.layers()[usize::from(at.layer)].target(entry);
                let thing = Thing {
                    is_dir: entry.kind == Kind::Dir,
                    bytes: if entry.kind == Kind::File {
                        entry.stored
                    } else {
                        0
                    },
                    mode: mode(entry.kind, entry.mode),
                    owner: format!("{}:{}", entry.uid, entry.gid),
                    target: (!target.is_empty()).then(|| path::display(target)),
                };
                (usize::from(at.layer), Some(thing))
            }
            Event::Implied { layer } => {
                let thing = Thing {
                    is_dir: true,
                    bytes: 0,
                    mode: mode(Kind::Dir, 0o755),
                    owner: "0:0".into(),
                    target: None,
                };
                (usize::from(layer), Some(thing))
            }
            Event::Deleted { by } => (usize::from(by.layer), None),
        })
        .collect()
}

/// As `ls -l` shows it.
fn mode(kind: Kind, bits: u32) -> String {
    let mut text = String::from(match kind {
        Kind::Dir => "d",
        Kind::Symlink => "l",
        Kind::CharDevice => "c",
        Kind::BlockDevice => "b",
        Kind::Fifo => "p",
        _ => "-",
    });
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits_of = bits >> shift & 7;
        text.push(if bits_of & 4 > 0 { 'r' } else { '-' });
        text.push(if bits_of & 2 > 0 { 'w' } else { '-' });
        text.push(match (bits & special > 0, bits_of & 1 > 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_as_ls_shows_them() {
        for (kind, bits, text) in [
            (Kind::File, 0o644, "-rw-r--r--"),
            (Kind::Dir, 0o1777, "drwxrwxrwt"),
            (Kind::File, 0o4755, "-rwsr-xr-x"),
            (Kind::File, 0o2644, "-rw-r-Sr--"),
            (Kind::Symlink, 0o777, "lrwxrwxrwx"),
        ] {
            assert_eq!(mode(kind, bits), text);
        }
    }
}
