//! What runs a process in an unpacked image: crun, runc, podman or docker, or the system's own `unshare`.
//!
//! An engine counts only after it was seen to start something: one that is installed may not work where it is.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::error::{Error, Result};

use super::bundle;
use super::outcome::{Ending, Outcome};
use super::process::Process;
use super::unpack::Unpacked;
use super::watch::watch;

/// A program that no image has.
const PROBE: &str = "/.oci-slim-probe";

/// A way to run processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Engine {
    kind: Kind,
    program: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Crun,
    Runc,
    Podman,
    Docker,
    Chroot,
}

impl Kind {
    /// In the order in which they are tried: the lightest first.
    const ALL: [Self; 5] = [
        Self::Crun,
        Self::Runc,
        Self::Podman,
        Self::Docker,
        Self::Chroot,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Crun => "crun",
            Self::Runc => "runc",
            Self::Podman => "podman",
            Self::Docker => "docker",
            Self::Chroot => "chroot",
        }
    }

    fn program(self) -> &'static str {
        match self {
            Self::Chroot => "unshare",
            other => other.name(),
        }
    }
}

impl Engine {
    /// Finds the first one that works; one named `only`, where that is said.
    ///
    /// # Errors
    /// When none does; the message tells of each why.
    pub(super) fn find(only: Option<&str>, dir: &Path) -> Result<Self> {
        let mut faults = Vec::new();
        for kind in Kind::ALL {
            if only.is_some_and(|only| only != kind.name()) {
                continue;
            }
            let Some(program) = search(kind.program()) else {
                faults.push(format!("{} is not installed", kind.name()));
                continue;
            };
            let engine = Self { kind, program };
            match engine.probe(dir)? {
                None => return Ok(engine),
                Some(fault) => faults.push(format!("{} does not work: {fault}", kind.name())),
            }
        }
        if faults.is_empty() {
            let names = Kind::ALL.map(Kind::name).join(", ");
            faults.push(format!("there is no such engine; there are {names}"));
        }
        let fault = format!("nothing here runs containers: {}", faults.join("; "));
        Err(Error::Setting { name: "run", fault })
    }

    pub(super) fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// Asks for a program that is not there: who says so has come as far as to start one.
    fn probe(&self, dir: &Path) -> Result<Option<String>> {
        let is_root = rustix::process::geteuid().is_root();
        if !is_root && self.kind != Kind::Docker {
            return Ok(Some("it needs root to give files their owners".to_owned()));
        }
        let process = Process {
            arguments: vec![PROBE.to_owned()],
            environment: Vec::new(),
            directory: "/".to_owned(),
            user: 0,
            group: 0,
            groups: Vec::new(),
        };
        let outcome = self.run(&Unpacked::empty(dir)?, &process, Duration::from_secs(30))?;
        let said = String::from_utf8_lossy(&outcome.errors.start).into_owned();
        let works = outcome.ending != Ending::Exit(0) && said.contains(PROBE);
        let first = said.lines().next().unwrap_or("it says nothing").to_owned();
        Ok((!works).then_some(first))
    }

