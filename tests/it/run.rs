//! Commands run in the source and in the result, and what they come to is compared.
//!
//! An engine that is not installed is skipped; `OCI_SLIM_REQUIRE_TOOLS=1` makes that a failure.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::judge::{is_root, is_there, run};
use crate::support::program::{Run, oci_slim_in, shrink};

const ENGINES: [(&str, &str); 2] = [("runc", "runc"), ("chroot", "unshare")];

/// The fixture, whose program is static, and a result without the file that `cat /etc/os-release` reads.
fn images() -> (TempDir, PathBuf, PathBuf) {
    let dir = TempDir::new().unwrap();
    let before = dir.path().join("before");
    std::fs::create_dir(&before).unwrap();
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/press-site.oci.tar");
    run(
        "tar",
        [
            "-xf".as_ref(),
            archive.as_os_str(),
            "-C".as_ref(),
            before.as_os_str(),
        ],
    );
    let flags = ["--disable", "*", "--remove", "etc/os-release"];
    let after = shrink(&before, dir.path(), "after", &flags).layout;
    (dir, before, after)
}

fn verify(dir: &TempDir, before: &Path, after: &Path, flags: &[&str]) -> Run {
    let mut all = vec!["verify", before.to_str().unwrap(), after.to_str().unwrap()];
    all.extend(["--format", "json"]);
    all.extend(flags);
    oci_slim_in(dir.path(), all)
}

fn rows(run: &Run) -> Vec<Value> {
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    report["runs"].as_array().unwrap().clone()
}

#[test]
fn what_differs_in_the_result_is_a_finding() {
    if !is_root() {
        return;
    }
    let (dir, before, after) = images();
    for (engine, program) in ENGINES {
        if !is_there(program) {
            continue;
        }
        let engine = ["--engine", engine];
        let with = |commands: &[&str]| {
            let mut flags: Vec<&str> = engine.to_vec();
            flags.extend(commands.iter().flat_map(|line| ["--run", *line]));
            verify(&dir, &before, &after, &flags)
        };
        let same = with(&[
            "",
            "sh -c 'echo $0 $HOME; echo x >&2; exit 7' \"a b\"",
            "pwd",
        ]);
        same.succeeded();
        let same = rows(&same);
        let codes: Vec<_> = same
            .iter()
            .map(|row| row["before"]["exit_code"].as_i64())
            .collect();
        assert_eq!(codes[1], Some(7), "{same:?}");
        assert_eq!(same[1]["before"]["output"], "a b /root\n".len(), "{same:?}");
        assert!(same.iter().all(|row| row["same"] == true), "{same:?}");
        let differs = with(&["cat /etc/os-release"]);
        assert_eq!(differs.code, Some(3), "{}", differs.stderr);
        let row = &rows(&differs)[0];
        assert_eq!(row["differences"][0], "exit code 0 became exit code 1");
        assert!(
            row["differences"][1]
                .as_str()
                .unwrap()
                .contains("became nothing")
        );
        // Each command finds what the one before it left behind, in both images alike.
        with(&["sh -c 'echo 1 > /tmp/x'", "cat /tmp/x"]).succeeded();
    }
}

#[test]
fn what_runs_too_long_in_both_is_alike() {
    if !is_root() || !is_there("unshare") {
        return;
    }
    let (dir, before, after) = images();
    let flags = [
        "--run",
        "sh -c 'echo a; while :; do :; done'",
        "--timeout",
        "1",
        "--engine",
        "chroot",
    ];
    let run = verify(&dir, &before, &after, &flags);
    run.succeeded();
    assert_eq!(rows(&run)[0]["after"]["exit_code"], Value::Null);
}

#[test]
fn nothing_is_written_that_does_something_else() {
    if !is_root() || !is_there("unshare") {
        return;
    }
    let (dir, before, _) = images();
    let settings = "[verify]\nrun = [\"cat /etc/os-release\"]\n[rules]\ndisable = [\"*\"]\n[[remove]]\nglobs = [\"etc/os-release\"]\n";
    std::fs::write(dir.path().join("slim.toml"), settings).unwrap();
    let flags = ["shrink", before.to_str().unwrap(), "-o", "refused", "-q"];
    let run = oci_slim_in(dir.path(), flags);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(
        run.stderr
            .contains("`cat /etc/os-release` does something else"),
        "{}",
        run.stderr
    );
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().flatten().collect();
    assert_eq!(
        left.len(),
        4,
        "before, after, its report and slim.toml: {left:?}"
    );
    let forced = oci_slim_in(dir.path(), flags.into_iter().chain(["--force"]));
    forced.succeeded();
    assert!(dir.path().join("refused/index.json").exists());
}

#[test]
fn an_engine_that_is_none_and_a_line_that_is_no_words_are_told() {
    let (dir, before, after) = images();
    let run = verify(&dir, &before, &after, &["--run", "a", "--engine", "rocket"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(
        run.stderr.contains("crun, runc, podman, docker, chroot"),
        "{}",
        run.stderr
    );
    std::fs::write(dir.path().join("slim.toml"), "[verify]\nrun = [\"'a\"]\n").unwrap();
    let run = oci_slim_in(
        dir.path(),
        ["shrink", before.to_str().unwrap(), "--dry-run"],
    );
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("slim.toml:2:8"), "{}", run.stderr);
}
