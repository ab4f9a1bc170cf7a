//! strace's text: `strace -f -y -e trace=%file,%process`, to a file or to standard error, with or without times.
//!
//! Each process has a current directory, from its parent, `chdir` and what `-y` tells; calls that failed say nothing.

use std::collections::BTreeMap;

use super::call::{self, Call, PathAt};
use super::{Frame, Trace, Unexplained, in_image, lines, place};

/// Reads a recording.
pub(super) fn parse(bytes: &[u8], frame: Frame<'_>) -> Result<Trace, Unexplained> {
    let mut run = Run {
        frame,
        trace: Trace::default(),
        directories: vec![frame.directory.and_then(|path| place(path, None))],
        processes: BTreeMap::new(),
        unfinished: BTreeMap::new(),
    };
    let last = bytes.split(|&byte| byte == b'\n').count();
    for (line, text) in lines(bytes) {
        // The tracer was ended in the middle of the last line, which has no newline then.
        if !run.line(text) && line != last {
            let fault = "not as strace writes: `call(arguments) = result`";
            return Err(Unexplained { line, fault });
        }
    }
    Ok(run.trace)
}

struct Run<'a> {
    frame: Frame<'a>,
    trace: Trace,
    /// Current directories, where known; threads share one.
    directories: Vec<Option<Vec<u8>>>,
    /// The place in `directories` of each process.
    processes: BTreeMap<u32, usize>,
    /// The first part of a call that another process's lines interrupt.
    unfinished: BTreeMap<u32, Vec<u8>>,
}

impl Run<'_> {
    /// Takes a line in; false where strace does not write so.
    fn line(&mut self, text: &[u8]) -> bool {
        if text.starts_with(b"strace: ") {
            return true;
        }
        let (process, text) = heading(text);
        if [&b"+++ "[..], b"--- "]
            .iter()
            .any(|mark| text.starts_with(mark))
        {
            return true;
        }
        if let Some(resumed) = text.strip_prefix(b"<... ") {
            return self.resumed(process, resumed);
        }
        if let Some(start) = text.strip_suffix(b"<unfinished ...>") {
            let is_call = call::name(start).is_some();
            self.process(process);
            self.unfinished
                .insert(process, start.trim_ascii_end().to_vec());
            return is_call;
        }
        call::split(text).is_some_and(|call| {
            self.call(process, &call);
            true
        })
    }

    /// `<... NAME resumed>REST`; without its first part nothing is known of the call.
    fn resumed(&mut self, process: u32, text: &[u8]) -> bool {
        const MARK: &[u8] = b" resumed>";
        let Some(at) = text.windows(MARK.len()).position(|part| part == MARK) else {
            return false;
        };
        if let Some(mut whole) = self.unfinished.remove(&process) {
            whole.extend_from_slice(&text[at + MARK.len()..]);
            if let Some(call) = call::split(&whole) {
                self.call(process, &call);
            }
        }
        true
    }

    fn call(&mut self, process: u32, call: &Call<'_>) {
        let group = self.process(process);
        if call.result.starts_with(b"-1") || call.result.starts_with(b"?") {
            return;
        }
        for &at in call::paths(call.name) {
            self.path(group, call, at);
        }
        // What the kernel says that was opened, its links followed.
        if let Some(path) = call::described(call.result) {
            self.see(path, false);
        }
        match call.name {
            "chdir" => {
                let path = call.arguments.first().and_then(|path| call::string(path));
                let here = self.directories[group].as_deref();
                self.directories[group] = path.and_then(|path| place(&path, here));
            }
            "fchdir" => {
                let path = call
                    .arguments
                    .first()
                    .and_then(|path| call::described(path));
                self.directories[group] = path.map(|path| self.inside(path));
            }
            "clone" | "clone2" | "clone3" | "fork" | "vfork" => self.born(group, call),
            "chroot" => self.entered(group, call),
            _ => {}
        }
    }

    /// Notes the path of an argument.
    fn path(&mut self, group: usize, call: &Call<'_>, at: PathAt) {
        let base = at.directory.and_then(|place| call.arguments.get(place));
        let known = base.and_then(|base| call::described(base));
        let known = known.map(|path| self.inside(path));
        let is_current = base.is_none_or(|base| base.starts_with(b"AT_FDCWD"));
        if is_current && known.is_some() {
            self.directories[group].clone_from(&known);
        }
        let Some(path) = call
            .arguments
            .get(at.path)
            .and_then(|path| call::string(path))
        else {
            return;
        };
        let here = match is_current {
            true => self.directories[group].as_deref(),
            false => known.as_deref(),
        };
        match place(&path, here) {
            Some(path) => self.see(path, call.name.starts_with("execve")),
            None => self.trace.unplaced += usize::from(!path.is_empty()),
        }
    }

    /// What was seen before the process went into the image's root was the recording machine's.
    fn entered(&mut self, group: usize, call: &Call<'_>) {
        let path = call.arguments.first().and_then(|path| call::string(path));
        let path = path.and_then(|path| place(&path, self.directories[group].as_deref()));
        let is_root = path.is_some_and(|path| super::strip(&path, self.frame) == Some(b"/"));
        if is_root {
            self.trace = Trace::default();
        }
    }

    fn see(&mut self, path: Vec<u8>, started: bool) {
        if let Some(path) = in_image(path, self.frame) {
            self.trace.see(path, started);
        }
    }

    /// A directory that `-y` tells, as the process would name it.
    fn inside(&self, path: Vec<u8>) -> Vec<u8> {
        super::strip(&path, self.frame).map_or(path.clone(), <[u8]>::to_vec)
    }

    /// Gives a child its parent's directory: the same one for a thread, one like it for a process.
    fn born(&mut self, parent: usize, call: &Call<'_>) {
        let digits = call.result.iter().take_while(|byte| byte.is_ascii_digit());
        let child = str::from_utf8(&call.result[..digits.count()]).unwrap_or_default();
        let Ok(child) = child.parse::<u32>() else {
            return;
        };
        let shared = call
            .arguments
            .iter()
            .any(|argument| contains(argument, b"CLONE_FS"));
        if shared {
            self.processes.insert(child, parent);
        } else if !self.processes.contains_key(&child) {
            self.adopt(child, parent);
        }
    }

    /// The directory of a process. A child's first line may stand before the line that tells of its birth: then a call
    /// that makes one is unfinished.
    fn process(&mut self, process: u32) -> usize {
        if let Some(&group) = self.processes.get(&process) {
            return group;
        }
        let making = [&b"clone"[..], b"fork(", b"vfork("];
        let mut births = self.unfinished.iter().filter(|(_, call)| {
            let is_birth = making.iter().any(|name| call.starts_with(name));
            is_birth && !contains(call, b"CLONE_FS")
        });
        let parent = births.next_back().map_or(0, |(parent, _)| *parent);
        let parent = self.processes.get(&parent).copied().unwrap_or(0);
        if self.processes.is_empty() {
            self.processes.insert(process, 0);
            return 0;
        }
        self.adopt(process, parent)
    }

    fn adopt(&mut self, child: u32, parent: usize) -> usize {
        let directory = self.directories[parent].clone();
        self.directories.push(directory);
        let group = self.directories.len() - 1;
        self.processes.insert(child, group);
        group
    }
}

