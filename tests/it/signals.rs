//! A signal ends the program as usual and leaves nothing beside the destination.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::image::image;
use crate::support::program::scratch;

/// What no compressor makes small, so that the program has work to do for long enough.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let step = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state.to_be_bytes()[0]
    };
    (0..len).map(step).collect()
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn an_interrupted_run_leaves_nothing_behind() {
    let dir = scratch();
    image()
        .layer(|l| l.file("big", noise(24 << 20)))
        .write(&dir.path().join("image"));
    let mut program = Command::new(env!("CARGO_BIN_EXE_oci-slim"));
    program.args([
        "shrink",
        "image",
        "-o",
        "out",
        "--compress",
        "gzip:9",
        "--threads",
        "1",
    ]);
    let mut child = program
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while names(dir.path()).len() < 2 {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "no staging area"
        );
    }
    let kill = format!("kill -TERM {}", child.id());
    assert!(
        Command::new("sh")
            .args(["-c", &kill])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().signal(), Some(15));
    assert_eq!(names(dir.path()), ["image"]);
}
