//! Which bytes go where: from the tree and the decisions to output layers, each a list of pieces. Pure: no I/O.

mod clamp;
mod keep;
mod links;
mod markers;
mod mode;
mod predict;
mod regroup;
mod restore;
mod settle;
mod squash;
mod tables;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::path;
use crate::rules::{Decisions, Edit};
use crate::tree::{EntryRef, NodeId, Tree};

pub use clamp::clamped;
pub(crate) use mode::LAYERS;
pub use mode::Mode;
pub use predict::{Aim, Forecast, predict};
pub use regroup::{Follower, MADE, Marks, Owners, Steps, Taken};
pub use restore::restoring;
pub use settle::{Withdrawn, settle, with_what_it_leans_on};
pub use tables::{TABLE_ANNOTATION, remove_stale_tables};

/// A part of an output layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bytes of an inflated source layer, whole entries.
    Copy {
        /// The source layer, base layer first.
        layer: u16,
        /// Its inflated bytes.
        span: Range<u64>,
    },
    /// An entry made from a source entry, with something changed.
    Remade(Box<Remade>),
    /// A whiteout of this path.
    Whiteout(Vec<u8>),
    /// A directory that no entry describes, and that nothing in it implies any more.
    Directory(Vec<u8>),
    /// A directory with owner, mode and attributes of a source entry but no time: an upper layer describes it as it is.
    Parent {
        /// The entry that describes it.
        from: EntryRef,
        /// Its path.
        path: Vec<u8>,
    },
}

impl Piece {
    /// How many bytes of a source layer it has, inflated, but for those of a remade entry.
    pub fn copied(&self) -> u64 {
        match self {
            Self::Copy { span, .. } => span.end - span.start,
            _ => 0,
        }
    }
}

/// A source entry with something changed; what is `None` stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remade {
    /// The entry whose headers are taken.
    pub from: EntryRef,
    /// The path it gets.
    pub path: Option<Vec<u8>>,
    /// What a link gets to name.
    pub target: Option<Vec<u8>>,
    /// The bytes it gets.
    pub content: Content,
    /// The time it gets, in seconds since the epoch.
    pub mtime: Option<i64>,
}

/// The bytes of a remade entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Those that the source entry stores: none for a link.
    Stored,
    /// New ones.
    New(Arc<[u8]>),
}

/// An output layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannedLayer {
    /// A source layer as it is: the same blob.
    Unchanged {
        /// The source layer.
        layer: usize,
    },
    /// A layer to be written.
    Rewritten {
        /// The source layers in whose place it comes, in order.
        from: Vec<usize>,
        /// What it holds, in order.
        pieces: Vec<Piece>,
        /// What is in it, where layers are made by what they hold.
        holds: Option<Holds>,
    },
}

/// What a layer holds that is made by that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holds {
    /// For people.
    pub title: String,
    /// Whether large parts of it may be in it twice.
    pub repeats: bool,
}

impl PlannedLayer {
    /// The source layers in whose place it comes.
    pub fn from(&self) -> &[usize] {
        match self {
            Self::Unchanged { layer } => std::slice::from_ref(layer),
            Self::Rewritten { from, .. } => from,
        }
    }
}

/// The layers of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Base layer first.
    pub layers: Vec<PlannedLayer>,
    /// The source layers from which everything went.
    pub emptied: Vec<usize>,
}

