//! `oci-slim verify`: whether an image is whole, and whether another is it less what was removed.

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
    /// Slimmed image that must show nothing that IMAGE does not
    #[arg(value_name = "AFTER")]
    after: Option<OsString>,
    /// Take the images for OS/ARCH[/VARIANT] alone [default: all platforms]
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<Platform>,
    #[command(flatten)]
    machine: Machine,
    #[command(flatten)]
    output: Output,
}

/// Runs the command; what was found besides removals ends it with [`Exit::Refused`].
pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    let verification = args.machine.run(|| {
        let view = args.machine.view(args.platform.as_ref());
        let place = |reference| open(&Location::parse(reference)?, &view.temp_dir);
        let source = place(&args.image.reference)?;
        let after = args.after.as_deref().map(place).transpose()?;
        study::verify(&*source, after.as_deref(), &view)
    })?;
    args.output.show(&verification, false)?;
    Ok(if verification.holds {
        Exit::Done
    } else {
        Exit::Refused
    })
}
