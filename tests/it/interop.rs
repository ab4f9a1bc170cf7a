//! Other people's tools as judges of what is written, and of the oracle itself.
//!
//! A tool that is not installed is skipped; `OCI_SLIM_REQUIRE_TOOLS=1` makes that a failure.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::codec::Codec;
use crate::support::compare::{assert_same, without};
use crate::support::disk;
use crate::support::entry::Entry;
use crate::support::flatten::{Kind, Tree, flatten, images, parse};
use crate::support::image::{Image, image};
use crate::support::judge::{is_root, is_there, output, run, skopeo_copy, umoci_unpack};
use crate::support::layout::{config, read_json};
use crate::support::program::{Slim, shrink};
use crate::support::stacks::stacks;

const MODES: [&str; 3] = ["keep", "squash", "squash-above=1"];

/// A real file system: in memory some attributes have no place.
fn on_disk() -> TempDir {
    TempDir::new().unwrap()
}

fn stack() -> Image {
    let capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    image()
        .layer(|l| {
            l.dir("etc")
                .file("etc/passwd", b"root:x:0:0::/root:/bin/sh\n")
                .dir("usr")
                .dir("usr/bin")
                .add(
                    Entry::file("usr/bin/ping", b"ping")
                        .mode(0o755)
                        .xattr("security.capability", capability),
                )
                .add(Entry::file("usr/bin/su", b"su").mode(0o4755))
                .symlink("bin", "usr/bin")
                .dir("cache")
                .file("cache/module", vec![b'm'; 9000])
                .hardlink("copy/module", "cache/module")
                .file("secret", vec![b's'; 9000])
                .file(format!("{}/deep", "long/".repeat(50)), b"deep")
                .file(b"caf\xe9", b"latin")
        })
        .layer(|l| l.whiteout("secret"))
        .layer(|l| l.file("app/main", b"main").add(Entry::fifo("app/pipe")))
}

fn slim(before: &Path, dir: &Path, layers: &str) -> Slim {
    let arguments = ["--disable", "*", "--remove", "cache", "--layers", layers];
    shrink(before, dir, layers, &arguments)
}

/// What a tool unpacked, where it sets no times of its own.
#[track_caller]
fn assert_unpacked(rootfs: &Path, expected: &Tree) {
    let mut unpacked = disk::tree(rootfs);
    for (path, node) in &mut unpacked {
        if expected.get(path).is_some_and(|node| node.mtime.is_none()) {
            node.mtime = None;
        }
    }
    assert_same(&unpacked, expected);
}

#[test]
fn umoci_unpacks_what_the_oracle_tells() {
    if !is_there("umoci") || !is_root() {
        return;
    }
    let dir = on_disk();
    let before = stack().write(&dir.path().join("before"));
    let source = flatten(&before);
    for layers in MODES {
        let slim = slim(&before, dir.path(), layers);
        let expected = without(&source, &slim.removed());
        let bundle = dir.path().join(format!("{layers}.bundle"));
        assert_unpacked(&umoci_unpack(&slim.layout, &bundle), &expected);
    }
}

#[test]
fn umoci_and_the_oracle_agree_on_random_stacks() {
    if !is_there("umoci") || !is_root() {
        return;
    }
    let mut runner = TestRunner::deterministic();
    for number in 0..100 {
        let stack = stacks().new_tree(&mut runner).unwrap().current();
        let tars = stack.tars();
        // umoci 0.4.7 refuses the typeflag S.
        if tars.iter().any(|tar| {
            tar.chunks(512)
                .any(|b| b.get(156) == Some(&b'S') && b[257..].starts_with(b"ustar"))
        }) {
            continue;
        }
        let dir = on_disk();
        let layout = stack.codec(Codec::gzip(1)).write(&dir.path().join("image"));
        let rootfs = umoci_unpack(&layout, &dir.path().join("bundle"));
        let (mut unpacked, expected) = (disk::tree(&rootfs), flatten(&layout));
        for node in unpacked.values_mut().filter(|node| node.kind == Kind::Dir) {
            // It touches directories whose content a marker deletes.
            node.mtime = None;
        }
        let differences = crate::support::compare::differences(&unpacked, &expected);
        assert!(differences.is_empty(), "stack {number}:\n{differences}");
    }
}