impl Plan {
    /// Plans the result. `pinned` layers stay as they are whatever goes; the decisions must be settled for them.
    pub fn new(tree: &Tree, decisions: &Decisions, mode: Mode, pinned: &BTreeSet<usize>) -> Self {
        let count = tree.layers().len();
        let base = match mode {
            // Layers of groups are made by [`Plan::regrouped`].
            Mode::Keep | Mode::Regroup(_) | Mode::Auto => count,
            Mode::Squash => 0,
            Mode::SquashAbove(base) => base.min(count),
        };
        let stays = |layer: usize| {
            pinned.contains(&layer) || (matches!(mode, Mode::SquashAbove(_)) && layer < base)
        };
        // One layer alone has nothing to join: cutting in place leaves it as it is when nothing goes.
        let joined: Vec<usize> = if count - base < 2 {
            Vec::new()
        } else {
            (base..count).collect()
        };
        let subject = Subject::new(tree, decisions, joined.first().copied());
        let mut plan = Self {
            layers: Vec::new(),
            emptied: Vec::new(),
        };
        let mut links = links::Links::default();
        let last = (0..count).rfind(|&layer| !stays(layer));
        let mut hidden = markers::Hidden::new(last.unwrap_or(0));
        for layer in (0..count).filter(|layer| !joined.contains(layer)) {
            if stays(layer) {
                links.pass(&subject, layer);
                plan.layers.push(PlannedLayer::Unchanged { layer });
                hidden.keep(&subject, layer);
                continue;
            }
            let whiteouts = hidden.by(&subject, &[layer]);
            plan.enter(layer, keep::rewrite(&subject, layer, whiteouts, &mut links));
        }
        if !joined.is_empty() {
            let whiteouts = hidden.by(&subject, &joined);
            let pieces = squash::join(&subject, &joined, whiteouts, &mut links);
            plan.layers.push(PlannedLayer::Rewritten {
                from: joined,
                pieces,
                holds: None,
            });
        }
        plan.ensure_a_layer();
        plan
    }

    fn enter(&mut self, layer: usize, pieces: Option<Vec<Piece>>) {
        match pieces {
            None => self.layers.push(PlannedLayer::Unchanged { layer }),
            Some(pieces) if pieces.is_empty() => self.emptied.push(layer),
            Some(pieces) => self.layers.push(PlannedLayer::Rewritten {
                from: vec![layer],
                pieces,
                holds: None,
            }),
        }
    }

    /// An image must have a layer (image-spec manifest.md): when all is gone, an empty one stands for the last.
    fn ensure_a_layer(&mut self) {
        if self.layers.is_empty()
            && let Some(layer) = self.emptied.pop()
        {
            self.layers.push(PlannedLayer::Rewritten {
                from: vec![layer],
                pieces: Vec::new(),
                holds: None,
            });
        }
    }
}

/// What a plan is made of, with the way back from entries to paths.
struct Subject<'a> {
    tree: &'a Tree,
    decisions: &'a Decisions,
    /// By layer and entry: the path that the entry wrote.
    written: Vec<Vec<Option<NodeId>>>,
    /// The new bytes of files, by the entry that holds the old ones: all names of a file get them.
    contents: HashMap<EntryRef, Arc<[u8]>>,
    /// From this layer on, entries are put in another order.
    joined: Option<usize>,
    /// What gets another time.
    late: HashSet<NodeId>,
    /// The directories that no entry describes, in the order of the tree: once they are asked for.
    implied: OnceLock<Vec<NodeId>>,
}

impl<'a> Subject<'a> {
    fn new(tree: &'a Tree, decisions: &'a Decisions, joined: Option<usize>) -> Self {
        let mut written: Vec<Vec<Option<NodeId>>> = tree
            .layers()
            .iter()
            .map(|entries| vec![None; entries.list().len()])
            .collect();
        for &(node, event) in tree.events() {
            if let crate::tree::Event::Wrote(at) = event {
                written[usize::from(at.layer)][at.entry as usize] = Some(node);
            }
        }
        let contents = decisions
            .edits()
            .filter_map(|(node, _, edit)| match edit {
                Edit::Content(bytes) => Some((tree.data(node)?, Arc::clone(bytes))),
                Edit::Target(_) => None,
            })
            .collect();
        Self {
            tree,
            decisions,
            written,
            contents,
            joined,
            late: clamp::clamped(tree, decisions),
            implied: OnceLock::new(),
        }
    }

