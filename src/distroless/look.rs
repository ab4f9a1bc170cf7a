//! What a file tells of what it needs: read once, understood apart from the search, so that files are read in parallel.

use std::collections::HashSet;

use crate::closure::elf;
use crate::error::Result;
use crate::layer::Kind;
use crate::rules::{self, Contents, Facts};
use crate::tree::{NodeId, Tree};

use super::program::{self, Program};
use super::texts;

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
                _ => Ok(program::look(self, node, role)?.map_or(Look::Blank, Look::Program)),
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
