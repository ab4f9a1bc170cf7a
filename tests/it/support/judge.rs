//! Other people's tools as judges: found, run, or told to be missing.

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Whether `tool` is installed; when it is not, says so, or fails where `OCI_SLIM_REQUIRE_TOOLS` asks for all of them.
#[allow(clippy::print_stderr, reason = "a skipped judge must be seen")]
pub(crate) fn is_there(tool: &str) -> bool {
    if find(tool).is_some() {
        return true;
    }
    assert!(
        std::env::var_os("OCI_SLIM_REQUIRE_TOOLS").is_none_or(|value| value != "1"),
        "{tool} is not installed"
    );
    eprintln!("skipped: {tool} is not installed");
    false
}

/// Whether this process may unpack images as they are: umoci and runc need root for that.
#[allow(clippy::print_stderr, reason = "a skipped judge must be seen")]
pub(crate) fn is_root() -> bool {
    let root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    if !root {
        eprintln!("skipped: it needs root");
    }
    root
}

fn find(tool: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|dir| dir.join(tool))
        .find(|file| file.is_file())
}

/// Runs an installed tool; it must succeed.
#[track_caller]
pub(crate) fn run<A: AsRef<OsStr>>(tool: &str, arguments: impl IntoIterator<Item = A>) -> Output {
    let output = output(tool, arguments);
    assert!(
        output.status.success(),
        "{tool}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Runs an installed tool, however it ends.
pub(crate) fn output<A: AsRef<OsStr>>(
    tool: &str,
    arguments: impl IntoIterator<Item = A>,
) -> Output {
    let mut command = Command::new(find(tool).unwrap());
    command.args(arguments).output().unwrap()
}

/// `umoci unpack` of the tag `latest`; returns the bundle's root file system.
#[track_caller]
pub(crate) fn umoci_unpack(layout: &Path, bundle: &Path) -> PathBuf {
    let image = format!("{}:latest", layout.display());
    run(
        "umoci",
        ["unpack", "--image", &image, bundle.to_str().unwrap()],
    );
    bundle.join("rootfs")
}

/// `skopeo copy` between any two places.
#[track_caller]
pub(crate) fn skopeo_copy(from: &str, to: &str) {
    run(
        "skopeo",
        [
            "copy",
            "--quiet",
            "--insecure-policy",
            "--dest-tls-verify=false",
            "--src-tls-verify=false",
            from,
            to,
        ],
    );
}
