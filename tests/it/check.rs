//! `check`: limits from slim.toml, flags and `.dive-ci`, and how CI servers are told.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::codec::Codec;
use crate::support::image::{image, index};
use crate::support::program::{Run, oci_slim_in, scratch};

fn write(dir: &Path) {
    image()
        .codec(Codec::Plain)
        .layer(|l| l.file("app/main", [b'm'; 5000]).file("etc/key.pem", b"key"))
        .layer(|l| l.file("app/main", [b'n'; 5000]))
        .write(&dir.join("image"));
}

fn check(dir: &Path, arguments: &[&str]) -> Run {
    oci_slim_in(dir, [&["check", "image"], arguments].concat())
}

#[test]
fn limits_are_kept_or_missed() {
    let dir = scratch();
    write(dir.path());
    let cases: [(&[&str], i32); 14] = [
        (&[], 0),
        (&["--max-size", "1MiB"], 0),
        (&["--max-size", "10"], 3),
        (&["--min-efficiency", "0.5"], 0),
        (&["--min-efficiency", "0.51"], 3),
        (&["--max-wasted", "5000"], 0),
        (&["--max-wasted", "4.9kB"], 3),
        (&["--forbid", "**/*.pem"], 3),
        (&["--forbid", "**/*.key"], 0),
        (&["--require", "app/main"], 0),
        (&["--require", "app"], 0),
        (&["--require", "app/other"], 3),
        (
            &[
                "--lowestEfficiency",
                "0.9",
                "--highestUserWastedPercent",
                "off",
            ],
            3,
        ),
        (
            &[
                "--lowestEfficiency",
                "0.5",
                "--highestUserWastedPercent",
                "off",
            ],
            0,
        ),
    ];
    for (arguments, code) in cases {
        let run = check(dir.path(), arguments);
        assert_eq!(run.code, Some(code), "{arguments:?}: {run:?}");
    }
    for wrong in [
        &["--max-size", "big"][..],
        &["--forbid", "a[b"],
        &["--lowestEfficiency", "95"],
        &["--max-growth", "5%"],
        &["--baseline", "image/index.json", "--max-growth", "5%"],
        &["--report", "x.pdf"],
    ] {
        assert_eq!(check(dir.path(), wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn files_of_dive_are_taken_as_they_are() {
    let dir = scratch();
    write(dir.path());
    let file = dir.path().join(".dive-ci");
    fs::write(&file, "rules:\n  lowestEfficiency: 0.5\n  highestWastedBytes: 20kB\n  highestUserWastedPercent: disabled\n").unwrap();
    let kept = check(dir.path(), &[]);
    assert_eq!(kept.code, Some(0), "{kept:?}");
    assert!(
        kept.stdout.contains("highestWastedBytes"),
        "{}",
        kept.stdout
    );
    fs::write(&file, "rules:\n  highestWastedBytes: 9999\n").unwrap();
    let missed = check(dir.path(), &["--format", "json"]);
    assert_eq!(missed.code, Some(3), "{missed:?}");
    let report: Value = serde_json::from_str(&missed.stdout).unwrap();
    let rows = report["images"][0]["limits"].as_array().unwrap();
    // What the file does not say is as dive has it: 0.9 and 0.1.
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row["limit"].as_str().unwrap(), row["holds"] == true))
        .collect();
    assert_eq!(
        told,
        [
            ("lowestEfficiency", false),
            ("highestWastedBytes", false),
            ("highestUserWastedPercent", false)
        ]
    );
    fs::write(&file, "rules:\n  lowestEfficiency: much\n").unwrap();
    let wrong = check(dir.path(), &[]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("line 2"), "{}", wrong.stderr);
}

#[test]
fn growth_is_measured_by_an_earlier_report() {
    let dir = scratch();
    write(dir.path());
    for (command, name) in [("inspect", "inspect.json"), ("check", "check.json")] {
        let run = oci_slim_in(dir.path(), [command, "image", "-q", "--report", name]);
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    fs::remove_dir_all(dir.path().join("image")).unwrap();
    image()
        .codec(Codec::Plain)
        .layer(|l| l.file("app/main", [b'm'; 5000]).file("new", [b'x'; 5000]))
        .layer(|l| l.file("app/main", [b'n'; 5000]))
        .write(&dir.path().join("image"));
    for baseline in ["inspect.json", "check.json"] {
        let grown = |most| check(dir.path(), &["--baseline", baseline, "--max-growth", most]).code;
        assert_eq!(grown("6kB"), Some(0), "{baseline}");
        assert_eq!(grown("4kB"), Some(3), "{baseline}");
        assert_eq!(grown("10%"), Some(3), "{baseline}");
    }
}

#[test]
fn each_platform_has_its_limits() {
    let dir = scratch();
    let one = |architecture| {
        image()
            .codec(Codec::Plain)
            .platform("linux", architecture)
            .layer(|l| l.file("a", [b'a'; 5000]))
    };
    index()
        .image(one("amd64"))
        .image(one("arm64"))
        .write(&dir.path().join("image"));
    let budget = "[budget]\nmax-size = 100\n[budget.\"linux/arm64\"]\nmax-size = \"1MiB\"\n";
    fs::write(dir.path().join("slim.toml"), budget).unwrap();
    let run = check(dir.path(), &["--format", "json"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let holds: Vec<bool> = report["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| image["limits"][0]["holds"] == true)
        .collect();
    assert_eq!(holds, [false, true]);
    assert_eq!(
        check(dir.path(), &["--platform", "linux/arm64"]).code,
        Some(0)
    );
}

#[test]
fn ci_servers_are_told() {
    let dir = scratch();
    write(dir.path());
    let summary = dir.path().join("summary.md");
    fs::write(&summary, "before\n").unwrap();
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_oci-slim"))
        .args([
            "check",
            "image",
            "--max-size",
            "10",
            "--forbid",
            "**/*.pem",
            "--format",
            "json",
        ])
        .args([
            "--report", "x.sarif", "--report", "x.xml", "--report", "x.html",
        ])
        .current_dir(dir.path())
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(3));
    let stderr = String::from_utf8_lossy(&run.stderr);
    let annotations: Vec<&str> = stderr
        .lines()
        .filter(|line| line.starts_with("::error title=oci-slim "))
        .collect();
    assert_eq!(annotations.len(), 2, "{stderr}");
    serde_json::from_slice::<Value>(&run.stdout).unwrap();
    let summary = fs::read_to_string(&summary).unwrap();
    assert!(
        summary.starts_with("before\n") && summary.contains("max-size"),
        "{summary}"
    );
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let sarif: Value = serde_json::from_str(&read("x.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 2);
    assert!(read("x.xml").contains("<testsuite name=\"linux/amd64\" tests=\"2\" failures=\"2\">"));
    assert!(read("x.html").contains("MISSED"));
}
