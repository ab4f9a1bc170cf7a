//! The command line: names and flags, and the way from them to the library. Only `show` prints.

#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "doc comments of flags are help texts, and brackets are what may be left out"
)]

mod bar;
#[cfg(feature = "tui")]
mod browse;
mod check;
mod diff;
mod explain;
mod flags;
mod inspect;
mod man;
mod output;
mod restore;
mod rules;
mod show;
mod shrink;
mod signals;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::error::Error;

/// How a run ends, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Could not: bad image, I/O, …
    Failed = 1,
    /// The command line or `slim.toml` is wrong.
    Usage = 2,
    /// Done, but a budget or a finding says no.
    Refused = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended early.
#[derive(Debug)]
enum Stop {
    /// Something is wrong.
    Failed(Error),
    /// Who reads standard output has gone: nothing is wrong.
    BrokenPipe,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Makes a container image smaller after the build, and says what went and why.
#[derive(Debug, Parser)]
#[command(
    name = "oci-slim",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the slim image
    Shrink(Box<shrink::Args>),
    /// Show where the bytes of an image are
    Inspect(inspect::Args),
    /// Look at layers and files in the terminal
    #[cfg(feature = "tui")]
    Browse(browse::Args),
    /// Tell the life of one path
    Explain(explain::Args),
    /// Compare images
    Diff(diff::Args),
    /// Hold an image against limits; exit code 3 when one is missed
    Check(Box<check::Args>),
    /// Check every digest, size and diff ID, or compare two images
    Verify(verify::Args),
    /// Put back what a run took away
    Restore(restore::Args),
    /// List the built-in rules, or describe some
    Rules(rules::Args),
    /// Write completions for a shell
    Completions(man::Completions),
    /// Write the manual page
    Man,
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let program = match Program::try_parse() {
        Ok(program) => program,
        Err(error) => {
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
            return show::clap(&error, exit).into();
        }
    };
    signals::watch();
    let ended = match &program.command {
        Command::Shrink(args) => shrink::run(args),
        Command::Inspect(args) => inspect::run(args),
        #[cfg(feature = "tui")]
        Command::Browse(args) => browse::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Check(args) => check::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Restore(args) => restore::run(args),
        Command::Rules(args) => rules::run(args),
        Command::Completions(args) => man::completions(args, &mut Program::command()),
        Command::Man => man::man(Program::command()),
    };
    match ended {
        Ok(exit) => exit,
        Err(Stop::BrokenPipe) => Exit::Done,
        Err(Stop::Failed(error)) => show::error(&error),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Program::command().debug_assert();
    }

    #[test]
    fn exit_codes_hold_still() {
        assert_eq!(
            [Exit::Done, Exit::Failed, Exit::Usage, Exit::Refused].map(|exit| exit as u8),
            [0, 1, 2, 3]
        );
    }
}
