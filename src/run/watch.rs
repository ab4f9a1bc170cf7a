//! Starts a program, reads what it says and ends it in time.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::digest::Hasher;

use super::outcome::{Ending, Outcome, Said};
use super::stop::{Running, stop};

/// How much of a stream is kept to be shown, in bytes; all of it counts.
const KEPT: usize = 1 << 20;

/// Runs a program to its end, or for `timeout`; `ender` is a command that ends what it starts elsewhere.
pub(super) fn watch(
    command: &mut Command,
    ender: Option<Vec<OsString>>,
    timeout: Duration,
) -> io::Result<Outcome> {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = quiet.stderr(Stdio::piped()).spawn()?;
    let _running = Running::enter(child.id(), ender.clone());
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let output = thread::spawn(move || output.map(read));
    let errors = thread::spawn(move || errors.map(read));
    let ending = match wait(&mut child, timeout)? {
        Some(status) => Ending::Exit(code(status)),
        None => {
            stop(child.id(), ender.as_deref());
            child.wait()?;
            Ending::TimedOut
        }
    };
    let said = |thread: thread::JoinHandle<Option<Said>>| {
        let read = thread.join().ok().flatten();
        read.ok_or_else(|| io::Error::other("its output could not be read"))
    };
    Ok(Outcome {
        ending,
        output: said(output)?,
        errors: said(errors)?,
    })
}

fn wait(child: &mut Child, timeout: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= timeout {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// The exit code as shells have it.
fn code(status: ExitStatus) -> i32 {
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

/// Reads a stream to its end.
fn read(mut stream: impl Read) -> Said {
    let (mut hasher, mut start) = (Hasher::default(), Vec::new());
    let mut buffer = vec![0; 64 << 10];
    // What can be read no more has ended.
    while let Ok(len @ 1..) = stream.read(&mut buffer) {
        hasher.update(&buffer[..len]);
        let room = KEPT - start.len();
        start.extend_from_slice(&buffer[..len.min(room)]);
    }
    let (digest, len) = hasher.finish();
    Said { start, len, digest }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, timeout: Duration) -> Outcome {
        watch(Command::new("sh").args(["-c", script]), None, timeout).unwrap()
    }

    #[test]
    fn exit_codes_signals_and_streams() {
        let minute = Duration::from_secs(60);
        let outcome = shell("echo a; echo b >&2; exit 3", minute);
        assert_eq!(outcome.ending, Ending::Exit(3));
        assert_eq!(outcome.output.start, b"a\n");
        assert_eq!(outcome.errors.start, b"b\n");
        assert_eq!(shell("kill -9 $$", minute).ending, Ending::Exit(137));
        let long = shell("head -c 3000000 /dev/zero", minute).output;
        assert_eq!((long.start.len(), long.len), (KEPT, 3_000_000));
    }

    #[test]
    fn what_takes_too_long_is_ended() {
        let outcome = shell("echo a; exec sleep 1000", Duration::from_millis(300));
        assert_eq!(outcome.ending, Ending::TimedOut);
        assert_eq!(outcome.output.start, b"a\n");
    }
}
