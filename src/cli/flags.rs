//! Arguments that several commands share.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::closure::trace::{self, Frame};
use crate::config::{self, Config};
use crate::error::{Error, Result};
use crate::image::Platform;
use crate::report::{self, Fleet};
use crate::rules::{Origin, Profile, UserRule};
use crate::study::View;

/// How a report is rendered on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For job summaries.
    Md,
    /// One page for a browser.
    Html,
    /// Findings for places that show them beside code.
    Sarif,
    /// Checked limits for CI servers.
    Junit,
}

impl From<Format> for report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
            Format::Md => Self::Markdown,
            Format::Html => Self::Html,
            Format::Sarif => Self::Sarif,
            Format::Junit => Self::Junit,
        }
    }
}

/// When colour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where the settings come from and which rules act.
#[derive(Debug, Args)]
pub(super) struct Rules {
    /// Read settings from FILE [default: ./slim.toml when it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Set of rules to start from: safe, lean or distroless
    #[arg(long, value_name = "PROFILE")]
    profile: Option<Profile>,
    /// Turn a built-in rule on (can be repeated)
    #[arg(long, value_name = "RULE")]
    enable: Vec<String>,
    /// Turn a built-in rule off; `*` all of them (can be repeated)
    #[arg(long, value_name = "RULE")]
    disable: Vec<String>,
    /// Remove what matches (can be repeated)
    #[arg(long, value_name = "GLOB")]
    remove: Vec<String>,
    /// Keep what matches, whatever would remove it (can be repeated)
    #[arg(long, value_name = "GLOB")]
    keep: Vec<String>,
    /// Remove packages whose name matches, with all that needs them and all that is left over; `pypi:NAME` means one of
    /// Python's (can be repeated)
    #[arg(long, value_name = "NAME-OR-GLOB")]
    drop_package: Vec<String>,
    /// Keep what a recording of the running program names, for `distroless`: strace, fatrace, a list of paths, creport.json
    /// or JSON by lines (can be repeated)
    #[arg(long, value_name = "FILE")]
    trace: Vec<PathBuf>,
    /// Directory of the recording machine that was the image's root
    #[arg(long, value_name = "DIR", requires = "trace")]
    trace_root: Option<PathBuf>,
}

/// Reads the file named, or `./slim.toml` when it is there.
pub(super) fn settings(file: Option<&PathBuf>) -> Result<Config> {
    match file {
        Some(file) => config::load(file),
        None if PathBuf::from("slim.toml").exists() => config::load("slim.toml".as_ref()),
        None => Ok(Config::default()),
    }
}

impl Rules {
    /// Reads `slim.toml` and puts the flags on top.
    pub(super) fn config(&self) -> Result<Config> {
        let mut config = settings(self.config.as_ref())?;
        let rules = &mut config.rules;
        if let Some(profile) = self.profile {
            rules.profile = profile;
        }
        rules.enable.extend(
            self.enable
                .iter()
                .map(|name| (name.clone(), Origin::Flag("--enable"))),
        );
        rules.disable.extend(
            self.disable
                .iter()
                .map(|name| (name.clone(), Origin::Flag("--disable"))),
        );
        rules
            .user
            .extend(self.remove.iter().map(|glob| flag("--remove", glob, false)));
        rules
            .user
            .extend(self.keep.iter().map(|glob| flag("--keep", glob, true)));
        let drop = self.drop_package.iter();
        config
            .drop_packages
            .extend(drop.map(|name| (name.clone(), Origin::Flag("--drop-package"))));
        config.traces.extend(self.trace.iter().cloned());
        let frame = Frame {
            root: self
                .trace_root
                .as_ref()
                .map(|root| root.as_os_str().as_bytes()),
            directory: None,
        };
        let read = config.traces.iter().map(|file| trace::read(file, frame));
        config.distroless.traces = read.collect::<Result<_>>()?;
        Ok(config)
    }
}

fn flag(flag: &'static str, glob: &str, keep: bool) -> UserRule {
    UserRule {
        name: glob.to_owned(),
        globs: vec![glob.to_owned()],
        larger_than: None,
        keep,
        origin: Origin::Flag(flag),
    }
}

/// How much of the machine is used.
#[derive(Debug, Args)]
pub(super) struct Machine {
    /// Use N threads [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
    /// Put temporary files in DIR [default: beside the destination]
    #[arg(long, value_name = "DIR")]
    pub(super) temp_dir: Option<PathBuf>,
}

impl Machine {
    /// Runs `work` on the threads asked for.
    pub(super) fn run<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let threads = self.threads.map_or(0, usize::from);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let failed = |error: rayon::ThreadPoolBuildError| Error::Read {
            path: "the thread pool".into(),
            source: std::io::Error::other(error),
        };
        pool.map_err(failed)?.install(work)
    }

    /// What to look at: the image for `platform`, or all.
    pub(super) fn view(&self, platform: Option<&Platform>) -> View {
        View {
            platform: platform.cloned(),
            temp_dir: self.spool(),
        }
    }

    /// The directory for archives that must be inflated before anything else is known.
    pub(super) fn spool(&self) -> PathBuf {
        self.temp_dir.clone().unwrap_or_else(std::env::temp_dir)
    }
}

/// How often an image is held and pulled.
#[derive(Debug, Args)]
pub(super) struct FleetFlags {
    /// Tell what is saved on the disks of N nodes that hold the image
    #[arg(long, value_name = "N")]
    replicas: Option<u64>,
    /// Tell what is saved by N pulls of the image
    #[arg(long, value_name = "N")]
    pulls: Option<u64>,
}

impl FleetFlags {
    /// The numbers, where one was given.
    pub(super) fn fleet(&self) -> Option<Fleet> {
        let is_asked = self.replicas.is_some() || self.pulls.is_some();
        is_asked.then(|| Fleet {
            replicas: self.replicas.unwrap_or(0),
            pulls: self.pulls.unwrap_or(0),
        })
    }
}

/// An image to read.
#[derive(Debug, Args)]
pub(super) struct Image {
    /// Image to read: oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG], a path, or -
    #[arg(value_name = "IMAGE")]
    pub(super) reference: OsString,
}
