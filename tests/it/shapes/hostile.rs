//! Damaged and hostile places: each is refused with a line that names the thing.

use std::os::unix::fs::symlink;

use super::*;

fn image_files() -> (Files, Value) {
    let mut files = Files::default();
    let root = files.image(&Sample::new(""), true);
    (files, root)
}

#[test]
fn damaged_layouts_are_refused() {
    type Damage = fn(&Path, &str);
    let cases: [(&str, Damage, &str); 12] = [
        (
            "blob",
            |blob, _| fs::write(blob, "x").unwrap(),
            "1 bytes instead of",
        ),
        (
            "blob",
            |blob, text| fs::write(blob, text.replace('2', "3")).unwrap(),
            "its content has digest",
        ),
        (
            "blob",
            |blob, _| fs::remove_file(blob).unwrap(),
            "missing in",
        ),
        (
            "blob",
            |blob, _| replace(blob, |blob| fs::create_dir(blob).unwrap()),
            "not a regular file",
        ),
        (
            "blob",
            |blob, _| replace(blob, |blob| symlink("/dev/zero", blob).unwrap()),
            "leads out",
        ),
        (
            "blob",
            |blob, _| replace(blob, |blob| symlink("/etc/passwd", blob).unwrap()),
            "leads out",
        ),
        ("blob", |blob, _| replace(blob, fifo), "not a regular file"),
        (
            "index.json",
            |index, _| fs::remove_file(index).unwrap(),
            "`index.json` in",
        ),
        (
            "index.json",
            |index, _| replace(index, fifo),
            "not a regular file",
        ),
        (
            "index.json",
            |index, _| fs::write(index, vec![b' '; (4 << 20) + 1]).unwrap(),
            "no more than 4194304 are read",
        ),
        (
            "index.json",
            |index, text| fs::write(index, text.replace(":2", ":1")).unwrap(),
            "`schemaVersion` is not 2",
        ),
        (
            "oci-layout",
            |marker, _| fs::write(marker, r#"{"imageLayoutVersion":"2.0.0"}"#).unwrap(),
            "layout version `2.0.0`",
        ),
    ];
    for (name, damage, fault) in cases {
        let dir = tempfile::tempdir().unwrap();
        let (mut files, root) = image_files();
        files.index(std::slice::from_ref(&root));
        files.dir(dir.path());
        let hex = root["digest"]
            .as_str()
            .unwrap()
            .strip_prefix("sha256:")
            .unwrap();
        let path = if name == "blob" {
            dir.path().join("blobs/sha256").join(hex)
        } else {
            dir.path().join(name)
        };
        damage(&path, &fs::read_to_string(&path).unwrap());
        let said = open(dir.path().to_str().unwrap(), dir.path())
            .and_then(|source| Offer::load(&*source, None))
            .unwrap_err();
        assert!(said.to_string().contains(fault), "{name}: {said}");
    }
}

fn replace(path: &Path, with: impl FnOnce(&Path)) {
    fs::remove_file(path).unwrap();
    with(path);
}

fn fifo(path: &Path) {
    rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RWXU).unwrap();
}

#[test]
fn paths_of_a_docker_manifest_stay_in_the_archive() {
    let image = Sample::new("");
    for (layer, fault) in [
        ("../../../../etc/passwd", "missing"),
        ("/etc/passwd", "missing"),
        ("out", "a link that leads out of the archive"),
        ("loop", "a chain of links that does not end"),
        ("dir", "not a regular file"),
        ("absent", "missing"),
        ("", "missing"),
    ] {
        let mut tar = Tar::new();
        tar.file("config.json", &image.config);
        tar.file("1.tar", &image.layers[1]);
        tar.symlink("out", "/etc/passwd");
        tar.symlink("loop", "loop");
        tar.0
            .append_data(&mut header(EntryType::Directory, 0), "dir", &b""[..])
            .unwrap();
        tar.json(
            "manifest.json",
            &json!([{ "Config": "config.json", "Layers": [layer, "1.tar"] }]),
        );
        let said = Scratch::new("saved", &tar.finish()).load("{}").unwrap_err();
        assert!(
            said.to_string().contains(&format!("`{layer}` in"))
                && said.to_string().ends_with(fault),
            "{layer}: {said}"
        );
    }
}

#[test]
fn docker_archives_that_contradict_themselves_are_refused() {
    let image = Sample::new("");
    let hex = Digest::of(b"another").hex().to_owned();
    for (config_name, config, layers, fault) in [
        (
            "config.json",
            &image.config[..],
            vec!["0.tar"],
            "1 layers for 2 diff_ids",
        ),
        (
            "config.json",
            &image.config,
            vec!["0.tar", "1.tar", "1.tar"],
            "3 layers for 2 diff_ids",
        ),
        (
            "config.json",
            b"{}",
            vec!["0.tar"],
            "1 layers for 0 diff_ids",
        ),
        ("config.json", b"not json", vec![], "not JSON"),
        (
            "config.json",
            br#"{"rootfs":{"type":"layers","diff_ids":["sha256:../../x"]}}"#,
            vec!["0.tar"],
            "diff_ids[0]",
        ),
        (
            &format!("{hex}.json"),
            &image.config,
            vec!["0.tar", "1.tar"],
            "its content has digest",
        ),
        (
            "config.json",
            &image.config,
            vec!["0.tar", "1.tar.xz"],
            "compressed with xz",
        ),
    ] {
        let mut tar = Tar::new();
        tar.file("0.tar", &image.layers[0]);
        tar.file("1.tar", &image.layers[1]);
        tar.file("1.tar.xz", b"\xfd7zXZ\0");
        tar.file(config_name, config);
        tar.json(
            "manifest.json",
            &json!([{ "Config": config_name, "Layers": layers }]),
        );
        let said = Scratch::new("saved", &tar.finish())
            .load("docker-archive:{}")
            .unwrap_err()
            .to_string();
        assert!(said.contains(fault), "{said}");
    }
}

#[test]
fn what_is_no_image_is_told_apart() {
    let mut other = Tar::new();
    other.file("readme", b"hello");
    let mut old = Tar::new();
    old.file("repositories", b"{}");
    for (content, reference, fault) in [
        (
            other.finish(),
            "{}",
            "neither `oci-layout` nor `manifest.json` in",
        ),
        (
            old.finish(),
            "docker-archive:{}",
            "Docker before 1.10 saved this",
        ),
        (
            b"#!/bin/sh\n".to_vec(),
            "{}",
            "the archive ends inside a header",
        ),
        (b"\xfd7zXZ\0 and more".to_vec(), "{}", "compressed with xz"),
        (gzip(b"x")[..12].to_vec(), "{}", "cannot read"),
        (Vec::new(), "{}", "neither"),
        (Vec::new(), "oci:{}", "cannot read"),
    ] {
        let said = Scratch::new("file", &content)
            .load(reference)
            .unwrap_err()
            .to_string();
        assert!(said.contains(fault), "{fault}: {said}");
    }
    let dir = tempfile::tempdir().unwrap();
    for reference in [
        "{}",
        "oci:{}",
        "oci-archive:{}",
        "docker-archive:{}",
        "{}/absent",
    ] {
        let reference = reference.replace("{}", dir.path().to_str().unwrap());
        let said = open(&reference, dir.path()).unwrap_err().to_string();
        assert!(
            said.contains("`oci-layout` in") || said.contains("cannot read"),
            "{reference}: {said}"
        );
    }
}
