//! What is on the screen.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::super::example::browsed;
use super::super::model::Model;
use super::*;

fn screen(keys: &str, height: u16) -> String {
    let browsed = browsed();
    let mut state = State::new(Model::new(&browsed), "slim.toml".into());
    for letter in keys.chars() {
        state.press(KeyEvent::from(match letter {
            '\t' => KeyCode::Tab,
            letter => KeyCode::Char(letter),
        }));
    }
    let mut terminal = Terminal::new(TestBackend::new(110, height)).unwrap();
    terminal
        .draw(|frame| draw(frame, &mut state, &browsed, false))
        .unwrap();
    let buffer = terminal.backend().buffer();
    let rows = buffer.content().chunks(110).map(|row| {
        let text: String = row.iter().map(|cell| cell.symbol()).collect();
        text.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn layers_details_and_tree() {
    insta::assert_snapshot!(screen("jz\tx", 18), @r"
     Layers: what the chosen one did ───────────── Files ─────────────────────────────────────────────────────────
       #      size  instruction                      mode        owner           size  path
       0   1.00 kB  RUN step 1                    x~ drwxr-xr-x  0:0              3 B  ▾ etc/
    ▌  1   2.00 kB  RUN step 2                     ~ -rw-r--r--  0:0              3 B      a
       2   3.00 kB  RUN step 3                     - -rw-r--r--  0:0              5 B      b
                                                   + drwxr-xr-x  0:0              4 B  ▾ opt/
     Details ───────────────────────────────────── + -rw-r--r--  0:0              4 B      new
    image       app:1 (linux/amd64)                  drwxr-xr-x  0:0             15 B  ▾ usr/
    visible     24 B of 6.00 kB unpacked             drwxr-xr-x  0:0             15 B    ▾ lib/
    wasted      15 B, efficiency 61.53 %             -rw-r--r--  0:0             15 B        big
    dive says   18 B, efficiency 61.54 %
    layer       1, sha256 e3b0c44298fc1c149afbf4c…
    stored      200 B
    instruction RUN step 2



     1 marked, w writes  ? help  Tab pane  Space open  1-5 filters  a/L layers  s size  / search  x mark  q leave
    ");
}

#[test]
fn help_names_every_key() {
    let help = screen("?", 24);
    for (keys, what) in HELP {
        assert!(help.contains(keys) && help.contains(what), "{keys}\n{help}");
    }
}
