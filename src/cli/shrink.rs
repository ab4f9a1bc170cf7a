//! `oci-slim shrink`: make the slim image.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{ArgAction, ValueEnum};

use crate::error::{Error, Result};
use crate::image::Platform;
use crate::plan::{Aim, Mode};
use crate::report::{self, Bytes, Report};
use crate::run::Commands;
use crate::shrink::{Options, Proof};
use crate::source::{Location, Source, open};
use crate::study;
use crate::write::{Compress, Destination};

use super::bar::Bar;
use super::flags::{FleetFlags, Image, Machine, Rules};
use super::output::Output;
use super::{Exit, Stop, show};

/// How much of the result is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Look {
    /// Compare the entry lists and read the written layers back.
    Full,
    /// Compare the entry lists.
    Index,
}

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    image: Image,
    /// Where the slim image goes: oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG], a path, or -
    #[arg(
        short = 'o',
        long = "output",
        value_name = "DEST",
        required_unless_present = "dry_run"
    )]
    destination: Option<OsString>,
    #[command(flatten)]
    rules: Rules,
    /// How layers are laid out: keep, squash, squash-above=N, regroup[=MAX] or auto
    #[arg(long, value_name = "MODE")]
    layers: Option<Mode>,
    /// What layers are laid out for: size, pull or update [default: update for regroup, pull for auto]
    #[arg(long, value_name = "AIM")]
    aim: Option<Aim>,
    /// Take layers of IMAGE, the last release, again where they hold the same; with --layers regroup
    #[arg(long, value_name = "IMAGE")]
    previous: Option<OsString>,
    /// How layers are compressed: keep, gzip[:1-9], zstd[:1-19] or none
    #[arg(long, value_name = "CODEC")]
    compress: Option<Compress>,
    /// Take the image for OS/ARCH[/VARIANT] alone (can be repeated) [default: all platforms]
    #[arg(long, value_name = "PLATFORM")]
    platform: Vec<Platform>,
    /// Report what would be done, exactly, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// How much of the result is proven before it is written
    #[arg(long, value_enum, default_value = "full")]
    proof: Look,
    /// Write two bills of materials (CycloneDX 1.6) to DIR: left.cdx.json and stays.cdx.json
    #[arg(long, value_name = "DIR")]
    sbom: Option<PathBuf>,
    /// Write what was removed to FILE, as a layer that `oci-slim restore` or any builder puts back on top
    #[arg(long, value_name = "FILE")]
    restore_pack: Option<PathBuf>,
    #[command(flatten)]
    fleet: FleetFlags,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    machine: Machine,
    /// Replace DEST where it exists
    #[arg(long)]
    force: bool,
    /// Tell more of each layer
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,
    /// Show no progress
    #[arg(long)]
    no_progress: bool,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    let bar = Bar::new(!args.no_progress && !args.output.quiet);
    let report = args.machine.run(|| shrink(args, &bar))?;
    drop(bar);
    if args.verbose > 0 {
        show::notes(
            report
                .images
                .iter()
                .flat_map(|image| &image.layers)
                .filter_map(note),
        );
    }
    if let Some(dir) = &args.sbom {
        bills(dir, &report)?;
    }
    let image_to_stdout = args.destination.as_deref() == Some("-".as_ref()) && !args.dry_run;
    args.output.show(&report, image_to_stdout)?;
    if report.missed_limits.is_empty() {
        Ok(Exit::Done)
    } else {
        Ok(Exit::Refused)
    }
}

/// Writes the bills of materials; of several images each has a directory of its own.
fn bills(dir: &Path, report: &Report) -> Result<(), Stop> {
    let is_one = report.images.len() == 1;
    for (number, image) in report.images.iter().enumerate() {
        let Some(bills) = &image.bills else { continue };
        let own = if is_one {
            dir.to_owned()
        } else {
            dir.join(format!("{number}-{}", image.platform.replace('/', "-")))
        };
        show::directory(&own)?;
        show::file(&own.join("left.cdx.json"), &bills.left)?;
        show::file(&own.join("stays.cdx.json"), &bills.stays)?;
    }
    Ok(())
}

/// Tells where the bytes of a layer of the result come from.
fn note(layer: &report::LayerRow) -> Option<String> {
    let what = match layer.bytes? {
        Bytes::Reused => "reused".to_owned(),
        Bytes::Spliced { copied, compressed } => {
            format!("spliced: {copied} bytes copied, {compressed} compressed anew")
        }
        Bytes::Compressed => "compressed".to_owned(),
        Bytes::Previous => "of the earlier release".to_owned(),
    };
    Some(format!("layer {}: {what}", layer.index))
}

/// Where a dry run that is given no destination would write: an image of its own.
fn nowhere(args: &Args) -> OsString {
    let mut reference = OsString::from("oci:");
    reference.push(
        args.machine
            .spool()
            .join(format!("oci-slim-dry-run-{}", std::process::id())),
    );
    reference
}

/// The moment that the sources are of, as builders tell it (reproducible-builds.org).
fn source_date() -> Result<Option<i64>> {
    const NAME: &str = "SOURCE_DATE_EPOCH";
    let Some(text) = std::env::var_os(NAME).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let seconds = text.to_str().and_then(|text| text.parse().ok());
    let seconds = seconds.filter(|seconds: &i64| *seconds >= 0);
    seconds.map(Some).ok_or_else(|| Error::Setting {
        name: NAME,
        fault: "it is no number of seconds".into(),
    })
}

fn shrink(args: &Args, bar: &Bar) -> Result<Report> {
    let config = args.rules.config()?;
    let source = Location::parse(&args.image.reference)?;
    let destination =
        Destination::parse(&args.destination.clone().unwrap_or_else(|| nowhere(args)))?;
    let options = Options {
        wanted: config.wanted(),
        sbom: args.sbom.is_some(),
        mode: args.layers.unwrap_or(config.mode),
        aim: args.aim.or(config.aim),
        latest: source_date()?,
        previous: match &args.previous {
            Some(reference) => {
                let location = Location::parse(reference)?;
                Some(open(&location, &args.machine.spool())?.into())
            }
            None => None,
        },
        compress: args.compress.unwrap_or(config.compress),
        platforms: match args.platform.is_empty() {
            true => config.platforms.clone(),
            false => args.platform.clone(),
        },
        proof: if args.proof == Look::Full {
            Proof::Full
        } else {
            Proof::Index
        },
        temp_dir: args.machine.temp_dir.clone(),
        restore_pack: args.restore_pack.clone(),
        force: args.force,
        dry_run: args.dry_run,
    };
    let source = open(&source, &args.machine.spool())?;
    let ask = |before: &dyn Source, after: &dyn Source| {
        if config.run.is_empty() || args.dry_run {
            return Ok(Vec::new());
        }
        let commands = Commands {
            lines: config.run.clone(),
            timeout: config.run_timeout,
            dir: args.machine.spool(),
            engine: None,
        };
        study::hold_against(before, after, &options.platforms, &commands, args.force)
    };
    let mut report = crate::shrink::shrink_if(&*source, &destination, &options, bar, &ask)?;
    if let Some(fleet) = args.fleet.fleet() {
        report.multiply(fleet);
    }
    report.hold_against(|platform| config.limits_of(platform).budget);
    Ok(report)
}
