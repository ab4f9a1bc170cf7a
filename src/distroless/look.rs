//! What a file tells of what it needs: read once, understood apart from the search, so that files are read in parallel.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use crate::closure::elf::{self, Elf};
use crate::closure::starts::{self, Starts};
use crate::closure::{commands, literals};
use crate::error::Result;
use crate::layer::Kind;
use crate::pages::Large;
use crate::rules::{self, Contents, Facts};
use crate::tree::{NodeId, Tree};

use super::interpreters;
use super::texts;

/// The bytes of a compiled program that are read; larger ones tell by their beginning.
const PROGRAM_MAX: usize = 512 << 20;
/// Programs above this many bytes are read one at a time, so that memory does not grow with the threads.
const LARGE: u64 = 16 << 20;
static ONE_LARGE: Mutex<()> = Mutex::new(());
/// The bytes of a text that are read.
const TEXT_MAX: usize = 1 << 20;

/// How a path is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Role {
    /// It is started.
    Run,
    /// It is loaded as a library or plugin.
    Load,
    /// It is opened.
    Read,
    /// It is there because somebody put it there; whether it is used is not known.
    Own,
}

/// What a file tells.
#[derive(Debug)]
pub(super) enum Look {
    /// Nothing.
    Blank,
    /// A compiled program or library.
    Program(Box<Program>),
    /// A text that may be run or read.
    Text(Text),
}

#[derive(Debug)]
pub(super) struct Program {
    pub(super) elf: Elf,
    pub(super) starts: Starts,
    /// Paths in its texts, with what they lead to.
    pub(super) literals: Vec<(Vec<u8>, NodeId)>,
    /// Commands that it may start.
    pub(super) commands: Vec<String>,
    /// Libraries that it may open by name.
    pub(super) libraries: Vec<Vec<u8>>,
}

#[derive(Debug, Default)]
pub(super) struct Text {
    /// The interpreter, and what `env` starts.
    pub(super) interpreter: Vec<String>,
    /// Words that may be commands.
    pub(super) commands: Vec<String>,
    /// Paths in it, with what they lead to; a directory for one that is not there yet.
    pub(super) paths: Vec<(Vec<u8>, NodeId)>,
    /// Whether it is a script, which can start what it likes.
    pub(super) is_script: bool,
}

/// Where the looks are taken.
#[derive(Clone, Copy)]
pub(super) struct Looking<'a> {
    pub(super) tree: &'a Tree,
    pub(super) contents: &'a dyn Contents,
    pub(super) facts: &'a Facts,
    /// The names in the directories of the search path.
    pub(super) names: &'a HashSet<&'a [u8]>,
    /// Whether a package owns a path.
    pub(super) is_owned: &'a (dyn Fn(NodeId) -> bool + Sync),
}

impl Looking<'_> {
    /// Reads a file in its role. What a compiled program tells in another role it tells when it is started too: where it is
    /// looked at as `started`, there is nothing to add.
    pub(super) fn look(&self, node: NodeId, role: Role, started: bool) -> Result<Look> {
        if self.tree.kind(node) != Kind::File || self.tree.size(node) == 0 {
            return Ok(Look::Blank);
        }
        if role == Role::Own && !self.may_tell(node) {
            return Ok(Look::Blank);
        }
        let head = self.contents.read(node, elf::HEAD)?;
        if head.starts_with(b"\x7fELF") {
            return match role {
                Role::Load | Role::Read | Role::Own if started => Ok(Look::Blank),
                _ => self.program(node, role),
            };
        }
        if head.contains(&0) {
            return Ok(Look::Blank);
        }
        let text = self.contents.read(node, TEXT_MAX)?;
        Ok(texts::look(self, node, role, &text).map_or(Look::Blank, Look::Text))
    }

    /// Whether reading a file of the user's own may be worth it: by its mode, its name or its place.
    fn may_tell(&self, node: NodeId) -> bool {
        let name = self.tree.name(node);
        self.tree.is_executable(node)
            || elf::may_be_library(name)
            || texts::is_program(name)
            || self.tree.path(node).starts_with(b"etc/")
    }

    fn program(&self, node: NodeId, role: Role) -> Result<Look> {
        let is_large = self.tree.size(node) > LARGE;
        let _one = is_large.then(|| ONE_LARGE.lock().unwrap_or_else(PoisonError::into_inner));
        let bytes = Bytes::of(self.contents, node, is_large, self.tree.size(node))?;
        let elf::Outcome::Read(elf) = elf::read(&bytes) else {
            return Ok(Look::Blank);
        };
        let is_go = starts::is_go(&bytes);
        let starts = starts::starts(&bytes, &elf, is_go);
        let mut found = Vec::new();
        literals::paths(self.tree, &bytes, is_go, &mut |text, to| {
            found.push((text.to_vec(), to));
        });
        found.sort_unstable();
        found.dedup();
        let is_interpreter = interpreters::of(self.tree.name(node)).is_some();
        let is_asked = role == Role::Run || (role == Role::Own && !(self.is_owned)(node));
        let commands = if is_asked && !is_interpreter && starts != Starts::Never {
            let named = commands::named(&bytes, &|text| self.is_command(text));
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
            named.into_iter().map(text).collect()
        } else {
            Vec::new()
        };
        let opens = |name: &[u8]| elf.imports.iter().any(|import| import == name);
        let libraries = if opens(b"dlopen") || opens(b"dlmopen") {
            libraries(&bytes)
        } else {
            Vec::new()
        };
        Ok(Look::Program(Box::new(Program {
            elf: *elf,
            starts,
            literals: found,
            commands,
            libraries,
        })))
    }

    /// Whether a text is the name or the path of a program.
    pub(super) fn is_command(&self, text: &[u8]) -> bool {
        if !text.starts_with(b"/") && !self.names.contains(text) {
            return false;
        }
        let Ok(text) = std::str::from_utf8(text) else {
            return false;
        };
        if text.starts_with('/') {
            let node = self.tree.resolve(text.as_bytes());
            return node.is_some_and(|node| self.tree.is_executable(node));
        }
        !text.contains('/') && rules::program(text, self.facts, self.tree).is_some()
    }
}

/// A program as it was read.
enum Bytes {
    Small(Vec<u8>),
    /// As many bytes as it has.
    Large(Large, usize),
}

impl Bytes {
    fn of(contents: &dyn Contents, node: NodeId, is_large: bool, size: u64) -> Result<Self> {
        let size = usize::try_from(size).unwrap_or(PROGRAM_MAX);
        let large = is_large.then(|| Large::new(size.min(PROGRAM_MAX)));
        match large {
            Some(Ok(mut large)) => {
                let len = contents.fill(node, &mut large)?;
                Ok(Self::Large(large, len))
            }
            _ => Ok(Self::Small(contents.read(node, PROGRAM_MAX)?)),
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Small(bytes) => bytes,
            Self::Large(bytes, len) => &bytes[..*len],
        }
    }
}

/// Texts that are the name of a library: `lib….so…`, whole.
fn libraries(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(bytes, b".so") {
        let from = bytes[..at].iter().rposition(|&b| b == 0 || b == b'/');
        let from = from.map_or(0, |before| before + 1);
        let end = bytes[at..].iter().take(32).position(|&b| b == 0);
        let Some(end) = end.map(|end| at + end) else {
            continue;
        };
        let name = &bytes[from..end];
        let is_plain = |&b: &u8| b.is_ascii_alphanumeric() || b"._+-".contains(&b);
        if name.len() <= 64 && name.starts_with(b"lib") && name.iter().all(is_plain) {
            found.push(name.to_vec());
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
