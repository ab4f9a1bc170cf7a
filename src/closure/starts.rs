//! Whether a compiled program can start other programs.
//!
//! C tells by what it imports; Go by the names of the functions that are linked in, which it needs for its stack traces
//! and keeps when stripped; other static programs by their symbols, unless these were stripped.

use memchr::memmem;

use crate::error::Result;

use super::elf::Elf;
use super::pieces::{Piece, Pieces};

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

/// What Go's linker writes near the beginning, the owner of a note that names the build.
const GO_NOTE: &[u8] = b"Go\0\0";

/// Whether a program looks as if Go made it, by its first bytes. [`Signs`] tell whether it did.
pub fn may_be_go(head: &[u8]) -> bool {
    contains(head, GO_NOTE)
}

/// Looks in the pieces of a program for what tells whether it starts others.
#[derive(Debug)]
pub struct Signs {
    /// The first of [`FUNCTIONS`] that it imports.
    import: Option<String>,
    is_static: bool,
    /// Whether it was made by Go, and says which functions it has.
    pub is_go: bool,
    /// The number of the first of [`GO_FUNCTIONS`] that it has.
    go_function: usize,
    has_symbols: bool,
}

impl Signs {
    /// Before the first piece.
    pub fn new(elf: &Elf) -> Self {
        let import = elf.imports.iter().find_map(|name| {
            let name = std::str::from_utf8(name).ok()?;
            let known = FUNCTIONS.binary_search(&name).is_ok();
            known.then(|| name.to_owned())
        });
        Self {
            import,
            is_static: !elf.is_dynamic || elf.needed.is_empty(),
            is_go: false,
            go_function: GO_FUNCTIONS.len(),
            has_symbols: false,
        }
    }

    /// Takes the next piece. Go's functions are looked for where it `may_be_go`.
    pub fn take(&mut self, piece: &Piece<'_>, may_be_go: bool) {
        let has = |wanted: &[u8]| contains(piece.finds(wanted.len()), wanted);
        self.is_go = self.is_go || has(GO_TABLE);
        if self.import.is_some() {
            return;
        }
        if may_be_go {
            let mut before = GO_FUNCTIONS[..self.go_function].iter();
            let first = before.position(|name| has(&[name.as_bytes(), b"\0"].concat()));
            self.go_function = first.unwrap_or(self.go_function);
        }
        if self.is_static {
            self.has_symbols = self.has_symbols || has(SYMBOLS);
        }
    }

    /// Tells whether it starts others, once all pieces were taken.
    ///
    /// # Errors
    /// When the program cannot be read.
    pub fn finish(self, program: &mut Pieces<'_>) -> Result<Starts> {
        if let Some(name) = self.import {
            return Ok(Starts::By(name));
        }
        if self.is_go {
            return Ok(by(GO_FUNCTIONS.get(self.go_function)));
        }
        if !self.is_static {
            return Ok(Starts::Never);
        }
        if !self.has_symbols {
            return Ok(Starts::Unknown);
        }
        let mut function = FUNCTIONS.len();
        program.each(|piece| {
            let has = |name: &&str| {
                let wanted = [b"\0", name.as_bytes(), b"\0"].concat();
                contains(piece.finds(wanted.len()), &wanted)
            };
            let first = FUNCTIONS[..function].iter().position(has);
            function = first.unwrap_or(function);
        })?;
        Ok(by(FUNCTIONS.get(function)))
    }
}

fn by(name: Option<&&str>) -> Starts {
    name.map_or(Starts::Never, |&name| Starts::By(name.to_owned()))
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    memmem::find(bytes, wanted).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closure::elf::{Outcome, read, tests::library};
    use crate::closure::pieces::tests::both;

    fn elf(needed: &[&str]) -> Elf {
        match read(&library(needed, "", 0)) {
            Outcome::Read(elf) => *elf,
            other => panic!("{other:?}"),
        }
    }

    fn starts(program: &[u8], elf: &Elf) -> Starts {
        both(program, |pieces| {
            let mut signs = Signs::new(elf);
            pieces.each(|piece| signs.take(piece, true)).unwrap();
            signs.finish(pieces).unwrap()
        })
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
    fn of_several_functions_the_first_in_order_is_told() {
        let far = vec![b'x'; 20_000];
        let go = [
            b"runtime.goexit\0syscall.Exec\0",
            &far[..],
            b"os.StartProcess\0",
        ]
        .concat();
        let still = elf(&[]);
        assert_eq!(starts(&go, &still), Starts::By("os.StartProcess".into()));
        let plain = [b"\0__libc_start_main\0system\0", &far[..], b"\0execve\0"].concat();
        assert_eq!(starts(&plain, &still), Starts::By("execve".into()));
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