/// The process that a line is of, 0 where it does not say, and the line behind that and behind a time.
fn heading(text: &[u8]) -> (u32, &[u8]) {
    let bracketed = text.strip_prefix(b"[pid").and_then(|rest| {
        let end = rest.iter().position(|&byte| byte == b']')?;
        Some((rest[..end].trim_ascii(), &rest[end + 1..]))
    });
    let (process, rest) = bracketed.unwrap_or_else(|| {
        let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        match text.get(digits) {
            Some(b' ') => text.split_at(digits),
            _ => (&b""[..], text),
        }
    });
    let process = str::from_utf8(process)
        .ok()
        .and_then(|text| text.parse().ok());
    (process.unwrap_or(0), behind_time(rest.trim_ascii_start()))
}

/// Takes `12:34:56`, `12:34:56.789`, `1700000000.123` and `(+ 0.000123)` off.
fn behind_time(text: &[u8]) -> &[u8] {
    let mut rest = text;
    loop {
        let end = match rest.first() {
            Some(b'(') => rest.iter().position(|&byte| byte == b')').map(|at| at + 1),
            Some(byte) if byte.is_ascii_digit() => rest.iter().position(|&byte| byte == b' '),
            _ => None,
        };
        let Some(end) = end else {
            return rest;
        };
        let is_time = |byte: &u8| byte.is_ascii_digit() || b":.()+ ".contains(byte);
        if !rest[..end].iter().all(is_time) {
            return rest;
        }
        rest = rest[end..].trim_ascii_start();
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn run(text: &str, frame: Frame<'_>) -> Trace {
        parse(text.as_bytes(), frame).unwrap()
    }

    fn list(paths: &BTreeSet<Vec<u8>>) -> Vec<String> {
        let text = |path: &Vec<u8>| String::from_utf8_lossy(path).into_owned();
        paths.iter().map(text).collect()
    }

    const IN_APP: Frame<'_> = Frame {
        root: None,
        directory: Some(b"/app"),
    };

    #[test]
    fn one_process_with_links_failures_and_escapes() {
        let trace = run(
            r#"execve("/usr/bin/a", ["a", "x, y"], 0x7ffe /* 4 vars */) = 0
access("/etc/ld.so.preload", R_OK) = -1 ENOENT (No such file or directory)
openat(AT_FDCWD</app>, "lib/l.so.1", O_RDONLY|O_CLOEXEC) = 3</usr/lib/l.so.1.2>
newfstatat(3</usr/lib/l.so.1.2>, "", {st_mode=S_IFREG|0644, st_size=1, ...}, AT_EMPTY_PATH) = 0
openat(4</etc>, "ssl/\303\244", O_RDONLY) = 5</etc/ssl/ä>
openat(6, "nowhere", O_RDONLY) = 7
readlink("/proc/self/exe", "/usr/bin/a", 4096) = 10
symlink("target", "name") = 0
+++ exited with 0 +++
"#,
            IN_APP,
        );
        let wanted = [
            "/app/lib/l.so.1",
            "/app/name",
            "/etc/ssl/ä",
            "/usr/bin/a",
            "/usr/lib/l.so.1.2",
        ];
        assert_eq!(list(&trace.paths), wanted);
        assert_eq!(list(&trace.executed), ["/usr/bin/a"]);
        assert_eq!(trace.unplaced, 1);
    }

    #[test]
    fn directories_are_inherited_and_changed_apart() {
        let trace = run(
            r#"10 chdir("sub") = 0
10 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 11
11 open("a", O_RDONLY) = 3
11 chdir("/other") = 0
11 open("b", O_RDONLY) = 3
10 open("c", O_RDONLY) = 3
10 clone3({flags=CLONE_VM|CLONE_FS|CLONE_THREAD, stack=0x7f}, 88) = 12
12 chdir("..") = 0
10 open("d", O_RDONLY) = 3
10 fchdir(7</srv>) = 0
12 open("e", O_RDONLY) = 3
"#,
            IN_APP,
        );
        let opened: Vec<_> = list(&trace.paths)
            .into_iter()
            .filter(|path| path.rsplit('/').next().is_some_and(|name| name.len() == 1))
            .collect();
        assert_eq!(
            opened,
            [
                "/app/sub/../d",
                "/app/sub/a",
                "/app/sub/c",
                "/other/b",
                "/srv/e"
            ]
        );
    }

    #[test]
    fn calls_that_other_lines_interrupt() {
        let trace = run(
            r#"strace: Process 21 attached
20 12:00:01.5 chdir("/w") = 0
20 12:00:01.6 vfork( <unfinished ...>
21 12:00:01.7 open("a", O_RDONLY <unfinished ...>
20 12:00:01.8 <... vfork resumed>) = 21
21 12:00:01.9 <... open resumed>)             = 3
21 1700000000.25 open("gone", O_RDONLY <unfinished ...>
20      0.000012 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---
21 <... open resumed>) = -1 ENOENT (No such file or directory)
21 <... read resumed>"x", 1) = 1
21 execve("./tool", ["tool"], 0x55 /* 1 var */ <unfinished ...>
21 <... execve resumed>) = 0
21 exit_group(0) = ?
"#,
            Frame::default(),
        );
        assert_eq!(list(&trace.paths), ["/w", "/w/a", "/w/tool"]);
        assert_eq!(list(&trace.executed), ["/w/tool"]);
        assert_eq!(trace.unplaced, 0);
    }

    #[test]
    fn a_root_is_taken_off_what_descriptors_tell() {
        let frame = Frame {
            root: Some(b"/srv/root"),
            directory: None,
        };
        let trace = run(
            "[pid  7] openat(AT_FDCWD</srv/root/app>, \"x\", O_RDONLY) = 3</srv/root/data/x>\n\
             [pid  7] open(\"/etc/y\", O_RDONLY) = 4\n",
            frame,
        );
        assert_eq!(list(&trace.paths), ["/app/x", "/data/x", "/etc/y"]);
    }

    #[test]
    fn what_came_before_the_root_was_entered_is_forgotten() {
        let frame = Frame {
            root: Some(b"/srv/root"),
            directory: None,
        };
        let trace = run(
            "7 openat(AT_FDCWD</srv>, \"/etc/host\", O_RDONLY) = 3</etc/host>\n\
             7 chroot(\"root\")                          = 0\n\
             7 chdir(\"/\")                            = 0\n\
             7 execve(\"bin/sh\", [\"sh\"], 0x7f /* 1 var */) = 0\n\
             7 chroot(\"/var/empty\")                  = 0\n",
            frame,
        );
        assert_eq!(list(&trace.paths), ["/bin/sh"]);
    }

    #[test]
    fn lines_of_another_form_are_named() {
        for (text, line) in [
            ("open(\"/a\", 0) = 3\nhello world\nopen(\"/b\", 0) = 3\n", 2),
            ("1 <... open of>\n\n", 1),
            ("1 x <unfinished ...>\n\n", 1),
        ] {
            let fault = parse(text.as_bytes(), Frame::default()).unwrap_err();
            assert_eq!(fault.line, line, "{text}");
        }
        let cut = run("open(\"/a\", 0) = 3\nopen(\"/b", Frame::default());
        assert_eq!(list(&cut.paths), ["/a"]);
    }
}
