//! What is shown, and what keys do to it. It knows no terminal.

use std::collections::{BTreeMap, HashSet};

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::keys::{Action, action};
use super::marks::{self, Mark};
use super::model::{Model, Place};
use super::rows::{self, Filter, Look, Range};

/// Where keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Focus {
    Layers,
    Tree,
}

/// What comes after a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Stay,
    Leave,
    /// Write [`State::rules`] and tell [`State::written`].
    Write,
}

/// All that is shown.
#[derive(Debug)]
pub(super) struct State {
    pub(super) model: Model,
    pub(super) focus: Focus,
    /// The chosen layer.
    pub(super) layer: usize,
    /// Whether the layers between the base layer and the chosen one are taken together.
    pub(super) aggregate: bool,
    pub(super) filter: Filter,
    pub(super) attributes: bool,
    pub(super) searching: bool,
    pub(super) help: bool,
    pub(super) marks: BTreeMap<Place, Mark>,
    pub(super) message: String,
    /// By place.
    pub(super) looks: Vec<Look>,
    /// The rows of the tree, top to bottom.
    pub(super) rows: Vec<Place>,
    /// The chosen row.
    pub(super) cursor: usize,
    /// The first row on the screen.
    pub(super) top: usize,
    /// How many rows the screen has; drawing sets it.
    pub(super) height: usize,
    closed: HashSet<Place>,
    file: String,
    unwritten: bool,
}

impl State {
    /// Shows the base layer, its directories closed; `file` is where rules go.
    pub(super) fn new(model: Model, file: String) -> Self {
        let closed = (1..model.nodes.len()).filter(|&place| model.nodes[place].depth > 0);
        let mut state = Self {
            closed: closed.collect(),
            model,
            focus: Focus::Layers,
            layer: 0,
            aggregate: false,
            filter: Filter {
                changes: [true; 4],
                wasted: false,
                text: String::new(),
                by_size: false,
            },
            attributes: true,
            searching: false,
            help: false,
            marks: BTreeMap::new(),
            message: String::new(),
            looks: Vec::new(),
            rows: Vec::new(),
            cursor: 0,
            top: 0,
            height: 20,
            file,
            unwritten: false,
        };
        state.look();
        state
    }

    /// Whether a directory shows what it holds: while somebody searches, all that holds what was found does.
    pub(super) fn is_open(&self, place: Place) -> bool {
        !self.filter.text.is_empty() || !self.closed.contains(&place)
    }

    /// The chosen path.
    pub(super) fn chosen(&self) -> Option<Place> {
        self.rows.get(self.cursor).copied()
    }

    /// The layers that are looked at.
    pub(super) fn range(&self) -> Range {
        let start = if self.aggregate { 1 } else { self.layer };
        Range {
            start: start.min(self.layer),
            end: self.layer + 1,
        }
    }

    /// The marks as rules.
    pub(super) fn rules(&self) -> String {
        let marks = self.marks.iter();
        let text = |(place, mark): (&Place, &Mark)| Some((self.text(*place)?, *mark));
        marks::rules(&marks.filter_map(text).collect::<Vec<_>>())
    }

    /// Takes note of what became of the rules.
    pub(super) fn written(&mut self, written: Result<(), String>) {
        self.message = match written {
            Ok(()) => {
                self.unwritten = false;
                let count = std::mem::take(&mut self.marks).len();
                format!("added rules for {count} marked to {}", self.file)
            }
            Err(fault) => fault,
        };
    }

    /// Does what a key asks for.
    pub(super) fn press(&mut self, key: KeyEvent) -> Step {
        if self.searching {
            return self.type_search(key);
        }
        let Some(action) = action(key, self.focus) else {
            return Step::Stay;
        };
        let asked_before = std::mem::take(&mut self.message) == LEAVING;
        if self.help && action != Action::Leave {
            self.help = false;
            return Step::Stay;
        }
        match action {
            Action::Leave if self.unwritten && !asked_before => {
                LEAVING.clone_into(&mut self.message);
            }
            Action::Leave => return Step::Leave,
            Action::Help => self.help = true,
            Action::OtherPane => {
                self.focus = match self.focus {
                    Focus::Layers => Focus::Tree,
                    Focus::Tree => Focus::Layers,
                };
            }
            Action::Write if self.marks.is_empty() => {
                self.message = "nothing is marked: x marks what goes, K what stays".into();
            }
            Action::Write => return Step::Write,
            Action::Search => {
                self.searching = true;
                self.focus = Focus::Tree;
            }
            Action::Back if !self.filter.text.is_empty() => {
                self.filter.text.clear();
                self.show();
            }
            Action::Back => {}
            other => self.change(other),
        }
        Step::Stay
    }

