//! The program, run as a user runs it.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// What a run of the program left behind.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Fails unless the program did what was asked.
    #[track_caller]
    pub(crate) fn succeeded(&self) -> &Self {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self
    }
}

/// Runs the program in an empty directory, with at most 2 GiB of address space and a minute.
pub(crate) fn oci_slim<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    let empty = scratch();
    oci_slim_in(empty.path(), arguments)
}

/// As [`oci_slim`], in `dir`.
pub(crate) fn oci_slim_in<A: AsRef<OsStr>>(
    dir: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Run {
    let output = assert_cmd::Command::new("sh")
        .args(["-c", "ulimit -v 2097152 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_oci-slim"))
        .args(arguments)
        .current_dir(dir)
        .env_remove("RUST_BACKTRACE")
        .timeout(Duration::from_secs(60))
        .output()
        .unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into(),
        stderr: String::from_utf8_lossy(&output.stderr).into(),
    }
}

/// A directory that goes with its guard; in memory where the machine offers that.
pub(crate) fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir()
        && let Ok(dir) = TempDir::new_in(memory)
    {
        return dir;
    }
    TempDir::new().unwrap()
}

/// A result that must be there, and the JSON report of how it came to be.
pub(crate) struct Slim {
    pub(crate) layout: PathBuf,
    pub(crate) report: Value,
}

/// Shrinks the layout `before` into `dir/name` with `arguments`; it must succeed.
#[track_caller]
pub(crate) fn shrink(before: &Path, dir: &Path, name: &str, arguments: &[&str]) -> Slim {
    let layout = dir.join(name);
    let report = dir.join(format!("{name}.json"));
    let mut all: Vec<&OsStr> = vec!["shrink".as_ref(), before.as_ref(), "-o".as_ref()];
    all.extend([layout.as_os_str(), "--report".as_ref(), report.as_os_str()]);
    all.extend(arguments.iter().map(OsStr::new));
    let run = oci_slim_in(dir, all);
    assert_eq!(run.code, Some(0), "{arguments:?}: {}", run.stderr);
    let text = std::fs::read_to_string(&report).unwrap();
    Slim {
        layout,
        report: serde_json::from_str(&text).unwrap(),
    }
}

impl Slim {
    /// The paths that the report says are gone, each once however many platforms had it.
    pub(crate) fn removed(&self) -> Vec<Vec<u8>> {
        let mut paths = self.paths("removed");
        paths.sort();
        paths.dedup();
        paths
    }

    /// The paths of the rows of this name, of all platforms.
    pub(crate) fn paths(&self, rows: &str) -> Vec<Vec<u8>> {
        self.rows(rows)
            .map(|row| unescaped(row["path"].as_str().unwrap()))
            .collect()
    }

    /// The rows of this name, of all platforms.
    pub(crate) fn rows(&self, rows: &str) -> impl Iterator<Item = &Value> {
        let images = self.report["images"].as_array().unwrap();
        images
            .iter()
            .flat_map(move |image| image[rows].as_array().unwrap())
    }
}

/// The bytes of a path that a report shows: `\xNN` is one byte.
pub(crate) fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut left = text.as_bytes();
    while let Some((&first, rest)) = left.split_first() {
        let digits = left.strip_prefix(b"\\x").and_then(|rest| rest.get(..2));
        let digits = digits.and_then(|digits| str::from_utf8(digits).ok());
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            left = &left[4..];
        } else {
            bytes.push(first);
            left = rest;
        }
    }
    bytes
}

/// `text` with digests and sizes made the same in every run: `[digest]`, `[size]`.
pub(crate) fn filtered(text: &str) -> String {
    let mut filtered = String::new();
    for line in text.split_inclusive('\n') {
        let words: Vec<String> = line.split(' ').map(filtered_word).collect();
        let line = words.join(" ");
        filtered.push_str(&sizes(&line));
    }
    filtered
}

fn filtered_word(word: &str) -> String {
    let Some(at) = word.find("sha256:") else {
        return word.into();
    };
    let rest = &word[at + 7..];
    let end = rest
        .find(|c: char| !c.is_ascii_hexdigit())
        .unwrap_or(rest.len());
    let mut text = String::new();
    write!(text, "{}[digest]{}", &word[..at], &rest[end..]).unwrap();
    text
}

/// A number and a unit of bytes.
fn sizes(line: &str) -> String {
    let mut words: Vec<&str> = line.split(' ').collect();
    let units = ["B", "kB", "MB", "GB", "KiB", "MiB", "GiB", "bytes"];
    let mut at = 1;
    while at < words.len() {
        let unit = words[at].trim_end_matches(|c: char| !c.is_ascii_alphabetic());
        let number = words[at - 1].trim_start_matches(['(', '-', '+']);
        let is_number =
            !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if units.contains(&unit) && is_number {
            words[at - 1] = "[size]";
            words[at] = &words[at][unit.len()..];
        }
        at += 1;
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_come_back() {
        assert_eq!(unescaped(r"a\xff\x0ab\"), b"a\xff\nb\\");
    }

    #[test]
    fn what_differs_between_runs_is_filtered() {
        let text = "blob `sha256:00ff`: 12.5 MB, 3 files\n";
        assert_eq!(filtered(text), "blob `[digest]`: [size] , 3 files\n");
    }
}
