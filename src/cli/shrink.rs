//! `oci-slim shrink`: make the slim image.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, ValueEnum};

use crate::error::Result;
use crate::image::Platform;
use crate::plan::Mode;
use crate::report::{self, Bytes, Document as _, Paint, Report};
use crate::shrink::{Options, Proof};
use crate::source::{Location, open};
use crate::write::{Compress, Destination};

use super::bar::Bar;
use super::flags::{Color, Format, Image, Machine, Rules};
use super::{Exit, Stop, show};

/// How much of the result is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Look {
    /// Compare the entry lists and read the written layers back.
    Full,
    /// Compare the entry lists.
    Index,
}

/// A file for a report, its form told by its name.
#[derive(Clone, Debug)]
struct ReportFile {
    path: PathBuf,
    format: report::Format,
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
    /// How layers are laid out: keep, squash or squash-above=N
    #[arg(long, value_name = "MODE")]
    layers: Option<Mode>,
    /// How layers are compressed: keep, gzip[:1-9], zstd[:1-19] or none
    #[arg(long, value_name = "CODEC")]
    compress: Option<Compress>,
    /// Take the image for OS/ARCH[/VARIANT] alone [default: all platforms]
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<Platform>,
    /// Report what would be done, exactly, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// How much of the result is proven before it is written
    #[arg(long, value_enum, default_value = "full")]
    proof: Look,
    /// Write the report to FILE, by extension: .txt .json .md (can be repeated)
    #[arg(long, value_name = "FILE", value_parser = report_file)]
    report: Vec<ReportFile>,
    /// Form of the report on standard output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    machine: Machine,
    /// Replace DEST where it exists
    #[arg(long)]
    force: bool,
    /// Print errors only, no report
    #[arg(short, long)]
    quiet: bool,
    /// Tell more of each layer
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,
    /// Show no progress
    #[arg(long)]
    no_progress: bool,
    /// When colour is used
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
}

fn report_file(text: &str) -> Result<ReportFile, String> {
    let path = PathBuf::from(text);
    let extension = path.extension().and_then(|extension| extension.to_str());
    let format = extension
        .and_then(report::Format::of_extension)
        .ok_or("its name must end in .txt, .json or .md")?;
    Ok(ReportFile { path, format })
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    let bar = Bar::new(!args.no_progress && !args.quiet);
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
    for file in &args.report {
        show::file(&file.path, &report.render(file.format, Paint(false)))?;
    }
    let to_stdout = args
        .destination
        .as_deref()
        .is_some_and(|destination| destination == "-");
    if !args.quiet && !to_stdout {
        show::document(&report, args.format, args.color)?;
    }
    Ok(Exit::Done)
}

/// Tells where the bytes of a layer of the result come from.
fn note(layer: &report::LayerRow) -> Option<String> {
    let what = match layer.bytes? {
        Bytes::Reused => "reused".to_owned(),
        Bytes::Spliced { copied, compressed } => {
            format!("spliced: {copied} bytes copied, {compressed} compressed anew")
        }
        Bytes::Compressed => "compressed".to_owned(),
    };
    Some(format!("layer {}: {what}", layer.index))
}

fn shrink(args: &Args, bar: &Bar) -> Result<Report> {
    let config = args.rules.config()?;
    let source = Location::parse(&args.image.reference)?;
    // A dry run writes nothing: standard output stands for the destination it may not have.
    let destination = Destination::parse(args.destination.as_deref().unwrap_or("-".as_ref()))?;
    let options = Options {
        rules: config.rules,
        mode: args.layers.unwrap_or(config.mode),
        compress: args.compress.unwrap_or(config.compress),
        platform: args
            .platform
            .clone()
            .or_else(|| config.platforms.first().cloned()),
        proof: if args.proof == Look::Full {
            Proof::Full
        } else {
            Proof::Index
        },
        temp_dir: args.machine.temp_dir.clone(),
        force: args.force,
        dry_run: args.dry_run,
    };
    crate::shrink::shrink(
        &*open(&source, &args.machine.spool())?,
        &destination,
        &options,
        bar,
    )
}
