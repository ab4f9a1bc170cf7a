//! A progress bar on standard error, where that is a terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::progress::Progress;

/// A bar that shows the step and the bytes read in it.
#[derive(Debug)]
pub(super) struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// Makes the bar; it stays hidden when not `wanted` or where nobody looks.
    pub(super) fn new(wanted: bool) -> Self {
        let seen = wanted && std::io::stderr().is_terminal();
        let bar = if seen {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        if seen {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self { bar }
    }
}

impl Progress for Bar {
    fn begin(&self, step: &str, bytes: Option<u64>) {
        let template = if bytes.is_some() {
            "{spinner} {msg} {wide_bar} {bytes}/{total_bytes}"
        } else {
            "{spinner} {msg}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_message(step.to_owned());
        self.bar.set_position(0);
        self.bar.set_length(bytes.unwrap_or(0));
    }

    fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
