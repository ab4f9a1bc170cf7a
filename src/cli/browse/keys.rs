//! Which key does what. dive's keys do what they do in dive.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::rows::Change;
use super::state::Focus;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Leave,
    Help,
    OtherPane,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    /// Open a closed directory or close an open one.
    Toggle,
    Open,
    Close,
    /// Close all directories, or open them if all are closed.
    ToggleAll,
    /// Show or hide paths that were changed so.
    Show(Change),
    Wasted,
    /// What the layer alone did.
    OneLayer,
    /// What all layers above the base layer did.
    Aggregate,
    Attributes,
    Sort,
    Search,
    /// Leave the search, or what else stands in the way.
    Back,
    MarkRemove,
    MarkKeep,
    Write,
}

/// The keys as the help shows them.
pub(super) const HELP: [(&str, &str); 19] = [
    ("Tab", "the other pane"),
    ("↑ ↓ j k", "up, down"),
    ("PgUp PgDn, u d", "a page up, down"),
    ("g G, Home End", "first, last"),
    ("Space Enter", "open or close a directory"),
    ("← → h l", "close, open; left again: the directory around"),
    ("Ctrl+Space, z", "close all directories, or open all"),
    (
        "Ctrl+A R M U, 1 2 3 4",
        "in the tree: added, removed, modified, unmodified paths",
    ),
    ("5, W", "only paths of which lower layers waste bytes"),
    (
        "Ctrl+A, a",
        "in the layers: what all layers up to this one did",
    ),
    ("Ctrl+L, L", "in the layers: what this layer alone did"),
    ("Ctrl+B, b", "modes, owners and sizes"),
    ("Ctrl+O, s", "sort by size, or by name"),
    ("Ctrl+F, /", "search: a part of a path; Esc ends it"),
    ("x", "mark: remove"),
    ("K", "mark: keep"),
    ("w", "write the marks as rules into slim.toml"),
    ("?", "this help"),
    ("q, Ctrl+C", "leave"),
];

/// The action of a key; `None` for keys that do nothing.
pub(super) fn action(key: KeyEvent, focus: Focus) -> Option<Action> {
    let in_layers = focus == Focus::Layers;
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return Some(match key.code {
            KeyCode::Char('c' | 'q') => Action::Leave,
            KeyCode::Char('f') => Action::Search,
            KeyCode::Char(' ' | '@') | KeyCode::Null => Action::ToggleAll,
            KeyCode::Char('a') if in_layers => Action::Aggregate,
            KeyCode::Char('l') => Action::OneLayer,
            KeyCode::Char('a') => Action::Show(Change::Added),
            KeyCode::Char('r') => Action::Show(Change::Removed),
            KeyCode::Char('m') => Action::Show(Change::Modified),
            KeyCode::Char('u') => Action::Show(Change::Unmodified),
            KeyCode::Char('b') => Action::Attributes,
            KeyCode::Char('o') => Action::Sort,
            _ => return None,
        });
    }
    Some(match key.code {
        KeyCode::Char('q') => Action::Leave,
        KeyCode::Char('?') | KeyCode::F(1) => Action::Help,
        KeyCode::Tab | KeyCode::BackTab => Action::OtherPane,
        KeyCode::Up | KeyCode::Char('k') => Action::Up,
        KeyCode::Down | KeyCode::Char('j') => Action::Down,
        KeyCode::PageUp | KeyCode::Char('u') => Action::PageUp,
        KeyCode::PageDown | KeyCode::Char('d') => Action::PageDown,
        KeyCode::Home | KeyCode::Char('g') => Action::First,
        KeyCode::End | KeyCode::Char('G') => Action::Last,
        KeyCode::Char(' ') | KeyCode::Enter => Action::Toggle,
        KeyCode::Left | KeyCode::Char('h') => Action::Close,
        KeyCode::Right | KeyCode::Char('l') => Action::Open,
        KeyCode::Null | KeyCode::Char('z') => Action::ToggleAll,
        KeyCode::Char('1') => Action::Show(Change::Added),
        KeyCode::Char('2') => Action::Show(Change::Removed),
        KeyCode::Char('3') => Action::Show(Change::Modified),
        KeyCode::Char('4') => Action::Show(Change::Unmodified),
        KeyCode::Char('5' | 'W') => Action::Wasted,
        KeyCode::Char('a') => Action::Aggregate,
        KeyCode::Char('L') => Action::OneLayer,
        KeyCode::Char('b') => Action::Attributes,
        KeyCode::Char('s') => Action::Sort,
        KeyCode::Char('/') => Action::Search,
        KeyCode::Esc => Action::Back,
        KeyCode::Char('x') => Action::MarkRemove,
        KeyCode::Char('K') => Action::MarkKeep,
        KeyCode::Char('w') => Action::Write,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_dive() {
        let control = |letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL);
        for (key, focus, expected) in [
            (control('a'), Focus::Layers, Some(Action::Aggregate)),
            (control('a'), Focus::Tree, Some(Action::Show(Change::Added))),
            (control('l'), Focus::Layers, Some(Action::OneLayer)),
            (
                control('r'),
                Focus::Tree,
                Some(Action::Show(Change::Removed)),
            ),
            (
                control('u'),
                Focus::Tree,
                Some(Action::Show(Change::Unmodified)),
            ),
            (control('f'), Focus::Tree, Some(Action::Search)),
            (control(' '), Focus::Tree, Some(Action::ToggleAll)),
            (control('x'), Focus::Tree, None),
            (
                KeyEvent::from(KeyCode::Tab),
                Focus::Tree,
                Some(Action::OtherPane),
            ),
            (
                KeyEvent::from(KeyCode::Char(' ')),
                Focus::Tree,
                Some(Action::Toggle),
            ),
        ] {
            assert_eq!(action(key, focus), expected, "{key:?}");
        }
    }
}
