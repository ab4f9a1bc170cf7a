//! Wrong command lines and wrong `slim.toml`: exit 2, and the place and the nearest right word are named.

use std::fs;

use crate::support::image::image;
use crate::support::program::{Run, oci_slim_in, scratch};

/// Runs `shrink` on a good image with `slim.toml` in the working directory.
fn shrink(slim_toml: Option<&str>, arguments: &[&str]) -> Run {
    let dir = scratch();
    image()
        .layer(|l| l.file("a", b"1"))
        .write(&dir.path().join("image"));
    if let Some(text) = slim_toml {
        fs::write(dir.path().join("slim.toml"), text).unwrap();
    }
    let run = oci_slim_in(
        dir.path(),
        [&["shrink", "image", "-o", "out"], arguments].concat(),
    );
    assert_eq!(
        dir.path().join("out").exists(),
        run.code == Some(0),
        "{run:?}"
    );
    run
}

#[test]
fn the_image_itself_is_good() {
    assert_eq!(shrink(Some("profile = \"safe\"\n"), &[]).code, Some(0));
}

#[test]
fn wrong_flags() {
    let cases: [(&[&str], &[&str]); 14] = [
        (&["--profil", "safe"], &["--profil", "--profile"]),
        (&["--profile", "saef"], &["saef", "safe"]),
        (&["--layers", "sqash"], &["sqash"]),
        (&["--layers", "squash-above=x"], &["squash-above=x"]),
        (&["--layers", "squash-above=-1"], &["squash-above=-1"]),
        (&["--compress", "gzip:12"], &["gzip:12"]),
        (&["--compress", "zstd:0"], &["zstd:0"]),
        (&["--compress", "bzip2"], &["bzip2"]),
        (&["--enable", "apt-list"], &["apt-list", "apt-lists"]),
        (&["--disable", "apt-list"], &["apt-list", "apt-lists"]),
        (&["--remove", "a[b"], &["a[b", "--remove"]),
        (&["--keep", "a{b"], &["a{b", "--keep"]),
        (&["--threads", "0"], &["--threads"]),
        (&["--proof", "none"], &["none", "full", "index"]),
    ];
    for (arguments, named) in cases {
        let run = shrink(None, arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {run:?}");
        for name in named {
            assert!(
                run.stderr.contains(name),
                "{arguments:?}: `{name}` is not named: {}",
                run.stderr
            );
        }
        assert!(
            run.stderr.starts_with("error: "),
            "{arguments:?}: {}",
            run.stderr
        );
        assert_eq!(run.stdout, "", "{arguments:?}");
    }
}

#[test]
fn no_command_and_no_destination() {
    let dir = scratch();
    for arguments in [&["shrink"][..], &["shrink", "image"], &["shrnk", "image"]] {
        let run = oci_slim_in(dir.path(), arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {run:?}");
    }
}

#[test]
fn wrong_slim_toml() {
    let cases = [
        ("profle = \"safe\"\n", "slim.toml:1:1", "profile"),
        ("\n\n[rule]\nenable = []\n", "slim.toml:3:2", "rules"),
        ("[rules]\nenabel = [\"docs\"]\n", "slim.toml:2:1", "enable"),
        (
            "[[remove]]\nglobs = [\"a\"]\nlarger_than = \"1MiB\"\n",
            "slim.toml:3:1",
            "larger-than",
        ),
        ("profile = safe\n", "slim.toml:1:", ""),
        ("profile = 7\n", "slim.toml:1:", ""),
        ("profile = \"saef\"\n", "slim.toml:1:", "safe"),
        (
            "[rules]\ndisable = [\"apt-list\"]\n",
            "slim.toml:2:",
            "apt-lists",
        ),
        (
            "[[remove]]\nglobs = [\"ok\",\n  \"a[b\"]\n",
            "slim.toml:",
            "a[b",
        ),
        (
            "[[remove]]\nglobs = [\"a\"]\nlarger-than = \"1 parsec\"\n",
            "slim.toml:3:",
            "parsec",
        ),
        ("[layers]\nmode = \"sqash\"\n", "slim.toml:2:", "squash"),
        (
            "[output]\ncompress = \"gzip:12\"\n",
            "slim.toml:2:",
            "gzip:12",
        ),
        ("[[keep]]\nglob = [\"a\"]\n", "slim.toml:2:1", "globs"),
        (
            "[budget]\nmax-sise = \"1MiB\"\n",
            "slim.toml:2:1",
            "max-size",
        ),
    ];
    for (text, place, nearest) in cases {
        let run = shrink(Some(text), &[]);
        assert_eq!(run.code, Some(2), "{text:?}: {run:?}");
        assert!(
            run.stderr.starts_with("error: "),
            "{text:?}: {}",
            run.stderr
        );
        for name in [place, nearest] {
            assert!(
                run.stderr.contains(name),
                "{text:?}: `{name}` is not named: {}",
                run.stderr
            );
        }
    }
}

#[test]
fn a_slim_toml_that_is_named_must_be_there() {
    let run = shrink(None, &["--config", "other.toml"]);
    assert!(matches!(run.code, Some(1 | 2)), "{run:?}");
    assert!(run.stderr.contains("other.toml"), "{}", run.stderr);
}

#[test]
fn an_existing_destination_is_refused() {
    let dir = scratch();
    image()
        .layer(|l| l.file("a", b"1"))
        .write(&dir.path().join("image"));
    fs::create_dir(dir.path().join("out")).unwrap();
    fs::write(dir.path().join("out/file"), "precious").unwrap();
    let run = oci_slim_in(dir.path(), ["shrink", "image", "-o", "out"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("--force"), "{}", run.stderr);
    let kept = fs::read_to_string(dir.path().join("out/file")).unwrap();
    assert_eq!(kept, "precious");
}
