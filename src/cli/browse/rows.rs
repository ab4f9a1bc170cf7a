//! The rows of the tree: which paths are shown for the chosen layers, and what became of each.

use super::model::{Model, Place};

/// What the chosen layers did to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    Added,
    Removed,
    Modified,
    Unmodified,
}

impl Change {
    /// All, in the order of their switches.
    pub(super) const ALL: [Self; 4] =
        [Self::Added, Self::Removed, Self::Modified, Self::Unmodified];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Modified => "modified",
            Self::Unmodified => "unmodified",
        }
    }

    /// For screens without colour.
    pub(super) fn sign(self) -> char {
        match self {
            Self::Added => '+',
            Self::Removed => '-',
            Self::Modified => '~',
            Self::Unmodified => ' ',
        }
    }
}

/// A path for the chosen layers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// `None` for what was not there before and is not there after.
    pub(super) change: Option<Change>,
    /// Bytes, with all under it; of what was removed those before.
    pub(super) bytes: u64,
    /// Wasted bytes, with all under it, in the whole image.
    pub(super) wasted: u64,
    pub(super) is_dir: bool,
}

/// The layers that are looked at: what those from `start` and below `end` did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Looks at every path, by place.
pub(super) fn looks(model: &Model, range: Range) -> Vec<Look> {
    let mut looks: Vec<Look> = (0..model.nodes.len())
        .map(|place| look(model, place, range))
        .collect();
    // A directory comes before what it holds: from the last to the first, each is whole when it is added.
    for place in (1..looks.len()).rev() {
        let Look {
            change,
            bytes,
            wasted,
            ..
        } = looks[place];
        let parent = &mut looks[model.nodes[place].parent];
        parent.wasted += wasted;
        let Some(change) = change else { continue };
        // What was removed is no part of what is there.
        if change != Change::Removed || parent.change == Some(Change::Removed) {
            parent.bytes += bytes;
        }
        if change != Change::Unmodified && parent.change == Some(Change::Unmodified) {
            parent.change = Some(Change::Modified);
        }
    }
    looks
}

fn look(model: &Model, place: Place, range: Range) -> Look {
    let before = model.thing(place, range.start);
    let after = model.thing(place, range.end);
    let is_root = place == 0;
    let change = match (before, after) {
        _ if is_root => Some(Change::Unmodified),
        (None, None) => None,
        (None, Some(_)) => Some(Change::Added),
        (Some(_), None) => Some(Change::Removed),
        (Some(before), Some(after)) => {
            let is_touched = model.is_touched(place, range.start, range.end);
            // A directory that a layer names again to hold something else is the same one.
            let is_same = before.is_dir && before == after;
            Some(if is_touched && !is_same {
                Change::Modified
            } else {
                Change::Unmodified
            })
        }
    };
    let thing = after.or(before);
    Look {
        change,
        bytes: thing.map_or(0, |thing| thing.bytes),
        wasted: model.nodes[place].wasted,
        is_dir: is_root || thing.is_some_and(|thing| thing.is_dir),
    }
}

/// Which paths are shown.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    /// By [`Change::ALL`].
    pub(super) changes: [bool; 4],
    /// Only paths that waste bytes.
    pub(super) wasted: bool,
    /// Only paths that hold this text, without regard to case; all where empty.
    pub(super) text: String,
    pub(super) by_size: bool,
}

/// The places of the rows, top to bottom; `is_open` tells which directories show what they hold.
pub(super) fn rows(
    model: &Model,
    looks: &[Look],
    filter: &Filter,
    is_open: impl Fn(Place) -> bool,
) -> Vec<Place> {
    let shown = shown(model, looks, filter);
    let mut rows = Vec::new();
    let mut stack = children(model, looks, filter, 0);
    while let Some(place) = stack.pop() {
        if !shown[place] {
            continue;
        }
        rows.push(place);
        if looks[place].is_dir && is_open(place) {
            stack.extend(children(model, looks, filter, place));
        }
    }
    rows
}

/// A path is shown if it passes itself, or something that it holds does.
fn shown(model: &Model, looks: &[Look], filter: &Filter) -> Vec<bool> {
    let wanted = filter.text.to_lowercase();
    let mut shown: Vec<bool> = (0..looks.len())
        .map(|place| {
            let look = &looks[place];
            let Some(change) = look.change else {
                return filter.wasted
                    && model.nodes[place].wasted > 0
                    && fits(model, place, &wanted);
            };
            filter.changes[change as usize]
                && (!filter.wasted || model.nodes[place].wasted > 0)
                && fits(model, place, &wanted)
        })
        .collect();
    for place in (1..shown.len()).rev() {
        let parent = model.nodes[place].parent;
        shown[parent] |= shown[place];
    }
    shown
}

fn fits(model: &Model, place: Place, wanted: &str) -> bool {
    let node = &model.nodes[place];
    let text = node.text.as_deref().unwrap_or(&node.name);
    wanted.is_empty() || text.to_lowercase().contains(wanted)
}

/// What a directory holds, the last first, as a stack takes it.
fn children(model: &Model, looks: &[Look], filter: &Filter, place: Place) -> Vec<Place> {
    let mut children = model.nodes[place].children.clone();
    if filter.by_size {
        let weight = |place: &Place| match filter.wasted {
            true => looks[*place].wasted,
            false => looks[*place].bytes,
        };
        children.sort_by_key(|place| std::cmp::Reverse(weight(place)));
    }
    children.reverse();
    children
}
