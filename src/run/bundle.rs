//! The bundle that crun and runc take: a root with a `config.json` beside it (runtime-spec).

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::process::Process;
use super::unpack::Unpacked;

/// What containers get from Docker.
const CAPABILITIES: [&str; 14] = [
    "CAP_AUDIT_WRITE",
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_MKNOD",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_RAW",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
];

/// Writes what a runtime needs beside an unpacked image.
pub(super) fn write(process: &Process, image: &Unpacked) -> io::Result<()> {
    let bundle = image.beside();
    let mut mounts = mounts();
    for (file, text) in network_files() {
        let source = bundle.join(file);
        fs::write(&source, text)?;
        mounts.push(json!({
            "destination": format!("/etc/{file}"), "type": "none", "source": source, "options": ["bind", "ro"],
        }));
    }
    let config = config(process, image.path(), mounts);
    fs::write(bundle.join("config.json"), config.to_string())
}

/// What runtimes put over the image's own, so that names resolve as they do here.
fn network_files() -> [(&'static str, Vec<u8>); 3] {
    let hosts = b"127.0.0.1\tlocalhost\n::1\tlocalhost\n".to_vec();
    let names = fs::read("/etc/resolv.conf").unwrap_or_default();
    [
        ("hosts", hosts),
        ("resolv.conf", names),
        ("hostname", b"image\n".to_vec()),
    ]
}

fn mounts() -> Vec<Value> {
    let mount = |destination: &str, kind: &str, source: &str, options: &[&str]| json!({"destination": destination, "type": kind, "source": source, "options": options});
    vec![
        mount("/proc", "proc", "proc", &[]),
        mount(
            "/dev",
            "tmpfs",
            "tmpfs",
            &["nosuid", "strictatime", "mode=755", "size=65536k"],
        ),
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            &[
                "nosuid",
                "noexec",
                "newinstance",
                "ptmxmode=0666",
                "mode=0620",
            ],
        ),
        mount(
            "/dev/shm",
            "tmpfs",
            "shm",
            &["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
        ),
        mount(
            "/dev/mqueue",
            "mqueue",
            "mqueue",
            &["nosuid", "noexec", "nodev"],
        ),
        // The network is the machine's, and with it only the machine's own view of it can be mounted.
        mount(
            "/sys",
            "none",
            "/sys",
            &["rbind", "nosuid", "noexec", "nodev", "ro"],
        ),
    ]
}

fn config(process: &Process, root: &Path, mounts: Vec<Value>) -> Value {
    json!({
        "ociVersion": "1.0.2",
        "process": {
            "terminal": false,
            "user": {"uid": process.user, "gid": process.group, "additionalGids": process.groups},
            "args": process.arguments,
            "env": process.environment,
            "cwd": process.directory,
            "capabilities": {
                "bounding": CAPABILITIES, "effective": CAPABILITIES, "permitted": CAPABILITIES,
            },
        },
        "root": {"path": root, "readonly": false},
        "hostname": "image",
        "mounts": mounts,
        "linux": {
            "namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}],
        },
    })
}
