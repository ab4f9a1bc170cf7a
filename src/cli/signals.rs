//! Signals that end the program: what it runs and the unfinished result go first. One that the caller ignores, as `nohup` does, stays so.

use std::fs;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::run::stop_all;
use crate::write::remove_unfinished;

/// Waits for signals in a thread of its own; each ends the program as it would have ended without this.
pub(super) fn watch() {
    let ignored = ignored();
    let wanted = [SIGHUP, SIGINT, SIGTERM].into_iter();
    let wanted = wanted.filter(|signal| ignored >> (signal - 1) & 1 == 0);
    // Without it the program works; only what a signal leaves behind is left behind.
    let Ok(mut signals) = Signals::new(wanted) else {
        return;
    };
    thread::spawn(move || {
        for signal in signals.forever() {
            stop_all();
            remove_unfinished(|| {
                let _ = emulate_default_handler(signal);
            });
        }
    });
}

/// The signals that are ignored, the first one in the lowest bit.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}
