//! Bad input: refused with one line that names blob, entry and fault; nothing at DEST, nothing outside it, no panic.

mod archives;
mod blobs;
mod documents;
mod layers;
mod tolerated;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::program::{Run, oci_slim_in, scratch};

/// A place with an image to be, a victim that must be neither read nor written, a temp dir and room for DEST.
struct Arena {
    dir: TempDir,
}

const SECRET: &str = "the victim's words";

impl Arena {
    fn new() -> Self {
        let dir = scratch();
        for name in ["victim", "out", "temp"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        fs::write(dir.path().join("victim/hello"), SECRET).unwrap();
        Self { dir }
    }

    fn image(&self) -> PathBuf {
        self.dir.path().join("image")
    }

    fn victim(&self) -> PathBuf {
        self.dir.path().join("victim/hello")
    }

    /// Shrinks the image with several ways to lay out, as each reads other parts of it.
    fn shrink(&self, layers: &str) -> Run {
        let out = self.dir.path().join("out/slim");
        let temp = self.dir.path().join("temp");
        let arguments = [
            "shrink".as_ref(),
            self.image().as_os_str(),
            "-o".as_ref(),
            out.as_os_str(),
            "--layers".as_ref(),
            layers.as_ref(),
            "--temp-dir".as_ref(),
            temp.as_os_str(),
        ]
        .map(ToOwned::to_owned);
        oci_slim_in(self.dir.path(), arguments)
    }

    /// Every path of the place but what is in `out`, with kind, length and the victim's content.
    fn listing(&self) -> BTreeMap<PathBuf, String> {
        let mut listing = BTreeMap::new();
        list(self.dir.path(), &mut listing);
        listing
    }
}

fn list(dir: &Path, listing: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let mut what = format!("{:?} {}", metadata.file_type(), metadata.len());
        if metadata.is_file() && metadata.len() < 100 {
            what += &fs::read_to_string(&path).unwrap_or_default();
        }
        if metadata.is_dir() {
            list(&path, listing);
            what.truncate(what.rfind(' ').unwrap());
        }
        listing.insert(path, what);
    }
}

/// Fails unless the image is refused in every layout and the line holds each of `named`.
#[track_caller]
fn assert_refused(what: &str, arena: &Arena, named: &[&str]) {
    for layers in ["keep", "squash"] {
        let before = arena.listing();
        let run = arena.shrink(layers);
        let told = format!("{what}, {layers}: {run:?}");
        assert_eq!(run.code, Some(1), "{told}");
        let line = the_error_line(&run, &told);
        for name in named {
            assert!(line.contains(name), "`{name}` is not named: {told}");
        }
        assert!(!run.stderr.contains(SECRET), "it read the victim: {told}");
        assert_eq!(arena.listing(), before, "something was left behind: {told}");
    }
}

/// The one line that says what is wrong; around it only causes, a hint and warnings may stand.
#[track_caller]
fn the_error_line<'a>(run: &'a Run, told: &str) -> &'a str {
    let lines: Vec<&str> = run.stderr.lines().collect();
    let errors: Vec<&&str> = lines.iter().filter(|l| l.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{told}");
    let known = ["error: ", "  ", "hint: ", "warning: "];
    let other = lines
        .iter()
        .find(|line| !line.is_empty() && !known.iter().any(|start| line.starts_with(start)));
    assert_eq!(other, None, "{told}");
    errors[0]
}