/// umoci 0.4.7 puts neither padding nor zero blocks behind the last file (umoci#436).
#[test]
fn layers_of_umoci_insert_are_read() {
    if !is_there("umoci") || !is_root() {
        return;
    }
    let dir = on_disk();
    let before = dir.path().join("before");
    let image = format!("{}:latest", before.display());
    run("umoci", ["init", "--layout", before.to_str().unwrap()]);
    run("umoci", ["new", "--image", &image]);
    for (name, size) in [("gone", 5001), ("stays", 9001)] {
        let content = dir.path().join(name);
        std::fs::create_dir(&content).unwrap();
        std::fs::write(content.join("file"), vec![b'x'; size]).unwrap();
        let content = content.to_str().unwrap();
        run(
            "umoci",
            ["insert", "--image", &image, content, &format!("/{name}")],
        );
    }
    let source = flatten(&before);
    for layers in ["keep", "squash"] {
        let arguments = ["--disable", "*", "--remove", "gone", "--layers", layers];
        let slim = shrink(&before, dir.path(), layers, &arguments);
        let expected = without(&source, &slim.removed());
        assert_eq!(slim.removed().len(), 2);
        let bundle = dir.path().join(format!("{layers}.bundle"));
        assert_unpacked(&umoci_unpack(&slim.layout, &bundle), &expected);
    }
}

#[test]
fn skopeo_converts_it_and_back() {
    if !is_there("skopeo") {
        return;
    }
    let dir = on_disk();
    let before = stack().write(&dir.path().join("before"));
    let source = flatten(&before);
    for layers in MODES {
        let slim = slim(&before, dir.path(), layers);
        let expected = without(&source, &slim.removed());
        let oci = format!("oci:{}:latest", slim.layout.display());
        let archive = format!("docker-archive:{}/{layers}.tar", dir.path().display());
        let back = dir.path().join(format!("{layers}.back"));
        skopeo_copy(&oci, &format!("{archive}:lab/x:latest"));
        skopeo_copy(&archive, &format!("oci:{}:latest", back.display()));
        assert_same(&flatten(&back), &expected);
        assert_eq!(config(&back)["rootfs"], config(&slim.layout)["rootfs"]);
    }
}

#[test]
fn skopeo_writes_archives_that_are_read() {
    if !is_there("skopeo") {
        return;
    }
    let dir = on_disk();
    let before = stack().write(&dir.path().join("before"));
    let expected = without(&flatten(&before), &["cache", "cache/module"]);
    let oci = format!("oci:{}:latest", before.display());
    for transport in ["docker-archive", "oci-archive"] {
        let archive = dir.path().join(format!("{transport}.tar"));
        let tag = if transport == "oci-archive" {
            ":latest"
        } else {
            ":lab/x:latest"
        };
        skopeo_copy(&oci, &format!("{transport}:{}{tag}", archive.display()));
        let arguments = ["--disable", "*", "--remove", "cache"];
        let slim = shrink(&archive, dir.path(), transport, &arguments);
        assert_same(&flatten(&slim.layout), &expected);
    }
}

#[test]
fn skopeo_reads_the_archives_that_are_written() {
    if !is_there("skopeo") {
        return;
    }
    let dir = on_disk();
    let before = stack().write(&dir.path().join("before"));
    let expected = flatten(&before);
    for (number, destination) in [
        "oci-archive:FILE:latest",
        "docker-archive:FILE:lab/x:latest",
    ]
    .iter()
    .enumerate()
    {
        let file = dir.path().join(format!("{number}.tar"));
        let reference = destination.replace("FILE", file.to_str().unwrap());
        let arguments = [
            "shrink",
            before.to_str().unwrap(),
            "-o",
            &reference,
            "--disable",
            "*",
        ];
        let run = crate::support::program::oci_slim_in(dir.path(), arguments);
        run.succeeded();
        let back = dir.path().join(format!("{number}.back"));
        skopeo_copy(&reference, &format!("oci:{}:latest", back.display()));
        assert_same(&flatten(&back), &expected);
    }
}

#[test]
fn python_reads_every_layer() {
    if !is_there("python3") {
        return;
    }
    let dir = on_disk();
    let before = stack().write(&dir.path().join("before"));
    for layers in MODES {
        let slim = slim(&before, dir.path(), layers);
        for (number, tar) in images(&slim.layout)
            .values()
            .flat_map(|image| &image.tars)
            .enumerate()
        {
            let file = dir.path().join(format!("{layers}-{number}.tar"));
            std::fs::write(&file, tar).unwrap();
            let script = "import sys, tarfile\nfor m in tarfile.open(sys.argv[1], errorlevel=2): print(ascii(m.name))";
            let listed = run("python3", ["-c", script, file.to_str().unwrap()]);
            let listed = String::from_utf8(listed.stdout).unwrap();
            let names = parse(tar).len();
            assert_eq!(
                listed.lines().count(),
                names,
                "{layers} {number}:\n{listed}"
            );
        }
    }
}

/// A registry on a port of this machine, which goes with its guard.
struct Registry {
    child: Child,
    host: String,
}

