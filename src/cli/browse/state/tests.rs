//! Keys and what they make of the state.

use super::super::example::browsed;
use super::*;

fn state() -> State {
    State::new(Model::new(&browsed()), "slim.toml".into())
}

fn press(state: &mut State, keys: &str) -> Step {
    let mut step = Step::Stay;
    for letter in keys.chars() {
        let key = match letter {
            '\t' => KeyEvent::from(KeyCode::Tab),
            '\n' => KeyEvent::from(KeyCode::Enter),
            '\x1b' => KeyEvent::from(KeyCode::Esc),
            letter => KeyEvent::from(KeyCode::Char(letter)),
        };
        step = state.press(key);
    }
    step
}

/// The rows: sign, path, bytes.
fn rows(state: &State) -> Vec<String> {
    let row = |place: &Place| {
        let look = state.looks[*place];
        let sign = look.change.map_or('.', |change| change.sign());
        let path = state.model.nodes[*place].text.clone().unwrap();
        format!("{sign}{path} {}", look.bytes)
    };
    state.rows.iter().map(row).collect()
}

#[test]
fn a_layer_alone_and_all_together() {
    let mut state = state();
    assert_eq!(rows(&state), ["+etc 15", "+usr 15"]);
    press(&mut state, "jz");
    assert_eq!(
        rows(&state),
        [
            "~etc 3",
            "~etc/a 3",
            "-etc/b 5",
            "+opt 4",
            "+opt/new 4",
            " usr 15",
            " usr/lib 15",
            " usr/lib/big 15"
        ]
    );
    press(&mut state, "j");
    assert_eq!(rows(&state)[..2], [" etc 3", " etc/a 3"]);
    assert!(rows(&state).contains(&"~opt 6".to_owned()));
    assert!(!rows(&state).iter().any(|row| row.contains("etc/b")));
    press(&mut state, "a");
    assert_eq!(
        rows(&state)[..5],
        ["~etc 3", "~etc/a 3", "-etc/b 5", "+opt 6", "+opt/more 2"]
    );
    press(&mut state, "L");
    assert!(!state.aggregate);
}

#[test]
fn filters_and_sorting() {
    let mut state = state();
    press(&mut state, "jz4");
    assert_eq!(
        rows(&state),
        ["~etc 3", "~etc/a 3", "-etc/b 5", "+opt 4", "+opt/new 4"]
    );
    press(&mut state, "12");
    assert_eq!(rows(&state), ["~etc 3", "~etc/a 3"]);
    press(&mut state, "1245");
    assert_eq!(rows(&state), ["~etc 3", "~etc/a 3", "-etc/b 5"]);
    press(&mut state, "5s");
    assert_eq!(rows(&state)[0], " usr 15");
    assert_eq!(rows(&state).last().unwrap(), "~etc/a 3");
}

#[test]
fn wasted_paths_are_found_from_any_layer() {
    let mut state = state();
    press(&mut state, "jj5");
    state.toggle_all();
    assert_eq!(rows(&state), [" etc 3", " etc/a 3", ".etc/b 0"]);
}

#[test]
fn search_opens_what_it_finds_and_esc_ends_it() {
    let mut state = state();
    press(&mut state, "/BIG");
    assert_eq!(rows(&state), ["+usr 15", "+usr/lib 15", "+usr/lib/big 15"]);
    assert!(state.searching && state.focus == Focus::Tree);
    press(&mut state, "\nq\x1b");
    assert_eq!(rows(&state), ["+etc 15", "+usr 15"]);
    press(&mut state, "/nothing");
    assert_eq!(rows(&state), [""; 0]);
    assert_eq!(press(&mut state, "\x1bx"), Step::Stay);
}

#[test]
fn directories_open_and_close() {
    let mut state = state();
    press(&mut state, "\tj ");
    assert_eq!(rows(&state), ["+etc 15", "+usr 15", "+usr/lib 15"]);
    press(&mut state, "jl");
    assert_eq!(rows(&state).len(), 4);
    // From a file to its directory, then that closes.
    press(&mut state, "jh");
    assert_eq!(state.cursor, 2);
    press(&mut state, "h");
    assert_eq!(rows(&state).len(), 3);
    press(&mut state, "z");
    assert_eq!(rows(&state).len(), 2);
    press(&mut state, "z");
    assert_eq!(rows(&state).len(), 6);
}

#[test]
fn marks_become_rules_and_are_not_lost_by_one_key() {
    let mut state = state();
    assert_eq!(press(&mut state, "w"), Step::Stay);
    press(&mut state, "\txK");
    assert_eq!(
        state.rules(),
        "\n[[remove]]\nname = \"marked while browsing\"\nglobs = [\n    \"etc\",\n]\n\
         \n[[keep]]\nname = \"marked while browsing\"\nglobs = [\n    \"usr\",\n]\n"
    );
    assert_eq!(press(&mut state, "q"), Step::Stay);
    assert!(state.message.contains("not written"));
    // A key between makes the question new.
    assert_eq!(press(&mut state, "jq"), Step::Stay);
    assert_eq!(press(&mut state, "q"), Step::Leave);
    assert_eq!(press(&mut state, "w"), Step::Write);
    state.written(Ok(()));
    assert!(state.marks.is_empty());
    assert_eq!(press(&mut state, "q"), Step::Leave);
}

#[test]
fn the_chosen_row_stays_on_the_screen() {
    let mut state = state();
    state.height = 3;
    press(&mut state, "z\tG");
    assert_eq!((state.cursor, state.top), (5, 3));
    press(&mut state, "g");
    assert_eq!((state.cursor, state.top), (0, 0));
    press(&mut state, "?");
    assert!(state.help);
    press(&mut state, "j");
    assert!(!state.help && state.cursor == 0);
}
