//! The names of other programs in a compiled one: what it may start by `execvp("git", …)` or `exec.Command("git")`.
//!
//! Texts that a program makes up at run time are not found; a text that only looks like a command's
//! name is.

use std::collections::BTreeSet;
use std::iter;
use std::sync::LazyLock;

use aho_corasick::packed::{Config, MatchKind, Searcher};
use elf::abi;
use elf::endian::AnyEndian;
use elf::file::{Class, FileHeader, parse_ident};
use elf::segment::{ProgramHeader, SegmentTable};
use memchr::{memchr, memmem};

use crate::error::Result;

use super::elf::HEAD;
use super::pieces::{Piece, Pieces};

/// The longest name or path of a command that is looked for.
const TEXT_MAX: usize = 128;

/// Functions that start what they are given the name of.
const STARTERS: [&str; 6] = [
    "execlp",
    "execvp",
    "execvpe",
    "popen",
    "posix_spawnp",
    "system",
];

/// The length of the longest of them.
const STARTERS_MAX: usize = 12;

/// Looks for all of them in one pass: a program may be large. Not every processor has what that takes.
static ONE_PASS: LazyLock<Option<Searcher>> = LazyLock::new(|| {
    Config::new()
        .match_kind(MatchKind::LeftmostLongest)
        .builder()
        .extend(STARTERS)
        .build()
});

/// Returns the texts of a program that `is_command` knows, sorted.
///
/// Go keeps its texts without ends, so they are taken from where the code passes them on (x86-64 alone); those of C end
/// with a zero byte, and count in programs that import a function that starts others.
///
/// # Errors
/// When the program cannot be read.
pub fn named(
    program: &mut Pieces<'_>,
    is_command: &dyn Fn(&[u8]) -> bool,
) -> Result<BTreeSet<Vec<u8>>> {
    let mut named = Named::new(program)?;
    program.each(|piece| named.take(piece))?;
    named.finish(program, is_command)
}

/// Looks for names of commands in the pieces of a program.
#[derive(Debug)]
pub struct Named {
    /// The loaded segments; `None` where it is no program.
    segments: Option<Vec<ProgramHeader>>,
    /// Where texts lie that code passes on, and how long they are.
    passed: Vec<(u64, usize)>,
    starts_others: bool,
}

impl Named {
    /// Before the first piece.
    ///
    /// # Errors
    /// When the program cannot be read.
    pub fn new(program: &mut Pieces<'_>) -> Result<Self> {
        Ok(Self {
            segments: segments(program)?,
            passed: Vec::new(),
            starts_others: false,
        })
    }

    /// Takes the next piece.
    pub fn take(&mut self, piece: &Piece<'_>) {
        let Some(segments) = &self.segments else {
            return;
        };
        for code in segments.iter().filter(|s| s.p_flags & abi::PF_X != 0) {
            passed(piece, code, segments, &mut self.passed);
        }
        self.starts_others = self.starts_others || has_starter(piece);
    }

    /// Returns the texts that `is_command` knows, once all pieces were taken.
    ///
    /// # Errors
    /// When the program cannot be read.
    pub fn finish(
        self,
        program: &mut Pieces<'_>,
        is_command: &dyn Fn(&[u8]) -> bool,
    ) -> Result<BTreeSet<Vec<u8>>> {
        let mut found = BTreeSet::new();
        let mut ask = |text: &[u8]| {
            if is_command(text) {
                found.insert(text.to_vec());
            }
        };
        // Most programs start no others, and their texts need not be asked for.
        if self.starts_others {
            program.each(|piece| first_words(piece).for_each(&mut ask))?;
        }
        program.at(self.passed, ask)?;
        Ok(found)
    }
}

/// Whether a piece has a text that is just the name of such a function: a zero byte lies before it, and one or the file's
/// end after it.
fn has_starter(piece: &Piece<'_>) -> bool {
    let start = piece.fresh.start;
    let is_whole = |from: usize, end: usize| {
        let (before, behind) = (&piece.bytes[..start + from], &piece.bytes[start + end..]);
        before.last() == Some(&0) && behind.first().is_none_or(|&next| next == 0)
    };
    let bytes = piece.finds(STARTERS_MAX);
    match &*ONE_PASS {
        Some(all) => all
            .find_iter(bytes)
            .any(|found| is_whole(found.start(), found.end())),
        None => STARTERS.iter().any(|name| {
            memmem::find_iter(bytes, name).any(|from| is_whole(from, from + name.len()))
        }),
    }
}

