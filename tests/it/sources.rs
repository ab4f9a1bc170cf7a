//! The same image in every form that is read, and the result in every form that is written.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::archive;
use crate::support::codec::Codec;
use crate::support::compare::{assert_same, without};
use crate::support::flatten::{Tree, flatten};
use crate::support::image::{Image, image};
use crate::support::judge;
use crate::support::layout::index;
use crate::support::program::{oci_slim_in, scratch, shrink};

fn stack() -> Image {
    image()
        .layer(|l| {
            l.dir("etc")
                .file("etc/a", b"1")
                .file("gone", vec![b'g'; 4000])
        })
        .layer(|l| l.whiteout("gone").file("cache/b", vec![b'b'; 4000]))
        .layer(|l| l.hardlink("c", "etc/a"))
}

fn expected(before: &Path) -> Tree {
    without(&flatten(before), &["cache", "cache/b"])
}

const RULES: [&str; 4] = ["--disable", "*", "--remove", "cache"];

#[test]
fn every_form_is_read() {
    let dir = scratch();
    let layout = stack().write(&dir.path().join("layout"));
    let plain = stack().codec(Codec::Plain).write(&dir.path().join("plain"));
    let oci = archive::oci(&layout);
    let forms: [(&str, &str, Vec<u8>); 7] = [
        ("oci.tar", "oci-archive:", oci.clone()),
        ("oci.tar.gz", "oci-archive:", Codec::gzip(6).compress(&oci)),
        ("oci.tar.zst", "oci-archive:", Codec::zstd(3).compress(&oci)),
        ("classic.tar", "docker-archive:", archive::classic(&stack())),
        ("skopeo.tar", "docker-archive:", archive::skopeo(&stack())),
        ("modern.tar", "docker-archive:", archive::modern(&plain)),
        (
            "modern-gzip.tar",
            "docker-archive:",
            archive::modern(&layout),
        ),
    ];
    let expected = expected(&layout);
    for (name, transport, bytes) in forms {
        let file = dir.path().join(name);
        fs::write(&file, bytes).unwrap();
        for (number, reference) in [name.to_owned(), format!("{transport}{name}")]
            .iter()
            .enumerate()
        {
            let slim = shrink(
                Path::new(reference),
                dir.path(),
                &format!("{name}.{number}"),
                &RULES,
            );
            assert_same(&flatten(&slim.layout), &expected);
        }
    }
}

#[test]
fn every_way_to_name_a_layout_is_read() {
    let dir = scratch();
    let layout = stack().write(&dir.path().join("layout"));
    let expected = expected(&layout);
    for (number, reference) in ["layout", "./layout", "oci:layout", "oci:layout:latest"]
        .iter()
        .enumerate()
    {
        let slim = shrink(
            Path::new(reference),
            dir.path(),
            &number.to_string(),
            &RULES,
        );
        assert_same(&flatten(&slim.layout), &expected);
    }
    let absent = oci_slim_in(dir.path(), ["shrink", "oci:layout:other", "-o", "out"]);
    assert_eq!(absent.code, Some(1), "{absent:?}");
    assert!(
        absent.stderr.contains("latest"),
        "what there is, is told: {}",
        absent.stderr
    );
}

#[test]
fn every_form_is_written() {
    let dir = scratch();
    let layout = stack().write(&dir.path().join("layout"));
    let expected = expected(&layout);
    for (number, destination) in [
        "out0",
        "oci:out1",
        "out2.tar",
        "oci-archive:out3",
        "oci:out4:other",
        "docker-archive:out5",
        "docker-archive:out6:lab/y:2",
    ]
    .iter()
    .enumerate()
    {
        let arguments = [&["shrink", "layout", "-o", destination][..], &RULES].concat();
        let run = oci_slim_in(dir.path(), arguments);
        assert_eq!(run.code, Some(0), "{destination}: {}", run.stderr);
        let again = shrink(
            &file(destination),
            dir.path(),
            &format!("again{number}"),
            &["--disable", "*"],
        );
        assert_same(&flatten(&again.layout), &expected);
        if *destination == "oci:out4:other" {
            let tag = &index(&dir.path().join("out4"))["manifests"][0]["annotations"];
            assert_eq!(tag["org.opencontainers.image.ref.name"], "other");
        }
    }
}

/// The path in a destination like `oci:out4:other`.
fn file(destination: &str) -> PathBuf {
    let path = destination
        .trim_start_matches("docker-archive:")
        .trim_start_matches("oci-archive:")
        .trim_start_matches("oci:");
    path.split(':').next().unwrap().into()
}

#[test]
fn standard_input_and_output_are_archives() {
    let dir = scratch();
    let layout = stack().write(&dir.path().join("layout"));
    fs::write(dir.path().join("in.tar"), archive::oci(&layout)).unwrap();
    let script = "cat in.tar | \"$0\" shrink - -o - --disable '*' --remove cache -q > out.tar";
    let output = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_oci-slim")])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let slim = shrink(
        Path::new("out.tar"),
        dir.path(),
        "after",
        &["--disable", "*"],
    );
    assert_same(&flatten(&slim.layout), &expected(&layout));
}

#[test]
fn a_docker_archive_is_what_docker_load_takes() {
    if !judge::is_there("tar") {
        return;
    }
    let dir = scratch();
    stack().write(&dir.path().join("layout"));
    let run = oci_slim_in(
        dir.path(),
        [
            "shrink",
            "layout",
            "-o",
            "docker-archive:out.tar:lab/x:1",
            "--disable",
            "*",
        ],
    );
    run.succeeded();
    let listed = judge::run(
        "tar",
        ["-tf".as_ref(), dir.path().join("out.tar").as_os_str()],
    );
    let listed = String::from_utf8(listed.stdout).unwrap();
    let has = |name: &str| listed.lines().any(|line| line == name);
    assert!(has("manifest.json"), "{listed}");
    let read = |name: &str| {
        let arguments = [
            "-xOf".as_ref(),
            dir.path().join("out.tar").as_os_str(),
            name.as_ref(),
        ]
        .map(ToOwned::to_owned);
        judge::run("tar", arguments).stdout
    };
    let rows: serde_json::Value = serde_json::from_slice(&read("manifest.json")).unwrap();
    assert_eq!(rows[0]["RepoTags"][0], "lab/x:1");
    assert!(has(rows[0]["Config"].as_str().unwrap()), "{listed}");
    for layer in rows[0]["Layers"].as_array().unwrap() {
        assert!(has(layer.as_str().unwrap()), "{layer} in {listed}");
    }
}
