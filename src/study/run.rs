//! Whether commands do in one image what they do in another.

use crate::error::{Error, Result, Warning};
use crate::image::Platform;
use crate::report::verify::{RunRow, RunSide};
use crate::run::{self, Commands, Compared, Ending, Outcome};
use crate::source::Source;

/// Runs the commands in the images of both sources.
///
/// # Errors
/// As [`run::compare`].
pub fn run(
    before: &dyn Source,
    after: &dyn Source,
    platforms: &[Platform],
    commands: &Commands,
) -> Result<Vec<RunRow>> {
    let compared = run::compare(before, after, platforms, commands)?;
    Ok(compared.iter().map(row).collect())
}

/// Runs the commands in an image and in what was made of it, and returns what differs in standard error alone.
///
/// # Errors
/// As [`run::compare`], and [`Error::Runs`] for the first command that does something else, unless `force` makes it
/// a warning.
pub fn hold_against(
    before: &dyn Source,
    after: &dyn Source,
    platforms: &[Platform],
    commands: &Commands,
    force: bool,
) -> Result<Vec<Warning>> {
    let mut warnings = Vec::new();
    for one in run::compare(before, after, platforms, commands)? {
        let differences = one.differences();
        if !one.is_same() && !force {
            return Err(Error::Runs {
                line: one.command().to_owned(),
                platform: one.platform,
                fault: differences.join("; "),
            });
        }
        if !one.is_same() || one.differs_in_errors() {
            let text = format!(
                "`{}` on {}: {}",
                one.command(),
                one.platform,
                differences.join("; ")
            );
            warnings.push(Warning { code: "run", text });
        }
    }
    Ok(warnings)
}

fn row(compared: &Compared) -> RunRow {
    RunRow {
        platform: compared.platform.clone(),
        command: compared.command().to_owned(),
        engine: compared.engine,
        same: compared.is_same(),
        before: side(&compared.before),
        after: side(&compared.after),
        differences: compared.differences(),
    }
}

fn side(outcome: &Outcome) -> RunSide {
    RunSide {
        exit_code: match outcome.ending {
            Ending::Exit(code) => Some(code),
            Ending::TimedOut => None,
        },
        output: outcome.output.len,
        errors: outcome.errors.len,
    }
}