impl Registry {
    fn start(dir: &Path) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let settings = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}/registry}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n",
            dir.display()
        );
        let file = dir.join("registry.yml");
        std::fs::write(&file, settings).unwrap();
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let host = format!("127.0.0.1:{port}");
        let registry = Self { child, host };
        for _ in 0..100 {
            if std::net::TcpStream::connect(&registry.host).is_ok() {
                return registry;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("the registry does not answer");
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_registry_takes_it_and_gives_it_back() {
    if !is_there("skopeo") || !is_there("docker-registry") {
        return;
    }
    let dir = on_disk();
    let registry = Registry::start(dir.path());
    let before = stack().write(&dir.path().join("before"));
    for codec in ["keep", "zstd"] {
        let arguments = ["--disable", "*", "--layers", "squash", "--compress", codec];
        let slim = shrink(&before, dir.path(), codec, &arguments);
        let place = format!("docker://{}/lab/{codec}:latest", registry.host);
        let back = dir.path().join(format!("{codec}.back"));
        skopeo_copy(&format!("oci:{}:latest", slim.layout.display()), &place);
        skopeo_copy(&place, &format!("oci:{}:latest", back.display()));
        assert_same(&flatten(&back), &flatten(&before));
    }
}

fn fixture(dir: &Path) -> PathBuf {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/press-site.oci.tar");
    let layout = dir.join("fixture");
    std::fs::create_dir(&layout).unwrap();
    run(
        "tar",
        [
            "-xf".as_ref(),
            archive.as_os_str(),
            "-C".as_ref(),
            layout.as_os_str(),
        ],
    );
    layout
}

#[test]
fn the_fixture_is_what_umoci_unpacks() {
    if !is_there("umoci") || !is_root() {
        return;
    }
    let dir = on_disk();
    let before = fixture(dir.path());
    let source = flatten(&before);
    for profile in ["safe", "lean"] {
        for layers in MODES {
            let name = format!("{profile}-{layers}");
            let slim = shrink(
                &before,
                dir.path(),
                &name,
                &["--profile", profile, "--layers", layers],
            );
            let expected = without_edits(&without(&source, &slim.removed()), &slim);
            assert_same(&without_edits(&flatten(&slim.layout), &slim), &expected);
            let rootfs = umoci_unpack(&slim.layout, &dir.path().join(format!("{name}.bundle")));
            assert_unpacked(&rootfs, &flatten(&slim.layout));
        }
    }
}

/// `tree` with the content of edited files left out, as the report says what they became.
fn without_edits(tree: &Tree, slim: &Slim) -> Tree {
    let mut tree = tree.clone();
    for path in slim.paths("edited") {
        tree.get_mut(&path).unwrap().kind = Kind::File(Vec::new());
    }
    tree
}

#[test]
fn the_fixtures_program_runs_as_before() {
    if !is_there("umoci") || !is_there("runc") || !is_root() {
        return;
    }
    let dir = on_disk();
    let before = fixture(dir.path());
    let bundle = dir.path().join("before.bundle");
    umoci_unpack(&before, &bundle);
    let said = run_bundle(&bundle, "before", &config(&before));
    assert!(said.contains("press-site serves 1 release"), "{said}");
    for layers in MODES {
        let slim = shrink(
            &before,
            dir.path(),
            layers,
            &["--profile", "lean", "--layers", layers],
        );
        let bundle = dir.path().join(format!("{layers}.bundle"));
        umoci_unpack(&slim.layout, &bundle);
        assert_eq!(
            run_bundle(&bundle, layers, &config(&slim.layout)),
            said,
            "{layers}"
        );
    }
}

/// Runs a bundle's program with the fewest namespaces that it needs, so that it also runs inside a sandbox.
fn run_bundle(bundle: &Path, name: &str, config: &Value) -> String {
    let file = bundle.join("config.json");
    let mut settings = read_json(&file);
    let list = |key: &str| {
        config["config"][key]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    settings["process"]["args"] = [list("Entrypoint"), list("Cmd")].concat().into();
    settings["process"]["terminal"] = false.into();
    settings["process"]
        .as_object_mut()
        .unwrap()
        .remove("rlimits");
    let namespaces = ["mount", "pid", "ipc", "uts"].map(|kind| json!({"type": kind}));
    settings["linux"] = json!({"namespaces": namespaces});
    settings["mounts"] = json!([{"destination": "/proc", "type": "proc", "source": "proc"}]);
    std::fs::write(&file, settings.to_string()).unwrap();
    let state = bundle.join("state");
    let name = name.replace('=', "-");
    let id = format!("oci-slim-{name}-{}", std::process::id());
    let output = output(
        "runc",
        [
            "--root",
            state.to_str().unwrap(),
            "run",
            "--bundle",
            bundle.to_str().unwrap(),
            &id,
        ],
    );
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {told}");
    String::from_utf8(output.stdout).unwrap()
}