/// The first words of the texts that begin in a piece and end with a zero byte, as far as such a word may name a command.
fn first_words<'a>(piece: &Piece<'a>) -> impl Iterator<Item = &'a [u8]> {
    let bytes = piece.bytes;
    let (mut from, to) = (piece.fresh.start, piece.fresh.end);
    if from > 0 && bytes[from - 1] != 0 {
        from += memchr(0, &bytes[from..]).unwrap_or(bytes.len() - from);
    }
    iter::from_fn(move || {
        loop {
            from += bytes[from..].iter().position(|&byte| byte != 0)?;
            if from >= to {
                return None;
            }
            let text = &bytes[from..];
            // Most of what lies between zero bytes is no text and soon has a byte that is of no word.
            let len = text.iter().position(|&byte| !is_of_word(byte));
            let len = len.unwrap_or(text.len());
            let (word, rest) = text.split_at(len);
            let is_word = matches!(rest.first(), None | Some(0 | b' '));
            from += len + memchr(0, rest).unwrap_or(rest.len());
            if is_word && (2..=TEXT_MAX).contains(&len) {
                return Some(word);
            }
        }
    })
}

fn is_of_word(byte: u8) -> bool {
    byte > b' ' && byte != 0x7f
}

/// The loaded segments of a program; `None` where it is none.
fn segments(program: &mut Pieces<'_>) -> Result<Option<Vec<ProgramHeader>>> {
    let Some((endian, header)) = header(&program.part(0, HEAD)?) else {
        return Ok(None);
    };
    let length = usize::from(header.e_phnum) * usize::from(header.e_phentsize);
    // It mostly follows the header; `patchelf` puts it at the end.
    let table = program.part(header.e_phoff, length)?;
    if table.len() < length {
        return Ok(None);
    }
    let all = SegmentTable::new(endian, header.class, &table).iter();
    let loaded = all.filter(|segment| segment.p_type == abi::PT_LOAD);
    Ok(Some(loaded.collect()))
}

fn header(head: &[u8]) -> Option<(AnyEndian, FileHeader<AnyEndian>)> {
    let (endian, class, version, abi_version) =
        parse_ident::<AnyEndian>(head.get(..abi::EI_NIDENT)?).ok()?;
    let tail = match class {
        Class::ELF32 => elf::file::ELF32_EHDR_TAILSIZE,
        Class::ELF64 => elf::file::ELF64_EHDR_TAILSIZE,
    };
    let tail = head.get(abi::EI_NIDENT..abi::EI_NIDENT + tail)?;
    let header = FileHeader::parse_tail((endian, class, version, abi_version), tail).ok()?;
    Some((endian, header))
}

/// Adds where the texts lie that the code in a piece passes as a first argument, as Go does: the address in RAX or on the
/// stack, then the length.
fn passed(
    piece: &Piece<'_>,
    code: &ProgramHeader,
    segments: &[ProgramHeader],
    places: &mut Vec<(u64, usize)>,
) {
    // `lea rax, [rip + …]`, then `mov ebx, …` since Go 1.17, before that two stores.
    const LEA: &[u8] = &[0x48, 0x8d, 0x05];
    const LENGTHS: &[&[u8]] = &[
        &[0xbb],
        &[0x48, 0x89, 0x04, 0x24, 0x48, 0xc7, 0x44, 0x24, 0x08],
    ];
    const LONGEST: usize = 3 + 4 + 9 + 4;
    let within = |place: u64| {
        let place = place.saturating_sub(piece.at);
        usize::try_from(place).unwrap_or(usize::MAX)
    };
    let text = piece.finds(LONGEST);
    let start = piece.fresh.start;
    let from = within(code.p_offset).saturating_sub(start).min(text.len());
    let end = within(code.p_offset.saturating_add(code.p_filesz)).saturating_sub(start);
    let text = &text[from..end.clamp(from, text.len())];
    let base = piece.at + (start + from) as u64;
    let found = memmem::find_iter(text, LEA).filter_map(|at| {
        let next = at + LEA.len() + 4;
        let after = text.get(next..)?;
        let opcode = LENGTHS.iter().find(|opcode| after.starts_with(opcode))?;
        let length = usize::try_from(number(after.get(opcode.len()..)?)?).ok()?;
        let step = number(&text[at + LEA.len()..])?;
        let address = (base + next as u64)
            .checked_sub(code.p_offset)?
            .checked_add(code.p_vaddr)?
            .checked_add_signed(i64::from(step))?;
        let place = place(segments, address)?;
        (2..=TEXT_MAX).contains(&length).then_some((place, length))
    });
    places.extend(found);
}

fn number(bytes: &[u8]) -> Option<i32> {
    Some(i32::from_le_bytes(bytes.get(..4)?.try_into().ok()?))
}

