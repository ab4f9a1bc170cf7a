//! `oci-slim inspect`: where the bytes of an image are.

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
        study::inspect(&*open(&location, &view.temp_dir)?, &view)
    })?;
    args.output.show(&inspection, false)?;
    Ok(Exit::Done)
}
