//! `oci-slim verify`: whether an image is whole, and whether another is it less what was removed.

use std::ffi::OsString;
use std::time::Duration;

use crate::image::Platform;
use crate::run::Commands;
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
    /// Run CMD in both images and compare exit code and output: words as in a shell, the whole command; "" for what
    /// the image itself starts (can be repeated)
    #[arg(long, value_name = "CMD", requires = "after")]
    run: Vec<String>,
    /// End a command after SECONDS
    #[arg(long, value_name = "SECONDS", default_value = "60", requires = "run")]
    timeout: u64,
    /// What runs commands: crun, runc, podman, docker or chroot [default: the first that works]
    #[arg(long, value_name = "NAME", requires = "run")]
    engine: Option<String>,
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
        let mut verification = study::verify(&*source, after.as_deref(), &view)?;
        if let Some(after) = after.as_deref().filter(|_| !args.run.is_empty()) {
            let commands = Commands {
                lines: args.run.clone(),
                timeout: Duration::from_secs(args.timeout),
                dir: view.temp_dir.clone(),
                engine: args.engine.clone(),
            };
            let platforms = view.platform.as_slice();
            verification.add_runs(study::run(&*source, after, platforms, &commands)?);
        }
        Ok(verification)
    })?;
    args.output.show(&verification, false)?;
    Ok(if verification.holds {
        Exit::Done
    } else {
        Exit::Refused
    })
}