/// Where in the file the byte at an address lies.
fn place(segments: &[ProgramHeader], address: u64) -> Option<u64> {
    let segment = segments
        .iter()
        .find(|s| address >= s.p_vaddr && address - s.p_vaddr < s.p_filesz)?;
    segment.p_offset.checked_add(address - segment.p_vaddr)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closure::pieces::tests::both;

    /// A program of one segment that is mapped at its own offsets and executable.
    fn program(body: &[u8]) -> Vec<u8> {
        let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        file.extend([2u16, 62].iter().flat_map(|v| v.to_le_bytes()));
        file.extend(1u32.to_le_bytes());
        file.extend([0u64, 64, 0].iter().flat_map(|v| v.to_le_bytes()));
        file.extend(0u32.to_le_bytes());
        file.extend([64u16, 56, 1, 0, 0, 0].iter().flat_map(|v| v.to_le_bytes()));
        file.extend([1u32, 5].iter().flat_map(|v| v.to_le_bytes()));
        let size = (64 + 56 + body.len()) as u64;
        file.extend(
            [0, 0, 0, size, size, 8]
                .iter()
                .flat_map(|v: &u64| v.to_le_bytes()),
        );
        file.extend(body);
        file
    }

    fn found(body: &[u8]) -> Vec<String> {
        let known = [&b"git"[..], b"make", b"/usr/bin/git"];
        let named = all(&program(body), &|text| known.contains(&text));
        named
            .into_iter()
            .map(|text| String::from_utf8(text).unwrap())
            .collect()
    }

    fn all(program: &[u8], is_command: &dyn Fn(&[u8]) -> bool) -> BTreeSet<Vec<u8>> {
        both(program, |pieces| named(pieces, is_command).unwrap())
    }

    /// `lea rax, [text at `step` after the instruction]` and what tells the length.
    fn go(store: &[u8], length: u32, texts: &[u8]) -> Vec<u8> {
        let step = u32::try_from(store.len() + 4).unwrap() + 2;
        let lea = [&[0x48, 0x8d, 0x05][..], &step.to_le_bytes()].concat();
        [&lea[..], store, &length.to_le_bytes(), texts].concat()
    }

    #[test]
    fn go_texts_are_those_that_code_passes_on() {
        let stores: [&[u8]; 2] = [
            &[0xbb],
            &[0x48, 0x89, 0x04, 0x24, 0x48, 0xc7, 0x44, 0x24, 0x08],
        ];
        for store in stores {
            assert_eq!(found(&go(store, 3, b"digital")), ["git"]);
            assert_eq!(
                found(&go(store, 12, b"xx/usr/bin/gitmake")),
                ["/usr/bin/git"]
            );
            assert!(found(&go(store, 4, b"digital")).is_empty());
            assert!(found(&go(store, u32::MAX, b"digital")).is_empty());
        }
        assert!(found(b"digital make git").is_empty());
    }

    #[test]
    fn texts_of_c_count_where_something_is_started() {
        assert_eq!(found(b"\0system\0make -s all\0git\0"), ["git", "make"]);
        assert!(found(b"\0printf\0make -s all\0git\0").is_empty());
        assert!(found(b"\0system\0remake\0gitk\0").is_empty());
        assert_eq!(found(b"\0git\0execvpe\0"), ["git"]);
        assert_eq!(found(b"\0git\0systemd\0system"), ["git"]);
        assert!(found(b"\0git\0systemd\0execvpx\0").is_empty());
        assert!(found(b"\0git\0mysystem\0execlpopen\0").is_empty());
        assert_eq!(
            found(b"\0popen\0git\x01\0\x01make\0git\tx\0make "),
            ["make"]
        );
    }

    #[test]
    fn texts_and_code_may_lie_across_pieces() {
        assert!(STARTERS.iter().all(|name| name.len() <= STARTERS_MAX));
        for before in (12_100..12_500).step_by(3) {
            let far = |body: &[u8]| found(&[&vec![b'x'; before], body].concat());
            assert_eq!(far(&go(&[0xbb], 3, b"digital")), ["git"], "{before}");
            assert_eq!(far(b"\0system\0make -s all\0git\0"), ["git", "make"]);
            assert_eq!(far(b"make\0system\0git"), ["git"], "{before}");
        }
    }

    #[test]
    fn segments_may_be_told_at_the_end() {
        let mut moved = program(&go(&[0xbb], 3, &[b"digital", &[0; 20_000][..]].concat()));
        let table = moved[64..64 + 56].to_vec();
        let at = moved.len() as u64;
        moved[32..40].copy_from_slice(&at.to_le_bytes());
        moved[64..64 + 56].fill(0);
        moved.extend(table);
        assert_eq!(all(&moved, &|text| text == b"git").len(), 1);
    }

    #[test]
    fn damaged_files_name_nothing() {
        let whole = program(&go(&[0xbb], 3, b"digital"));
        for length in 0..whole.len() - 5 {
            let cut = all(&whole[..length], &|_| true);
            assert!(!cut.contains(&b"git"[..]), "{length}");
        }
        let mut far = whole;
        far[64 + 8..64 + 16].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(all(&far, &|text| text == b"git").is_empty());
    }
}
