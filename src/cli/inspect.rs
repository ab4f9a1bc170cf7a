//! `oci-slim inspect`: where the bytes of an image are.

use std::ffi::OsString;

use crate::image::Platform;
use crate::source::{Location, open};
use crate::study;

use super::flags::{Image, Machine};
use super::output::Output;
use super::{Exit, Stop};

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    image: Image,
    /// Take the image for OS/ARCH[/VARIANT] alone [default: all platforms]
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<Platform>,
    /// Tell what a node pulls that has BEFORE, an earlier image
    #[arg(long, value_name = "BEFORE")]
    since: Option<OsString>,
    #[command(flatten)]
    machine: Machine,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    let inspection = args.machine.run(|| {
        let view = args.machine.view(args.platform.as_ref());
        let location = Location::parse(&args.image.reference)?;
        let mut inspection = study::inspect(&*open(&location, &view.temp_dir)?, &view)?;
        if let Some(since) = &args.since {
            let since = open(&Location::parse(since)?, &view.temp_dir)?;
            inspection.since(&study::sizes(&*since, &view)?);
        }
        Ok(inspection)
    })?;
    args.output.show(&inspection, false)?;
    Ok(Exit::Done)
}
