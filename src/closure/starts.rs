//! Whether a compiled program can start other programs.
//!
//! C tells by what it imports; Go by the names of the functions that are linked in, which it needs for its stack traces
//! and keeps when stripped; other static programs by their symbols, unless these were stripped.

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
/// What each static C program has in its table of symbols, unless it was stripped.
const SYMBOLS: &[u8] = b"\0__libc_start_main\0";
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

/// Looks at a whole program; `is_go` is what [`is_go`] says of it, which takes a search of all its bytes.
pub fn starts(program: &[u8], elf: &Elf, is_go: bool) -> Starts {
    let import = elf.imports.iter().find_map(|name| {
        let name = std::str::from_utf8(name).ok()?;
        let known = FUNCTIONS.binary_search(&name).is_ok();
        known.then(|| name.to_owned())
    });
    if let Some(name) = import {
        return Starts::By(name);
    }
    if is_go {
        let called = |name: &&&str| contains(program, &[name.as_bytes(), b"\0"].concat());
        return match GO_FUNCTIONS.iter().find(called) {
            Some(name) => Starts::By((*name).to_owned()),
            None => Starts::Never,
        };
    }
    if elf.is_dynamic && !elf.needed.is_empty() {
        return Starts::Never;
    }
    if !contains(program, SYMBOLS) {
        return Starts::Unknown;
    }
    let has = |name: &&&str| contains(program, &[b"\0", name.as_bytes(), b"\0"].concat());
    match FUNCTIONS.iter().find(has) {
        Some(name) => Starts::By((*name).to_owned()),
        None => Starts::Never,
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    memmem::find(bytes, wanted).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closure::elf::{Outcome, read, tests::library};

    fn elf(needed: &[&str]) -> Elf {
        match read(&library(needed, "", 0)) {
            Outcome::Read(elf) => *elf,
            other => panic!("{other:?}"),
        }
    }

    fn starts(program: &[u8], elf: &Elf) -> Starts {
        super::starts(program, elf, is_go(program))
    }

    #[test]
    fn functions_are_in_order_to_be_found() {
        assert!(FUNCTIONS.is_sorted());
    }

    #[test]
    fn imports_and_go_tell() {
        let mut dynamic = elf(&["libc.so.6"]);
        assert_eq!(starts(b"", &dynamic), Starts::Never);
        dynamic.imports = vec![b"execvp".to_vec(), b"read".to_vec()];
        assert_eq!(starts(b"", &dynamic), Starts::By("execvp".into()));
        let still = elf(&[]);
        assert_eq!(starts(b"\0main.main\0", &still), Starts::Unknown);
        let go = b"\0runtime.goexit\0main.main\0".to_vec();
        assert_eq!(starts(&go, &still), Starts::Never);
        let go = [&go[..], b"os.StartProcess\0"].concat();
        assert_eq!(starts(&go, &still), Starts::By("os.StartProcess".into()));
    }

    #[test]
    fn a_static_program_with_its_symbols_tells_too() {
        let still = elf(&[]);
        let plain = b"\0__libc_start_main\0main\0".to_vec();
        assert_eq!(starts(&plain, &still), Starts::Never);
        let shell = [&plain[..], b"execve\0"].concat();
        assert_eq!(starts(&shell, &still), Starts::By("execve".into()));
    }
}