    /// Actions that change what is shown.
    fn change(&mut self, action: Action) {
        match action {
            Action::Aggregate | Action::OneLayer => {
                self.aggregate = action == Action::Aggregate;
                self.look();
            }
            Action::Show(change) => {
                let shown = &mut self.filter.changes[change as usize];
                *shown = !*shown;
                self.show();
            }
            Action::Wasted => {
                self.filter.wasted = !self.filter.wasted;
                self.show();
            }
            Action::Sort => {
                self.filter.by_size = !self.filter.by_size;
                self.show();
            }
            Action::Attributes => self.attributes = !self.attributes,
            Action::MarkRemove => self.mark(Mark::Remove),
            Action::MarkKeep => self.mark(Mark::Keep),
            Action::ToggleAll => self.toggle_all(),
            Action::Toggle | Action::Open | Action::Close if self.focus == Focus::Tree => {
                self.fold(action);
            }
            other if self.focus == Focus::Layers => {
                let last = self.model.layers.saturating_sub(1);
                let layer = moved(other, self.layer, last, 5);
                if layer != self.layer {
                    self.layer = layer;
                    self.look();
                }
            }
            other => {
                let last = self.rows.len().saturating_sub(1);
                self.cursor = moved(other, self.cursor, last, self.height.max(2) - 1);
            }
        }
        self.scroll();
    }

    fn fold(&mut self, action: Action) {
        let Some(place) = self.chosen() else { return };
        let is_dir = self.looks[place].is_dir;
        let is_open = self.is_open(place);
        match action {
            Action::Open if is_dir => drop(self.closed.remove(&place)),
            Action::Close if is_dir && is_open && self.filter.text.is_empty() => {
                self.closed.insert(place);
            }
            // From what cannot be closed to the directory around it.
            Action::Close => {
                let parent = self.model.nodes[place].parent;
                let row = self.rows.iter().position(|&row| row == parent);
                self.cursor = row.unwrap_or(self.cursor);
                return;
            }
            Action::Toggle if is_dir && is_open => drop(self.closed.insert(place)),
            Action::Toggle if is_dir => drop(self.closed.remove(&place)),
            _ => return,
        }
        self.show();
    }

    fn toggle_all(&mut self) {
        let dirs = (1..self.looks.len()).filter(|&place| self.looks[place].is_dir);
        let dirs: Vec<Place> = dirs.collect();
        if dirs.iter().all(|place| self.closed.contains(place)) {
            self.closed.clear();
        } else {
            self.closed.extend(dirs);
        }
        self.show();
    }

    fn mark(&mut self, mark: Mark) {
        let Some(place) = self.chosen() else { return };
        if self.text(place).is_none() {
            self.message = "no glob can name this path: its bytes are no text".into();
            return;
        }
        if self.marks.get(&place) == Some(&mark) {
            self.marks.remove(&place);
        } else {
            self.marks.insert(place, mark);
        }
        self.unwritten = !self.marks.is_empty();
        let last = self.rows.len().saturating_sub(1);
        self.cursor = (self.cursor + 1).min(last);
    }

    fn text(&self, place: Place) -> Option<&str> {
        self.model.nodes[place].text.as_deref()
    }

    fn type_search(&mut self, key: KeyEvent) -> Step {
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if is_control => return Step::Leave,
            KeyCode::Enter | KeyCode::Down | KeyCode::Tab => self.searching = false,
            KeyCode::Esc => {
                self.searching = false;
                self.filter.text.clear();
            }
            KeyCode::Backspace => drop(self.filter.text.pop()),
            KeyCode::Char(letter) if !is_control => self.filter.text.push(letter),
            _ => return Step::Stay,
        }
        self.show();
        Step::Stay
    }

    /// Looks at the paths anew, for other layers.
    fn look(&mut self) {
        self.looks = rows::looks(&self.model, self.range());
        self.show();
    }

    /// Makes the rows anew; the chosen path stays chosen where it is still shown.
    fn show(&mut self) {
        let chosen = self.chosen();
        let is_open = |place| self.is_open(place);
        self.rows = rows::rows(&self.model, &self.looks, &self.filter, is_open);
        let kept = chosen.and_then(|place| self.rows.iter().position(|&row| row == place));
        self.cursor = kept.unwrap_or(self.cursor.min(self.rows.len().saturating_sub(1)));
        self.scroll();
    }

    /// Brings the chosen row onto the screen.
    pub(super) fn scroll(&mut self) {
        let height = self.height.max(1);
        self.top = self.top.min(self.cursor);
        self.top = self.top.max((self.cursor + 1).saturating_sub(height));
    }
}

const LEAVING: &str = "marks are not written: w writes them, q again leaves";

fn moved(action: Action, from: usize, last: usize, page: usize) -> usize {
    match action {
        Action::Up => from.saturating_sub(1),
        Action::Down => (from + 1).min(last),
        Action::PageUp => from.saturating_sub(page),
        Action::PageDown => (from + page).min(last),
        Action::First => 0,
        Action::Last => last,
        _ => from,
    }
}

#[cfg(test)]
mod tests;
