//! `oci-slim restore`: put back what a run took away.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::image::Platform;
use crate::source::{Location, open};
use crate::write::Destination;

use super::flags::{Image, Machine};
use super::{Exit, Stop};

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    image: Image,
    /// What `shrink --restore-pack` wrote
    #[arg(value_name = "PACK")]
    pack: PathBuf,
    /// Where the whole image goes: oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG], a path, or -
    #[arg(short = 'o', long = "output", value_name = "DEST")]
    destination: OsString,
    /// Take the image for OS/ARCH[/VARIANT], where there are several
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<Platform>,
    #[command(flatten)]
    machine: Machine,
    /// Replace DEST where it exists
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    args.machine.run(|| {
        let source = open(
            &Location::parse(&args.image.reference)?,
            &args.machine.spool(),
        )?;
        crate::shrink::restore(
            &*source,
            &args.pack,
            &Destination::parse(&args.destination)?,
            args.platform.as_ref(),
            args.machine.temp_dir.as_deref(),
            args.force,
        )
    })?;
    Ok(Exit::Done)
}
