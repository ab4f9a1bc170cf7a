//! The names of other programs in a compiled one: what it may start by `execvp("git", …)` or `exec.Command("git")`.
//!
//! Pure over bytes. Texts that a program makes up at run time are not found; a text that only looks like a command's
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
pub fn named(program: &[u8], is_command: &dyn Fn(&[u8]) -> bool) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    let Some(segments) = segments(program) else {
        return found;
    };
    for segment in segments.iter().filter(|s| s.p_flags & abi::PF_X != 0) {
        let texts = passed(program, segment, &segments);
        found.extend(texts.filter(|text| is_command(text)).map(<[u8]>::to_vec));
    }
    // Most programs start no others, and their texts need not be asked for.
    if has_starter(program) {
        let named = first_words(program).filter(|word| is_command(word));
        found.extend(named.map(<[u8]>::to_vec));
    }
    found
}

/// Whether a program has a text that is just the name of such a function: a zero byte lies before it, and one or the file's
/// end after it.
fn has_starter(program: &[u8]) -> bool {
    let is_whole = |from: usize, end: usize| {
        program[..from].last() == Some(&0) && program.get(end).is_none_or(|&next| next == 0)
    };
    match &*ONE_PASS {
        Some(all) => all
            .find_iter(program)
            .any(|found| is_whole(found.start(), found.end())),
        None => STARTERS.iter().any(|name| {
            memmem::find_iter(program, name).any(|from| is_whole(from, from + name.len()))
        }),
    }
}

/// The first words of the texts that end with a zero byte, as far as such a word may name a command.
fn first_words(program: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut left = program;
    iter::from_fn(move || {
        loop {
            let from = left.iter().position(|&byte| byte != 0)?;
            let text = &left[from..];
            // Most of what lies between zero bytes is no text and soon has a byte that is of no word.
            let len = text.iter().position(|&byte| !is_of_word(byte));
            let len = len.unwrap_or(text.len());
            let (word, rest) = text.split_at(len);
            let is_word = matches!(rest.first(), None | Some(0 | b' '));
            left = &rest[memchr(0, rest).unwrap_or(rest.len())..];
            if is_word && (2..=TEXT_MAX).contains(&len) {
                return Some(word);
            }
        }
    })
}

fn is_of_word(byte: u8) -> bool {
    byte > b' ' && byte != 0x7f
}

/// The loaded segments of a little-endian x86-64 or other 64-bit file; `None` where it is no such file.
fn segments(program: &[u8]) -> Option<Vec<ProgramHeader>> {
    let (endian, class, version, abi_version) =
        parse_ident::<AnyEndian>(program.get(..abi::EI_NIDENT)?).ok()?;
    let tail = match class {
        Class::ELF32 => elf::file::ELF32_EHDR_TAILSIZE,
        Class::ELF64 => elf::file::ELF64_EHDR_TAILSIZE,
    };
    let tail = program.get(abi::EI_NIDENT..abi::EI_NIDENT + tail)?;
    let header = FileHeader::parse_tail((endian, class, version, abi_version), tail).ok()?;
    let from = usize::try_from(header.e_phoff).ok()?;
    let length = usize::from(header.e_phnum).checked_mul(usize::from(header.e_phentsize))?;
    let table = program.get(from..from.checked_add(length)?)?;
    let all = SegmentTable::new(endian, class, table).iter();
    let loaded = all.filter(|segment| segment.p_type == abi::PT_LOAD);
    Some(loaded.collect())
}

/// The texts that code passes as a first argument as Go does: the address in RAX or on the stack, then the length.
fn passed<'a>(
    program: &'a [u8],
    code: &ProgramHeader,
    segments: &'a [ProgramHeader],
) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    // `lea rax, [rip + …]`, then `mov ebx, …` since Go 1.17, before that two stores.
    const LEA: &[u8] = &[0x48, 0x8d, 0x05];
    const LENGTHS: &[&[u8]] = &[
        &[0xbb],
        &[0x48, 0x89, 0x04, 0x24, 0x48, 0xc7, 0x44, 0x24, 0x08],
    ];
    let from = usize::try_from(code.p_offset).unwrap_or(usize::MAX);
    let length = usize::try_from(code.p_filesz).unwrap_or(usize::MAX);
    let end = from.saturating_add(length);
    let text = program
        .get(from..end.min(program.len()))
        .unwrap_or_default();
    let base = code.p_vaddr;
    memmem::find_iter(text, LEA).filter_map(move |at| {
        let next = at + LEA.len() + 4;
        let after = text.get(next..)?;
        let opcode = LENGTHS.iter().find(|opcode| after.starts_with(opcode))?;
        let length = usize::try_from(number(after.get(opcode.len()..)?)?).ok()?;
        let step = number(&text[at + LEA.len()..])?;
        let address = base
            .checked_add(next as u64)?
            .checked_add_signed(i64::from(step))?;
        let start = place(segments, address)?;
        let end = start.checked_add(length)?;
        (2..=TEXT_MAX)
            .contains(&length)
            .then(|| program.get(start..end))?
    })
}

fn number(bytes: &[u8]) -> Option<i32> {
    Some(i32::from_le_bytes(bytes.get(..4)?.try_into().ok()?))
}

/// Where in the file the byte at an address lies.
fn place(segments: &[ProgramHeader], address: u64) -> Option<usize> {
    let segment = segments
        .iter()
        .find(|s| address >= s.p_vaddr && address - s.p_vaddr < s.p_filesz)?;
    usize::try_from(segment.p_offset.checked_add(address - segment.p_vaddr)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let named = named(&program(body), &|text| known.contains(&text));
        named
            .into_iter()
            .map(|text| String::from_utf8(text).unwrap())
            .collect()
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
    fn damaged_files_name_nothing() {
        let whole = program(&go(&[0xbb], 3, b"digital"));
        for length in 0..whole.len() - 5 {
            let cut = named(&whole[..length], &|_| true);
            assert!(!cut.contains(&b"git"[..]), "{length}");
        }
        let mut far = whole;
        far[64 + 8..64 + 16].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(named(&far, &|text| text == b"git").is_empty());
    }
}
