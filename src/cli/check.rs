//! `oci-slim check`: the gate for CI.

use std::path::{Path, PathBuf};

use crate::config::{self, Config};
use crate::error::{Error, Result};
use crate::image::Platform;
use crate::report::check::{Baseline, Check, DiveCi, Limits};
use crate::report::{Budget, Document as _, Saving, annotations};
use crate::source::{Location, open};
use crate::study::{self, Gate};

use super::flags::{Image, Machine, settings};
use super::output::Output;
use super::{Exit, Stop, show};

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    image: Image,
    /// Read limits from FILE [default: ./slim.toml when it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// All layers, as they are stored, at most
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_size: Option<u64>,
    /// Efficiency at least, from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    min_efficiency: Option<f64>,
    /// Bytes that upper layers hide at most
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_wasted: Option<u64>,
    /// How much larger than the baseline at most: a size or a percentage
    #[arg(long, value_name = "SIZE-OR-%", value_parser = growth, requires = "baseline")]
    max_growth: Option<Saving>,
    /// Earlier report in JSON, of inspect, check or shrink, to measure growth by
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// No visible path may match (can be repeated)
    #[arg(long, value_name = "GLOB")]
    forbid: Vec<String>,
    /// A visible path must match (can be repeated)
    #[arg(long, value_name = "GLOB")]
    require: Vec<String>,
    /// Hold the image against dive's rules in FILE too [default: ./.dive-ci when it is there]
    #[arg(long, value_name = "FILE")]
    dive_ci: Option<PathBuf>,
    /// dive's rule of this name
    #[arg(long = "lowestEfficiency", value_name = "SHARE")]
    lowest_efficiency: Option<String>,
    /// dive's rule of this name
    #[arg(long = "highestWastedBytes", value_name = "SIZE")]
    highest_wasted: Option<String>,
    /// dive's rule of this name
    #[arg(long = "highestUserWastedPercent", value_name = "SHARE")]
    highest_user_wasted: Option<String>,
    /// Take the image for OS/ARCH[/VARIANT] alone [default: all platforms]
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<Platform>,
    #[command(flatten)]
    machine: Machine,
    #[command(flatten)]
    output: Output,
}

/// Runs the command; a limit that is missed ends it with [`Exit::Refused`].
pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    let config = settings(args.config.as_ref())?;
    let limits = |platform: &str| limits(args, &config, platform);
    let gate = Gate {
        limits: &limits,
        dive_ci: dive_ci(args)?,
        baseline: args.baseline.as_deref().map(baseline).transpose()?,
    };
    let check = args.machine.run(|| {
        let view = args.machine.view(args.platform.as_ref());
        let location = Location::parse(&args.image.reference)?;
        study::check(&*open(&location, &view.temp_dir)?, &gate, &view)
    })?;
    args.output.show(&check, false)?;
    tell_github(&check)?;
    Ok(if check.holds {
        Exit::Done
    } else {
        Exit::Refused
    })
}

/// The limits of slim.toml for the platform, with those of the flags on top.
fn limits(args: &Args, config: &Config, platform: &str) -> Limits {
    config.limits_of(platform).with(&Limits {
        budget: Budget {
            max_size: args.max_size,
            min_efficiency: args.min_efficiency,
            max_wasted: args.max_wasted,
            min_saving: None,
        },
        max_growth: args.max_growth,
        forbid: args.forbid.clone(),
        require: args.require.clone(),
    })
}

/// dive's rules: those of the file, with those of the flags on top; none where neither is there.
fn dive_ci(args: &Args) -> Result<Option<DiveCi>> {
    let default = Path::new(".dive-ci");
    let file = args.dive_ci.as_deref();
    let file = file.or_else(|| default.exists().then_some(default));
    let flags = [
        ("lowestEfficiency", &args.lowest_efficiency),
        ("highestWastedBytes", &args.highest_wasted),
        ("highestUserWastedPercent", &args.highest_user_wasted),
    ];
    if file.is_none() && flags.iter().all(|(_, value)| value.is_none()) {
        return Ok(None);
    }
    let mut rules = match file {
        None => DiveCi::default(),
        Some(file) => {
            let fault = |(line, fault): (usize, String)| Error::Setting {
                name: ".dive-ci",
                fault: format!("`{}` line {line}: {fault}", file.display()),
            };
            DiveCi::parse(&read(file)?, config::size).map_err(fault)?
        }
    };
    for (name, value) in flags {
        if let Some(value) = value {
            let set = rules.set(name, value, config::size);
            set.map_err(|fault| Error::Setting { name, fault })?;
        }
    }
    Ok(Some(rules))
}

fn baseline(file: &Path) -> Result<Baseline> {
    Baseline::parse(&read(file)?).map_err(|fault| Error::Setting {
        name: "--baseline",
        fault: format!("`{}`: {fault}", file.display()),
    })
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|source| Error::Read {
        path: file.to_owned(),
        source,
    })
}

/// In a workflow of GitHub: an annotation for each limit that is missed, and the report in the job's summary.
fn tell_github(check: &Check) -> Result<(), Stop> {
    if std::env::var_os("GITHUB_ACTIONS").is_none_or(|value| value != "true") {
        return Ok(());
    }
    show::notes(annotations(check).into_iter());
    match std::env::var_os("GITHUB_STEP_SUMMARY") {
        Some(file) if !file.is_empty() => show::append(Path::new(&file), &check.markdown()),
        _ => Ok(()),
    }
}

fn bytes(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().or_else(|| config::size(text));
    number.ok_or_else(|| "write a number and a unit, such as 120MiB".into())
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok();
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "write a number from 0 to 1".into())
}

fn growth(text: &str) -> Result<Saving, String> {
    let percent = config::percent(text).map(Saving::Percent);
    let growth = percent.or_else(|| bytes(text).ok().map(Saving::Bytes));
    growth.ok_or_else(|| "write a share such as 5% or a size such as 10MiB".into())
}
