//! What a program was seen to open and to start: recordings of runs, in the forms that tracers write.
//!
//! A recording only ever adds to what is kept. Nothing here reads an image or follows links.

mod call;
mod json;
mod lists;
mod strace;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::error::{Error, Result};

/// What a recording names.
///
/// Paths are absolute as the process named them, without doubled slashes and `.`; `..` stays where it is, as only the
/// image's links tell what it means. Paths below `/proc`, `/dev` and `/sys` are left out: runtimes make those.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// All that was opened, looked at or started with success.
    pub paths: BTreeSet<Vec<u8>>,
    /// What of them was started as a program.
    pub executed: BTreeSet<Vec<u8>>,
    /// How many paths were left out because the recording does not tell the directory that they are relative to.
    pub unplaced: usize,
}

/// Where the recorded processes lived.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame<'a> {
    /// The directory of the recording machine that was the image's root, as absolute path: taken off all paths.
    /// Recordings of a whole machine then count only below it.
    pub root: Option<&'a [u8]>,
    /// The directory in which the first process started, as absolute path in the image.
    pub directory: Option<&'a [u8]>,
}

/// The first line that no form explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexplained {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub fault: &'static str,
}

impl Trace {
    /// Adds what another recording names.
    pub fn extend(&mut self, other: Self) {
        self.paths.extend(other.paths);
        self.executed.extend(other.executed);
        self.unplaced += other.unplaced;
    }

    fn see(&mut self, path: Vec<u8>, started: bool) {
        if started {
            self.executed.insert(path.clone());
        }
        self.paths.insert(path);
    }
}

/// Reads a recording from a file of this machine.
///
/// # Errors
/// When the file cannot be read, or holds a line that no form explains.
pub fn read(file: &Path, frame: Frame<'_>) -> Result<Trace> {
    let bytes = fs::read(file).map_err(|source| Error::Read {
        path: file.to_owned(),
        source,
    })?;
    parse(&bytes, frame).map_err(|fault| Error::Trace {
        path: file.to_owned(),
        line: fault.line,
        fault: fault.fault,
    })
}

/// Reads a recording: strace's text, fatrace's, a list of paths, Mint's `creport.json`, or JSON by lines; the first
/// line that is not blank tells which.
///
/// # Errors
/// When a line is not of the form that the first one has.
pub fn parse(bytes: &[u8], frame: Frame<'_>) -> Result<Trace, Unexplained> {
    let first = lines(bytes).next().map_or(&b""[..], |(_, line)| line);
    match first.first() {
        None => Ok(Trace::default()),
        Some(b'{' | b'[') if !first.starts_with(b"[pid ") => json::parse(bytes, frame),
        Some(b'/' | b'#') => lists::paths(bytes, frame),
        Some(b'.') if first.starts_with(b"./") => lists::paths(bytes, frame),
        Some(_) if lists::is_fatrace(first) => lists::fatrace(bytes, frame),
        Some(_) => strace::parse(bytes, frame),
    }
}

/// The lines that are not blank, without white space at the end, with their numbers.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = bytes.split(|&byte| byte == b'\n').enumerate();
    lines
        .map(|(place, line)| (place + 1, line.trim_ascii_end()))
        .filter(|(_, line)| !line.is_empty())
}

/// The path in the image that `path` means for a process in `directory`; `None` where that is not known.
fn place(path: &[u8], directory: Option<&[u8]>) -> Option<Vec<u8>> {
    let mut whole = match path.first() {
        Some(b'/') => Vec::new(),
        _ => directory?.to_vec(),
    };
    for component in path.split(|&byte| byte == b'/') {
        if !matches!(component, b"" | b".") {
            whole.push(b'/');
            whole.extend_from_slice(component);
        }
    }
    Some(whole)
}

/// A placed path as the image has it; `None` for what runtimes make.
fn in_image(path: Vec<u8>, frame: Frame<'_>) -> Option<Vec<u8>> {
    let path = strip(&path, frame).map_or(path.clone(), <[u8]>::to_vec);
    let made = [&b"/proc"[..], b"/dev", b"/sys"];
    let is_made = made
        .iter()
        .any(|top| below(&path, top).is_some_and(|rest| rest.is_empty() || rest[0] == b'/'));
    (!is_made && path.len() > 1 && !path.contains(&0)).then_some(path)
}

/// `path` without the root's directory in front; `None` where it is not below it.
fn strip<'a>(path: &'a [u8], frame: Frame<'_>) -> Option<&'a [u8]> {
    let root = frame.root?;
    let root = root.strip_suffix(b"/").unwrap_or(root);
    match below(path, root)? {
        b"" => Some(b"/"),
        rest => rest.starts_with(b"/").then_some(rest),
    }
}

fn below<'a>(path: &'a [u8], top: &[u8]) -> Option<&'a [u8]> {
    path.strip_prefix(top)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str, frame: Frame<'_>) -> Vec<String> {
        let trace = parse(text.as_bytes(), frame).unwrap();
        let text = |path: &Vec<u8>| String::from_utf8(path.clone()).unwrap();
        trace.paths.iter().map(text).collect()
    }

    #[test]
    fn the_first_line_tells_the_form() {
        let frame = Frame::default();
        let forms = [
            "\n\nopen(\"/etc/a\", O_RDONLY) = 3\n",
            "[pid    7] open(\"/etc/a\", O_RDONLY) = 3\n",
            "cat(12): O    /etc/a\n",
            "/etc/a\n",
            "./etc/a\n",
            "# recorded\n/etc/a\n",
            "{\"path\": \"/etc/a\"}\n",
            "[{\"path\": \"/etc/a\"}]\n",
            "{\"image\": {\"files\": [{\"file_path\": \"/etc/a\"}]}}",
        ];
        for form in forms {
            assert_eq!(seen(form, frame), ["/etc/a"], "{form}");
        }
        assert_eq!(parse(b" \n\n", frame).unwrap(), Trace::default());
    }

    #[test]
    fn what_runtimes_make_is_left_out() {
        let text = "/proc/self/exe\n/dev\n/sys/x\n/\n/device\n/a//b/./c/../d\n/ü\n";
        assert_eq!(
            seen(text, Frame::default()),
            ["/a/b/c/../d", "/device", "/ü"]
        );
    }

    #[test]
    fn a_root_is_taken_off_and_lists_count_below_it_alone() {
        let frame = Frame {
            root: Some(b"/srv/root/"),
            directory: None,
        };
        let text = "/srv/root/etc/a\n/srv/rootless/b\n/etc/c\n/srv/root\n/srv/root/proc/1\n";
        assert_eq!(seen(text, frame), ["/etc/a"]);
    }

    #[test]
    fn a_file_that_no_form_explains_is_named_with_its_line() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("trace");
        fs::write(&file, "/etc/a\n\nnonsense\n").unwrap();
        let error = read(&file, Frame::default()).unwrap_err().to_string();
        assert!(error.contains("trace:3: "), "{error}");
        assert!(read(&directory.path().join("none"), Frame::default()).is_err());
    }
}
