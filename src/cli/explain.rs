//! `oci-slim explain`: the life of one path.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use crate::image::Platform;
use crate::source::{Location, open};
use crate::study;

use super::flags::{Image, Machine, Rules};
use super::output::Output;
use super::{Exit, Stop};

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    image: Image,
    /// Path in the image, with or without a slash before it
    #[arg(value_name = "PATH")]
    path: OsString,
    #[command(flatten)]
    rules: Rules,
    /// Take the image for OS/ARCH[/VARIANT] alone [default: all platforms]
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<Platform>,
    #[command(flatten)]
    machine: Machine,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    let explanation = args.machine.run(|| {
        let config = args.rules.config()?;
        let view = args.machine.view(args.platform.as_ref());
        let location = Location::parse(&args.image.reference)?;
        let source = open(&location, &view.temp_dir)?;
        study::explain(&*source, args.path.as_bytes(), &config.wanted(), &view)
    })?;
    args.output.show(&explanation, false)?;
    Ok(Exit::Done)
}
