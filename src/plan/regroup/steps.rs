//! What the source's history tells of changing together: files that a build step dated it dates anew whenever it runs, and
//! small layers on top are what a build changes last.
//!
//! Where there is no history, or the layers are from elsewhere, nothing is told and names decide.

use std::collections::BTreeSet;

use serde_json::Value;
use toml::value::{Datetime, Offset};

use crate::image::{Image, LayerSource};
use crate::layer::Kind;
use crate::tree::{NodeId, Tree};

use super::super::Subject;
use super::class::Class;
use super::group::LARGE;

/// What history says of layers that are made by what they hold (`created_by`); its `comment` is the layer's title.
pub const MADE: &str = "oci-slim regroup";

/// Among fewer layers than these there is no room for those of steps.
const FEW: usize = 16;

/// So many layers at most where few bytes count more than small updates: what is alike lies together, whichever step made it.
pub(in super::super) const FOR_SIZE: usize = FEW - 1;

/// 2000-01-01: an earlier time is one that a reproducible build put in place of all others, and tells nothing.
const FIRST: i64 = 946_684_800;

/// The build steps that made the source's layers, base layer first.
#[derive(Clone, Debug, Default)]
pub struct Steps(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Unknown,
    /// When it began, in seconds since the epoch: the step before it was done.
    Began(i64),
    /// No step: a layer that an earlier run made, with its title.
    Made(String),
}

impl Steps {
    /// Reads the history of an image.
    pub fn of(image: &Image) -> Self {
        let rows = image.config.value["history"].as_array();
        let rows = rows.map_or(&[][..], Vec::as_slice);
        let step = |layer: &LayerSource| layer.history.map_or(Step::Unknown, |row| step(rows, row));
        Self(image.layers.iter().map(step).collect())
    }

    /// What is told to a result of at most `max` layers.
    pub(super) fn among(&self, max: usize) -> Self {
        match max {
            FEW.. => self.clone(),
            _ => Self::default(),
        }
    }

    /// The name of the step that dated a file, whose time in the result is `time` where it is not its own.
    pub(super) fn dated(&self, tree: &Tree, node: NodeId, time: Option<i64>) -> Option<Vec<u8>> {
        let at = tree.data(node).or(tree.made_by(node))?;
        let layer = usize::from(at.layer);
        match self.0.get(layer)? {
            Step::Unknown => None,
            Step::Began(began) => {
                let is_later = time.unwrap_or(tree.entry(at).mtime) > *began;
                is_later.then(|| format!("layer {:02}", layer + 1).into_bytes())
            }
            Step::Made(title) => Class::Built.name_in(title).map(Vec::from),
        }
    }

    /// The layers on top, at most a quarter of `max`, that are smaller than what has a layer of its own: they stay as they are.
    pub(super) fn tops(&self, subject: &Subject<'_>, max: usize) -> BTreeSet<usize> {
        let mut tops = BTreeSet::new();
        if max < FEW {
            return tops;
        }
        let sizes = sizes(subject);
        for (layer, step) in self.0.iter().enumerate().rev() {
            let (Step::Began(_), Some(size)) = (step, sizes[layer]) else {
                break;
            };
            if size.bytes >= LARGE || tops.len() == max / 4 {
                break;
            }
            if size.entries > 0 {
                tops.insert(layer);
            }
        }
        tops
    }
}

/// Whether one of these layers says what a path is.
pub(super) fn is_made_by(tree: &Tree, node: NodeId, layers: &BTreeSet<usize>) -> bool {
    let made = tree.made_by(node);
    made.is_some_and(|at| layers.contains(&usize::from(at.layer)))
}

fn step(rows: &[Value], row: usize) -> Step {
    if rows[row]["created_by"] == MADE {
        let title = rows[row]["comment"].as_str().unwrap_or_default();
        return Step::Made(title.to_owned());
    }
    let before = row.checked_sub(1).map(|before| &rows[before]["created"]);
    let began = before.and_then(|created| seconds(created.as_str()?));
    let told = began.filter(|&began| began >= FIRST);
    told.map_or(Step::Unknown, Step::Began)
}