    /// The new bytes for the file whose old ones the entry at `data` holds.
    fn new_content(&self, data: EntryRef) -> Option<Content> {
        self.contents.get(&data).cloned().map(Content::New)
    }

    /// The time that a path gets; `None` where it keeps its own.
    fn time(&self, node: NodeId) -> Option<i64> {
        self.decisions.latest.filter(|_| self.late.contains(&node))
    }

    /// The path that an entry wrote; `None` for markers.
    fn node(&self, at: EntryRef) -> Option<NodeId> {
        self.written[usize::from(at.layer)][at.entry as usize]
    }

    /// The path that an entry is to be given where its own no longer leads to `node`: it led there through a symbolic
    /// link that the result does not have, or not below this entry.
    fn respelled(&self, at: EntryRef, node: NodeId) -> Option<Vec<u8>> {
        let written = self.tree.layers()[usize::from(at.layer)].path(self.tree.entry(at));
        if self.tree.is_at(node, written) {
            return None;
        }
        let reordered = self
            .joined
            .is_some_and(|first| usize::from(at.layer) >= first);
        let leads_there = self
            .tree
            .hops(path::parent(written))
            .and_then(|mut hops| {
                let dir = hops.pop()?;
                let is_below = |&link: &NodeId| {
                    self.stays(link) && self.tree.made_by(link).is_some_and(|made| made < at)
                };
                Some(dir == self.tree.parent(node) && hops.iter().all(is_below))
            })
            .unwrap_or(false);
        (reordered || !leads_there).then(|| self.tree.path(node))
    }

    /// The directories first implied in one of `layers` that no entry describes and in which nothing stays.
    fn bare(&self, layers: &[usize]) -> impl Iterator<Item = Piece> {
        let is_implied = |&node: &NodeId| self.tree.made_by(node).is_none();
        let implied = self
            .implied
            .get_or_init(|| self.tree.walk().filter(is_implied).collect());
        implied
            .iter()
            .filter(|&&node| {
                layers.contains(&usize::from(self.tree.since(node)))
                    && self.stays(node)
                    && self.is_empty(node)
            })
            .map(|&node| Piece::Directory(self.tree.path(node)))
    }

    /// Whether the result shows nothing in a directory.
    fn is_empty(&self, node: NodeId) -> bool {
        let mut children = self.tree.children(node);
        !children.any(|(_, child)| self.stays(child))
    }

    /// Whether the result shows the path.
    fn stays(&self, node: NodeId) -> bool {
        self.tree.is_visible(node) && self.decisions.removed(node).is_none()
    }

    /// The entries of a layer, numbered.
    fn entries(&self, layer: usize) -> impl Iterator<Item = EntryRef> + use<> {
        let count = u32::try_from(self.written[layer].len()).expect("the scan bounds entries");
        let layer = u16::try_from(layer).expect("the merge bounds layers");
        (0..count).map(move |entry| EntryRef { layer, entry })
    }
}

/// Adds an entry as it is, but for its path where that no longer leads to `node`.
fn push_as_it_is(subject: &Subject<'_>, pieces: &mut Vec<Piece>, at: EntryRef, node: NodeId) {
    match (subject.respelled(at, node), subject.time(node)) {
        (None, None) => push_copy(pieces, subject.tree, at),
        (path, mtime) => pieces.push(Piece::Remade(Box::new(Remade {
            from: at,
            path,
            target: None,
            content: Content::Stored,
            mtime,
        }))),
    }
}

/// Adds an entry as it is, joining it to the piece before where the bytes lie side by side.
fn push_copy(pieces: &mut Vec<Piece>, tree: &Tree, at: EntryRef) {
    let next = tree.entry(at).span();
    match pieces.last_mut() {
        Some(Piece::Copy { layer, span }) if *layer == at.layer && span.end == next.start => {
            span.end = next.end;
        }
        _ => pieces.push(Piece::Copy {
            layer: at.layer,
            span: next,
        }),
    }
}
