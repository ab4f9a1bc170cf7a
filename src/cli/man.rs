//! `oci-slim completions` and `oci-slim man`, for packagers.

use clap_complete::Shell;

use crate::error::Error;

use super::{Exit, Stop, show};

/// The flags of `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// Shell to write them for
    shell: Shell,
}

/// Writes the completions.
pub(super) fn completions(args: &Completions, program: &mut clap::Command) -> Result<Exit, Stop> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, program, "oci-slim", &mut text);
    show::data(&text)?;
    Ok(Exit::Done)
}

/// Writes the manual page, with a section for each command.
pub(super) fn man(program: clap::Command) -> Result<Exit, Stop> {
    let failed = |source| {
        Stop::Failed(Error::Write {
            path: "the manual page".into(),
            source,
        })
    };
    let mut text = Vec::new();
    let mut program = program.disable_help_subcommand(true);
    program.build();
    clap_mangen::Man::new(program.clone())
        .render(&mut text)
        .map_err(failed)?;
    for command in program.get_subcommands() {
        clap_mangen::Man::new(command.clone())
            .render(&mut text)
            .map_err(failed)?;
    }
    show::data(&text)?;
    Ok(Exit::Done)
}
