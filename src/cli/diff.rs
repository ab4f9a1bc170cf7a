//! `oci-slim diff`: how images differ.

use std::ffi::OsString;

use crate::error::Result;
use crate::image::Platform;
use crate::source::{Location, open};
use crate::study;

use super::flags::{FleetFlags, Machine};
use super::output::Output;
use super::{Exit, Stop};

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Images to compare: of two, what a container sees too; of more, a row each
    #[arg(value_name = "IMAGE", num_args = 2.., required = true)]
    images: Vec<OsString>,
    /// Take the images for OS/ARCH[/VARIANT] alone [default: all platforms]
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<Platform>,
    /// Tell what the images share with BASE and what is their own
    #[arg(long, value_name = "BASE")]
    against: Option<OsString>,
    #[command(flatten)]
    fleet: FleetFlags,
    #[command(flatten)]
    machine: Machine,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    let difference = args.machine.run(|| {
        let view = args.machine.view(args.platform.as_ref());
        let sources = args
            .images
            .iter()
            .map(|reference| open(&Location::parse(reference)?, &view.temp_dir))
            .collect::<Result<Vec<_>>>()?;
        let mut difference = study::diff(&sources, &view)?;
        if let Some(base) = &args.against {
            let base = open(&Location::parse(base)?, &view.temp_dir)?;
            difference.hold_against(&study::sizes(&*base, &view)?);
        }
        if let Some(fleet) = args.fleet.fleet() {
            difference.multiply(fleet);
        }
        Ok(difference)
    })?;
    args.output.show(&difference, false)?;
    Ok(Exit::Done)
}
