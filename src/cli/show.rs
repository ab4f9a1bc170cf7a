//! The only place that prints: data to standard output, all else to standard error.

use std::error::Error as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use crate::error::Error;
use crate::report::Paint;

use super::flags::Color;
use super::{Exit, Stop};

/// Writes data to standard output.
pub(super) fn data(text: &[u8]) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    out.write_all(text)
        .and_then(|()| out.flush())
        .map_err(|source| match source.kind() {
            io::ErrorKind::BrokenPipe => Stop::BrokenPipe,
            _ => Stop::Failed(Error::Write {
                path: "standard output".into(),
                source,
            }),
        })
}

/// Makes a directory that the user asked for, where it is not there.
pub(super) fn directory(path: &Path) -> Result<(), Stop> {
    std::fs::create_dir_all(path).map_err(|source| {
        Stop::Failed(Error::Write {
            path: path.to_owned(),
            source,
        })
    })
}

/// Writes a file that the user asked for beside the result.
pub(super) fn file(path: &Path, text: &str) -> Result<(), Stop> {
    std::fs::write(path, text).map_err(|source| {
        Stop::Failed(Error::Write {
            path: path.to_owned(),
            source,
        })
    })
}

/// Adds to a file that other steps add to.
pub(super) fn append(path: &Path, text: &str) -> Result<(), Stop> {
    let open = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path);
    open.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| {
            Stop::Failed(Error::Write {
                path: path.to_owned(),
                source,
            })
        })
}

/// Writes notes, a line each.
pub(super) fn notes(lines: impl Iterator<Item = String>) {
    let text: String = lines.map(|line| line + "\n").collect();
    // Nobody is left to tell when standard error is gone.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Writes an error with its causes and the next step, and returns how the run ends.
pub(super) fn error(error: &Error) -> Exit {
    let mut text = format!("error: {}\n", harmless(&error.to_string()));
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!("  {}\n", harmless(&error.to_string()));
        cause = error.source();
    }
    if let Some(hint) = error.hint() {
        text += &format!("\nhint: {hint}\n");
    }
    let _ = io::stderr().write_all(text.as_bytes());
    if error.is_usage() {
        Exit::Usage
    } else if error.is_refusal() {
        Exit::Refused
    } else {
        Exit::Failed
    }
}

/// Escapes what would steer the terminal: names in errors are the image's, and may be hostile.
fn harmless(text: &str) -> String {
    let escape = |character: char| match character {
        '\n' => "\n".to_owned(),
        control if control.is_control() => control.escape_default().to_string(),
        other => other.to_string(),
    };
    text.chars().map(escape).collect()
}

/// Writes what clap has to say: help and version to standard output, faults to standard error.
pub(super) fn clap(error: &clap::Error, exit: Exit) -> Exit {
    let _ = error.print();
    exit
}

/// Whether colour is used.
pub(super) fn paint(color: Color) -> Paint {
    let wanted = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    };
    Paint(wanted)
}
