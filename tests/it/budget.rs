//! Budgets: a result that does not meet them is there, and the exit code says no.

use std::fs;

use crate::support::image::image;
use crate::support::program::{oci_slim_in, scratch};

#[test]
fn a_budget_that_is_not_met_is_told() {
    let dir = scratch();
    image()
        .layer(|l| l.file("a", [b'a'; 5000]).file("cache", [b'b'; 5000]))
        .write(&dir.path().join("image"));
    let run = |out: &str, budget: &str| {
        fs::write(
            dir.path().join("slim.toml"),
            format!("[budget]\n{budget}\n"),
        )
        .unwrap();
        let arguments = ["shrink", "image", "-o", out, "--remove", "cache"];
        let run = oci_slim_in(dir.path(), arguments);
        assert!(dir.path().join(out).join("index.json").exists());
        run
    };
    let met = run("met", "max-size = \"1MiB\"\nmin-saving = \"10 B\"");
    assert_eq!(met.code, Some(0), "{met:?}");
    assert!(!met.stdout.contains("Budget"));
    let missed = run(
        "missed",
        "max-size = 20\nmax-wasted = 0\nmin-saving = \"99%\"",
    );
    assert_eq!(missed.code, Some(3), "{missed:?}");
    for told in ["Budget not met", "max-size", "min-saving"] {
        assert!(missed.stdout.contains(told), "{told}: {}", missed.stdout);
    }
    assert!(!missed.stdout.contains("max-wasted"), "nothing is wasted");
}
