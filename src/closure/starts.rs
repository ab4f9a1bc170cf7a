//! Whether a compiled program can start other programs.
//!
//! C tells by what it imports; Go by the names of the functions that are linked in, which it needs for its stack traces
//! and keeps when stripped. Of other static programs nothing is known.

use memchr::memmem;

use super::elf::Elf;

/// Whether a program can start others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Starts {
    /// It has nothing to do so.
    Never,
    /// By this function.
    By(String),
    /// A static program that does not say.
    Unknown,
}

/// Functions that start what they are given a path or a name of.
const FUNCTIONS: &[&str] = &[
    "execl",
    "execle",
    "execlp",
    "execv",
    "execve",
    "execveat",
    "execvp",
    "execvpe",
    "fexecve",
    "g_spawn_async",
    "g_spawn_command_line_async",
    "g_spawn_command_line_sync",
    "g_spawn_sync",
    "g_subprocess_new",
    "g_subprocess_newv",
    "popen",
    "posix_spawn",
    "posix_spawnp",
    "system",
    "wordexp",
];

/// What Go's run time calls itself in the table of functions; without it there is no such table to read.
const GO_TABLE: &[u8] = b"runtime.goexit\0";
/// Go's functions that start programs, as the table names them.
const GO_FUNCTIONS: &[&str] = &[
    "os.startProcess",
    "os.StartProcess",
    "syscall.forkExec",
    "syscall.Exec",
];

/// Whether the program was made by Go, and says which functions it has.
pub fn is_go(program: &[u8]) -> bool {
    contains(program, GO_TABLE)
}

/// Looks at a whole program.
pub fn starts(program: &[u8], elf: &Elf) -> Starts {
    let import = elf.imports.iter().find_map(|name| {
        let name = std::str::from_utf8(name).ok()?;
        let known = FUNCTIONS.binary_search(&name).is_ok();
        known.then(|| name.to_owned())
    });
    if let Some(name) = import {
        return Starts::By(name);
    }
    if is_go(program) {
        let called = |name: &&&str| contains(program, &[name.as_bytes(), b"\0"].concat());
        return match GO_FUNCTIONS.iter().find(called) {
            Some(name) => Starts::By((*name).to_owned()),
            None => Starts::Never,
        };
    }
    if elf.is_dynamic && !elf.needed.is_empty() {
        return Starts::Never;
    }
    Starts::Unknown
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    memmem::find(bytes, wanted).is_some()
}
