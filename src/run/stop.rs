//! What is running now, so that a signal that ends this program ends it too.

use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, kill_process};

static RUNNING: Mutex<Vec<(u32, Option<Vec<OsString>>)>> = Mutex::new(Vec::new());

/// Ends all commands that are running.
pub fn stop_all() {
    for (child, command) in lock().iter() {
        stop(*child, command.as_deref());
    }
}

/// Ends a child; with `command`, what it started elsewhere, too.
pub(super) fn stop(child: u32, command: Option<&[OsString]>) {
    if let Some([program, arguments @ ..]) = command {
        let mut command = Command::new(program);
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null());
        let _ = quiet.stderr(Stdio::null()).args(arguments).status();
    }
    let child = i32::try_from(child).ok().and_then(Pid::from_raw);
    if let Some(child) = child {
        let _ = kill_process(child, Signal::KILL);
    }
}

/// A child on the list, until this goes out of scope.
#[derive(Debug)]
pub(super) struct Running(u32);

impl Running {
    pub(super) fn enter(child: u32, command: Option<Vec<OsString>>) -> Self {
        lock().push((child, command));
        Self(child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        lock().retain(|(child, _)| *child != self.0);
    }
}

fn lock() -> MutexGuard<'static, Vec<(u32, Option<Vec<OsString>>)>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
