//! What a compiled program or library tells of what it needs.

use std::collections::BTreeSet;

use crate::closure::commands::Named;
use crate::closure::elf::{self, Elf};
use crate::closure::literals::Literals;
use crate::closure::pieces::{Piece, Pieces};
use crate::closure::starts::{self, Signs, Starts};
use crate::error::Result;
use crate::tree::NodeId;

use super::interpreters;
use super::look::{Looking, Role};
use super::search::ELF_MAX;

#[derive(Debug)]
pub(super) struct Program {
    pub(super) elf: Elf,
    pub(super) starts: Starts,
    /// Paths in its texts, with what they lead to.
    pub(super) literals: Vec<(Vec<u8>, NodeId)>,
    /// Commands that it may start.
    pub(super) commands: Vec<String>,
    /// Libraries that it may open by name.
    pub(super) libraries: BTreeSet<Vec<u8>>,
}

/// Reads a program in its role; `None` where no loader takes it.
pub(super) fn look(
    looking: &Looking<'_>,
    node: NodeId,
    role: Role,
) -> Result<Option<Box<Program>>> {
    let read = |from, buffer: &mut [u8]| looking.contents.fill(node, from, buffer);
    let mut program = Pieces::new(looking.tree.size(node), &read);
    let Some(elf) = elf::load(ELF_MAX, true, |from, length| program.part(from, length))? else {
        return Ok(None);
    };
    let is_interpreter = interpreters::of(looking.tree.name(node)).is_some();
    let is_asked = role == Role::Run || (role == Role::Own && !(looking.is_owned)(node));
    let mut named = if is_asked && !is_interpreter {
        Some(Named::new(&mut program)?)
    } else {
        None
    };
    let may_be_go = starts::may_be_go(&program.part(0, elf::HEAD)?);
    let mut told = Told::by(looking, &mut program, &elf, may_be_go, named.as_mut())?;
    if told.signs.is_go != may_be_go {
        told = Told::by(looking, &mut program, &elf, !may_be_go, None)?;
    }
    let starts = told.signs.finish(&mut program)?;
    let mut commands = Vec::new();
    if let Some(named) = named.filter(|_| starts != Starts::Never) {
        let texts = named.finish(&mut program, &|text| looking.is_command(text))?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        commands = texts.into_iter().map(text).collect();
    }
    Ok(Some(Box::new(Program {
        elf,
        starts,
        literals: told.literals.into_iter().collect(),
        commands,
        libraries: told.libraries,
    })))
}

/// What one pass over a program tells.
struct Told {
    signs: Signs,
    literals: BTreeSet<(Vec<u8>, NodeId)>,
    libraries: BTreeSet<Vec<u8>>,
}

impl Told {
    /// Go's texts have no ends, so it has to be known before the pass whether they are Go's.
    fn by(
        looking: &Looking<'_>,
        program: &mut Pieces<'_>,
        elf: &Elf,
        is_go: bool,
        mut named: Option<&mut Named>,
    ) -> Result<Self> {
        let mut told = Self {
            signs: Signs::new(elf),
            literals: BTreeSet::new(),
            libraries: BTreeSet::new(),
        };
        let opens = |name: &[u8]| elf.imports.iter().any(|import| import == name);
        let opens_libraries = opens(b"dlopen") || opens(b"dlmopen");
        let mut literals = Literals::new(looking.tree, is_go);
        program.each(|piece| {
            told.signs.take(piece, is_go);
            literals.take(piece, &mut |text, to| {
                told.literals.insert((text.to_vec(), to));
            });
            if let Some(named) = &mut named {
                named.take(piece);
            }
            if opens_libraries {
                libraries(piece, &mut told.libraries);
            }
        })?;
        Ok(told)
    }
}

/// Adds the texts that are the name of a library: `lib….so…`, whole.
fn libraries(piece: &Piece<'_>, found: &mut BTreeSet<Vec<u8>>) {
    const ENDING: &[u8] = b".so";
    const NAME_MAX: usize = 64;
    let bytes = piece.bytes;
    for at in memchr::memmem::find_iter(piece.finds(ENDING.len()), ENDING) {
        let at = piece.fresh.start + at;
        let before = &bytes[at.saturating_sub(NAME_MAX)..at];
        let Some(from) = before.iter().rposition(|&b| b == 0 || b == b'/') else {
            continue;
        };
        let end = bytes[at..].iter().take(32).position(|&b| b == 0);
        let Some(end) = end.map(|end| at + end) else {
            continue;
        };
        let name = &bytes[at - before.len() + from + 1..end];
        let is_plain = |&b: &u8| b.is_ascii_alphanumeric() || b"._+-".contains(&b);
        if name.len() <= NAME_MAX && name.starts_with(b"lib") && name.iter().all(is_plain) {
            found.insert(name.to_vec());
        }
    }
}
