//! `browse` in a real terminal, which tmux is: keys in, screen out.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::image::image;
use crate::support::judge::{is_there, run};
use crate::support::program::{oci_slim_in, scratch};

struct Screen {
    socket: String,
}

impl Screen {
    fn open(dir: &Path) -> Self {
        let screen = Self {
            socket: dir.join("tmux").display().to_string(),
        };
        let program = env!("CARGO_BIN_EXE_oci-slim");
        let command = format!(
            "cd '{}' && '{program}' browse image; echo left $?; sleep 60",
            dir.display()
        );
        let window = ["new-session", "-d", "-x", "120", "-y", "30", "sh", "-c"];
        screen.tmux(&[&window[..], &[&command]].concat());
        screen
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let output = run(
            "tmux",
            [&["-u", "-f", "/dev/null", "-S", &self.socket], arguments].concat(),
        );
        String::from_utf8_lossy(&output.stdout).into()
    }

    fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// Waits for a screen that holds all of `texts`.
    #[track_caller]
    fn shows(&self, texts: &[&str]) -> String {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]);
            if texts.iter().all(|text| screen.contains(text)) {
                return screen;
            }
            assert!(
                Instant::now() < end,
                "{texts:?} are not on the screen:\n{screen}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

#[test]
fn a_path_is_found_marked_and_written_as_a_rule() {
    if !is_there("tmux") {
        return;
    }
    let dir = scratch();
    image()
        .layer(|l| {
            l.file("srv/app/main", [b'm'; 5000])
                .file("srv/press/kit.pdf", [b'p'; 7000])
        })
        .layer(|l| {
            l.file("srv/app/main", [b'n'; 5000])
                .instruction("RUN chmod +x main")
        })
        .write(&dir.path().join("image"));
    let screen = Screen::open(dir.path());
    screen.shows(&[
        "Layers",
        "COPY layer 0",
        "RUN chmod +x main",
        "▸ srv/",
        "12.0 kB",
    ]);
    screen.keys(&["?"]);
    screen.shows(&["Keys", "Ctrl+A"]);
    screen.keys(&["?"]);
    // dive's keys: the next layer, the other pane, no unmodified paths, all open.
    screen.keys(&["Down", "Tab", "C-u", "C-Space"]);
    let shown = screen.shows(&["Files: added, removed, modified", "~ -rw-r--r--", "main"]);
    assert!(!shown.contains("kit.pdf"), "{shown}");
    screen.keys(&["C-u", "C-f"]);
    screen.keys(&["kit", "Enter", "Down", "Down"]);
    screen.shows(&["search: kit", "▾ press/", "kit.pdf"]);
    screen.keys(&["x"]);
    screen.shows(&["1 marked", "x  -rw-r--r--"]);
    screen.keys(&["w"]);
    screen.shows(&["added rules for 1 marked to slim.toml"]);
    screen.keys(&["q"]);
    screen.shows(&["left 0"]);
    let rules = std::fs::read_to_string(dir.path().join("slim.toml")).unwrap();
    assert!(
        rules.contains("globs = [\n    \"srv/press/kit.pdf\",\n]"),
        "{rules}"
    );
    let slim = oci_slim_in(dir.path(), ["shrink", "image", "--dry-run"]);
    assert!(slim.stdout.contains("marked while browsing"), "{slim:?}");
}

#[test]
fn without_a_terminal_it_says_what_else_there_is() {
    let dir = scratch();
    let run = oci_slim_in(dir.path(), ["browse", "image"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("inspect"), "{}", run.stderr);
}