/// Seconds since the epoch of a time as configs have it (RFC 3339).
fn seconds(created: &str) -> Option<i64> {
    let Datetime {
        date: Some(date),
        time: Some(time),
        offset,
    } = created.parse().ok()?
    else {
        return None;
    };
    let minutes = match offset? {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let days = days(date.year.into(), date.month.into(), date.day.into());
    let second = i64::from(time.second.unwrap_or(0));
    let minute = i64::from(time.minute) - minutes;
    Some(((days * 24 + i64::from(time.hour)) * 60 + minute) * 60 + second)
}

/// Days from the epoch to a date of the Gregorian calendar, whose years are taken to begin in March: the leap day is their last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = match month {
        ..3 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    const FIRST_OF_MARCH_0000: i64 = -719_468;
    FIRST_OF_MARCH_0000 + 365 * year + leap_days + (153 * month + 2) / 5 + day - 1
}

/// What a layer says of the result: how many bytes of files, and of how many paths.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    bytes: u64,
    entries: usize,
}

/// By layer; `None` where a file has a name in another layer, which must not be torn from it.
fn sizes(subject: &Subject<'_>) -> Vec<Option<Size>> {
    let tree = subject.tree;
    let mut sizes = vec![Some(Size::default()); tree.layers().len()];
    for node in std::iter::once(NodeId::ROOT).chain(tree.walk()) {
        if node != NodeId::ROOT && !subject.stays(node) {
            continue;
        }
        let Some(at) = tree.made_by(node) else {
            continue;
        };
        let is_here = |name: NodeId| tree.made_by(name).is_some_and(|by| by.layer == at.layer);
        let names = tree.names(node);
        let are_here = || {
            let mut names = names.iter();
            names.all(|&name| is_here(name) || !subject.stays(name))
        };
        let is_whole = tree.kind(node) == Kind::Dir
            || (tree.data(node).is_none_or(|data| data.layer == at.layer) && are_here());
        let size = &mut sizes[usize::from(at.layer)];
        match size {
            Some(size) if is_whole => {
                size.entries += 1;
                size.bytes += tree.size(node);
            }
            _ => *size = None,
        }
    }
    sizes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn seconds_of_times() {
        for (created, is) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1969-12-31T23:59:59Z", Some(-1)),
            ("2000-02-29T12:00:00Z", Some(951_825_600)),
            ("2000-03-01T00:00:00Z", Some(951_868_800)),
            ("2026-11-21T21:28:43.461151944Z", Some(1_795_296_523)),
            ("2026-11-21T21:28:43+01:30", Some(1_795_291_123)),
            ("2026-11-21", None),
            ("2026-11-21T21:28:43", None),
            ("yesterday", None),
            ("0001-01-01T00:00:00Z", Some(-62_135_596_800)),
        ] {
            assert_eq!(seconds(created), is, "{created}");
        }
    }

    #[test]
    fn a_step_begins_when_the_one_before_is_done() {
        let rows = [
            json!({ "created": "2000-01-01T00:00:05Z" }),
            json!({ "created": "2000-01-01T00:00:09Z", "empty_layer": true }),
            json!({ "created": "1970-01-01T00:00:01Z" }),
            json!({ "created_by": MADE, "comment": "system" }),
            json!({ "created": "2000-01-01T00:00:30Z" }),
        ];
        let steps: Vec<Step> = (0..rows.len()).map(|row| step(&rows, row)).collect();
        let began = |after| Step::Began(FIRST + after);
        let made = Step::Made("system".into());
        assert_eq!(
            steps,
            [Step::Unknown, began(5), began(9), made, Step::Unknown]
        );
    }
}
