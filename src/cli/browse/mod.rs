//! `oci-slim browse`: layers on the left, their files on the right.
//!
//! [`state`] is what is shown and what keys do to it; [`draw`] shows it; neither knows the terminal, which only this file
//! touches.

mod draw;
#[cfg(test)]
mod example;
mod keys;
mod marks;
mod model;
mod rows;
mod state;

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use ratatui::crossterm::event::{self, Event, KeyEventKind};

use crate::error::{Error, Result};
use crate::image::Platform;
use crate::source::{Location, open};
use crate::study::{self, Browsed};

use super::flags::{Image, Machine};
use super::{Exit, Stop, show};
use model::Model;
use state::{State, Step};

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    image: Image,
    /// Take the image for OS/ARCH[/VARIANT] [default: the first that the image offers]
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<Platform>,
    /// Add rules for marked paths to FILE
    #[arg(long, value_name = "FILE", default_value = "slim.toml")]
    rules: PathBuf,
    #[command(flatten)]
    machine: Machine,
}

/// Runs the command until the user leaves it.
pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(Stop::Failed(Error::Setting {
            name: "browse",
            fault: "needs a terminal; `inspect` writes the same as text".into(),
        }));
    }
    show::notes(std::iter::once("reading the image …".into()));
    let browsed = args.machine.run(|| {
        let view = args.machine.view(args.platform.as_ref());
        let location = Location::parse(&args.image.reference)?;
        study::browse(&*open(&location, &view.temp_dir)?, &view)
    })?;
    let state = State::new(Model::new(&browsed), args.rules.display().to_string());
    interact(state, &browsed, args)?;
    Ok(Exit::Done)
}

fn interact(mut state: State, browsed: &Browsed, args: &Args) -> Result<()> {
    let failed = |source| Error::Read {
        path: "the terminal".into(),
        source,
    };
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let mut terminal = ratatui::try_init().map_err(failed)?;
    let outcome = loop {
        let drawn = terminal.draw(|frame| draw::draw(frame, &mut state, browsed, is_plain));
        if let Err(fault) = drawn {
            break Err(failed(fault));
        }
        let key = match event::read() {
            Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => key,
            Ok(_) => continue,
            Err(fault) => break Err(failed(fault)),
        };
        match state.press(key) {
            Step::Stay => {}
            Step::Leave => break Ok(()),
            Step::Write => {
                let written = marks::append(&args.rules, &state.rules());
                state.written(written.map_err(|fault| fault.to_string()));
            }
        }
    };
    ratatui::restore();
    outcome
}