    /// Runs a process in an unpacked image.
    ///
    /// # Errors
    /// When the engine itself cannot be started.
    pub(super) fn run(
        &self,
        image: &Unpacked,
        process: &Process,
        timeout: Duration,
    ) -> Result<Outcome> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("oci-slim-{}-{number}", std::process::id());
        let outcome = match self.kind {
            Kind::Crun | Kind::Runc => self.bundle(image, process, timeout, &name),
            Kind::Podman => self.rootfs(image, process, timeout, &name),
            Kind::Docker => self.import(image, process, timeout, &name),
            Kind::Chroot => self.unshare(image, process, timeout),
        };
        outcome.map_err(|source| Error::Read {
            path: self.program.clone(),
            source,
        })
    }

    /// crun and runc, which take a directory with a `config.json` (runtime-spec).
    fn bundle(
        &self,
        image: &Unpacked,
        process: &Process,
        timeout: Duration,
        name: &str,
    ) -> io::Result<Outcome> {
        let bundle = image.beside();
        bundle::write(process, image)?;
        let state = bundle.join("state");
        let mut command = Command::new(&self.program);
        command.arg("--root").arg(&state).args(["run", "--bundle"]);
        command.arg(bundle).arg(name);
        let root: [&OsStr; 2] = ["--root".as_ref(), state.as_ref()];
        watch(
            &mut command,
            Some(self.ender(&root, &["delete", "--force", name])),
            timeout,
        )
    }

    /// podman, which takes an unpacked image as it is.
    fn rootfs(
        &self,
        image: &Unpacked,
        process: &Process,
        timeout: Duration,
        name: &str,
    ) -> io::Result<Outcome> {
        let mut command = Command::new(&self.program);
        command.args(["run", "--name", name]);
        container_flags(&mut command, process);
        command
            .arg("--rootfs")
            .arg(image.path())
            .args(&process.arguments[1..]);
        watch(
            &mut command,
            Some(self.ender(&[], &["rm", "--force", name])),
            timeout,
        )
    }

    /// docker, whose files are elsewhere: the image is given to it and taken back.
    fn import(
        &self,
        image: &Unpacked,
        process: &Process,
        timeout: Duration,
        name: &str,
    ) -> io::Result<Outcome> {
        let mut packing = Command::new("tar");
        packing.args(["--numeric-owner", "--xattrs", "--xattrs-include=*", "-cC"]);
        let mut packed = packing
            .arg(image.path())
            .arg(".")
            .stdout(Stdio::piped())
            .spawn()?;
        let stream = packed.stdout.take().map_or_else(Stdio::null, Stdio::from);
        let mut import = Command::new(&self.program);
        let imported = import.args(["import", "-", name]).stdin(stream).output()?;
        packed.wait()?;
        if !imported.status.success() {
            let said = String::from_utf8_lossy(&imported.stderr).into_owned();
            return Err(io::Error::other(said));
        }
        let mut command = Command::new(&self.program);
        command.args(["run", "--name", name]);
        container_flags(&mut command, process);
        command.arg(name).args(&process.arguments[1..]);
        let ender = self.ender(&[], &["rm", "--force", name]);
        let outcome = watch(&mut command, Some(ender), timeout);
        let mut forget = Command::new(&self.program);
        forget.args(["rmi", "--force", name]).output()?;
        outcome
    }

    /// `unshare`, with what programs expect to find mounted.
    fn unshare(
        &self,
        image: &Unpacked,
        process: &Process,
        timeout: Duration,
    ) -> io::Result<Outcome> {
        const SCRIPT: &str = r#"
            root=$1 directory=$2 user=$3 group=$4 mount=$5 unshare=$6; shift 6
            "$mount" -t proc proc "$root/proc"
            "$mount" --rbind /dev "$root/dev"
            exec "$unshare" --root "$root" --wd "$directory" --setgid "$group" --setuid "$user" -- "$@""#;
        for name in ["proc", "dev"] {
            // A directory that cannot be made is one that is there, or a link: then it stays without the mount.
            let _ = fs::create_dir(image.path().join(name));
        }
        let shell = search("sh").unwrap_or_else(|| "/bin/sh".into());
        let mount = search("mount").unwrap_or_else(|| "/bin/mount".into());
        let mut command = Command::new(&self.program);
        command.args([
            "--mount",
            "--pid",
            "--ipc",
            "--uts",
            "--fork",
            "--kill-child",
        ]);
        command
            .args(["--propagation", "private"])
            .arg("--")
            .arg(shell);
        command.args(["-ec", SCRIPT, "run"]).arg(image.path());
        command.arg(&process.directory);
        command.args([process.user.to_string(), process.group.to_string()]);
        command
            .arg(mount)
            .arg(&self.program)
            .args(&process.arguments);
        command.env_clear().envs(
            process
                .environment
                .iter()
                .filter_map(|row| row.split_once('=')),
        );
        watch(&mut command, None, timeout)
    }

    fn ender(&self, before: &[&OsStr], arguments: &[&str]) -> Vec<OsString> {
        let mut ender = vec![self.program.clone().into_os_string()];
        ender.extend(before.iter().map(OsString::from));
        ender.extend(arguments.iter().map(OsString::from));
        ender
    }
}

/// Flags that podman and docker share.
fn container_flags(command: &mut Command, process: &Process) {
    command.args(["--rm", "--network", "host", "--user"]);
    command.arg(format!("{}:{}", process.user, process.group));
    for group in &process.groups {
        command.args(["--group-add", &group.to_string()]);
    }
    for row in &process.environment {
        command.args(["--env", row]);
    }
    command.args(["--workdir", &process.directory, "--entrypoint"]);
    command.arg(&process.arguments[0]);
}

/// Finds a program of this machine.
fn search(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let root: [PathBuf; 2] = ["/usr/sbin".into(), "/sbin".into()];
    let mut places = std::env::split_paths(&path).chain(root);
    places.find_map(|dir| Some(dir.join(name)).filter(|place| place.is_file()))
}
