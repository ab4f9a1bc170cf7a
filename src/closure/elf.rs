//! Reads what the loader reads of an ELF file: interpreter, needed libraries and search paths. Pure over bytes.
//!
//! It never looks at sections, which a stripped or packed file may lack, and never at another file.

use std::borrow::Cow;

use elf::abi;
use elf::dynamic::DynamicTable;
use elf::endian::AnyEndian;
use elf::file::{Class, FileHeader, parse_ident};
use elf::parse::ParsingTable;
use elf::segment::{ProgramHeader, SegmentTable};
use elf::symbol::SymbolTable;

/// The number of leading bytes that hold the headers of nearly every file.
pub const HEAD: usize = 4096;

/// Program headers that a real file has at most; the kernel takes no more than fit in 64 KiB.
const SEGMENTS_MAX: usize = 4096;
/// Parts of a file that are asked for.
const PARTS_MAX: usize = 8;
/// Names that one file may need.
const NAMES_MAX: usize = 4096;

/// What the loader reads of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elf {
    /// Whether it is of the 64-bit class.
    pub is_64: bool,
    /// `e_machine`, such as 62 for x86-64.
    pub machine: u16,
    /// `PT_INTERP`: the loader's path.
    pub interpreter: Option<Vec<u8>>,
    /// Whether there is a dynamic section: not so for a static program.
    pub is_dynamic: bool,
    /// `DT_SONAME`.
    pub soname: Option<Vec<u8>>,
    /// `DT_NEEDED`, in their order.
    pub needed: Vec<Vec<u8>>,
    /// `DT_RPATH`, as written.
    pub rpath: Option<Vec<u8>>,
    /// `DT_RUNPATH`, as written.
    pub runpath: Option<Vec<u8>>,
    /// The names of functions and variables that it takes from others, sorted: where the symbol table lies before its
    /// names, as linkers put it. [`load`] asks for them only where it is told to.
    pub imports: Vec<Vec<u8>>,
}

/// Whether a file may be loaded as a library or plugin, by its name.
pub fn may_be_library(name: &[u8]) -> bool {
    name.ends_with(b".node") || name.windows(3).any(|part| part == b".so")
}

/// What the leading bytes of a file tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is no ELF file, or one that no loader takes.
    Other,
    /// More of it is wanted: from this place so many bytes.
    Wants(u64, u64),
    /// All that there is to know.
    Read(Box<Elf>),
}

/// Reads a whole file; of one that is cut short, what its leading bytes tell.
pub fn read(file: &[u8]) -> Outcome {
    look(&Parts {
        known: vec![(0, Cow::Borrowed(file))],
        imports: false,
    })
}

/// Reads a file through `part`, which returns some of its bytes from a place on, asking for as few as it can: for the table
/// of symbols only where the `imports` are wanted.
///
/// Returns `None` for what is no ELF file, is damaged, or wants more than `limit` bytes at once.
///
/// # Errors
/// Those of `part`.
pub fn load<E>(
    limit: usize,
    imports: bool,
    mut part: impl FnMut(u64, usize) -> Result<Vec<u8>, E>,
) -> Result<Option<Elf>, E> {
    let known = vec![(0, Cow::Owned(part(0, HEAD)?))];
    let mut parts = Parts { known, imports };
    // Headers, interpreter, dynamic section, names: each at most once.
    for _ in 0..PARTS_MAX {
        let (from, length) = match look(&parts) {
            Outcome::Other => return Ok(None),
            Outcome::Read(elf) => return Ok(Some(*elf)),
            Outcome::Wants(from, length) => (from, usize::try_from(length).unwrap_or(usize::MAX)),
        };
        let mut bytes = Vec::new();
        if length <= limit {
            bytes = part(from, length)?;
        }
        if bytes.len() == length {
            parts.known.push((from, Cow::Owned(bytes)));
        } else if !std::mem::take(&mut parts.imports) {
            return Ok(None);
        }
    }
    Ok(None)
}

/// What is known of a file.
struct Parts<'a> {
    /// Parts of it, each with the place where it begins; the first begins the file.
    known: Vec<(u64, Cow<'a, [u8]>)>,
    /// Whether to ask for the table of symbols: they are the most there is, and the file tells enough without.
    imports: bool,
}

impl Parts<'_> {
    /// A range of the file: its bytes, or the range if they are not among the parts; `None` for one beyond all files.
    fn get(&self, from: u64, length: u64) -> Option<Result<&[u8], (u64, u64)>> {
        let end = from.checked_add(length)?;
        let found = self.known.iter().find_map(|(start, bytes)| {
            let first = usize::try_from(from.checked_sub(*start)?).ok()?;
            let last = usize::try_from(end - start).ok()?;
            bytes.get(first..last)
        });
        Some(found.ok_or((from, length)))
    }

    fn head(&self) -> &[u8] {
        &self.known[0].1
    }
}

fn look(parts: &Parts<'_>) -> Outcome {
    if !parts.head().starts_with(b"\x7fELF") {
        return Outcome::Other;
    }
    match parse(parts) {
        Some(Ok(elf)) => Outcome::Read(Box::new(elf)),
        Some(Err((from, length))) => Outcome::Wants(from, length),
        None => Outcome::Other,
    }
}

/// `None` stands for a damaged file.
fn parse(parts: &Parts<'_>) -> Option<Result<Elf, (u64, u64)>> {
    let head = parts.head();
    let (endian, class, version, abi_version) =
        parse_ident::<AnyEndian>(head.get(..abi::EI_NIDENT)?).ok()?;
    let tail = match class {
        Class::ELF32 => elf::file::ELF32_EHDR_TAILSIZE,
        Class::ELF64 => elf::file::ELF64_EHDR_TAILSIZE,
    };
    let header = FileHeader::parse_tail(
        (endian, class, version, abi_version),
        head.get(abi::EI_NIDENT..abi::EI_NIDENT + tail)?,
    )
    .ok()?;
    let mut elf = Elf {
        is_64: class == Class::ELF64,
        machine: header.e_machine,
        interpreter: None,
        is_dynamic: false,
        soname: None,
        needed: Vec::new(),
        rpath: None,
        runpath: None,
        imports: Vec::new(),
    };
    let count = usize::from(header.e_phnum).min(SEGMENTS_MAX);
    let length = count.checked_mul(usize::from(header.e_phentsize))?;
    let table = match parts.get(header.e_phoff, length as u64)? {
        Ok(table) => table,
        Err(wanted) => return Some(Err(wanted)),
    };
    let segments: Vec<ProgramHeader> = SegmentTable::new(endian, class, table).iter().collect();
    if let Some(segment) = segments.iter().find(|s| s.p_type == abi::PT_INTERP) {
        match parts.get(segment.p_offset, segment.p_filesz.min(4096))? {
            Ok(path) => elf.interpreter = Some(until_nul(path)),
            Err(wanted) => return Some(Err(wanted)),
        }
    }
    let Some(segment) = segments.iter().find(|s| s.p_type == abi::PT_DYNAMIC) else {
        return Some(Ok(elf));
    };
    elf.is_dynamic = true;
    let dynamic = match parts.get(segment.p_offset, segment.p_filesz)? {
        Ok(dynamic) => DynamicTable::new(endian, class, dynamic),
        Err(wanted) => return Some(Err(wanted)),
    };
    match names(parts, &segments, &dynamic)? {
        Ok(strings) => {
            fill(&mut elf, &dynamic, strings);
            match symbols(parts, &segments, &dynamic) {
                Some(Ok(table)) => elf.imports = imports(endian, class, table, strings),
                Some(Err(wanted)) if parts.imports => return Some(Err(wanted)),
                _ => {}
            }
        }
        Err(wanted) => return Some(Err(wanted)),
    }
    Some(Ok(elf))
}

type Dynamic<'a> = ParsingTable<'a, AnyEndian, elf::dynamic::Dyn>;

/// The dynamic string table: `DT_STRTAB` is an address, which a loaded segment maps to a place in the file.
fn names<'a>(
    parts: &'a Parts<'_>,
    segments: &[ProgramHeader],
    dynamic: &Dynamic<'_>,
) -> Option<Result<&'a [u8], (u64, u64)>> {
    let (Some(address), Some(size)) = (
        value(dynamic, abi::DT_STRTAB),
        value(dynamic, abi::DT_STRSZ),
    ) else {
        return Some(Ok(&[]));
    };
    parts.get(place(segments, address)?, size)
}

/// The symbol table. No tag tells its length; it ends where the names begin, if they lie behind it.
fn symbols<'a>(
    parts: &'a Parts<'_>,
    segments: &[ProgramHeader],
    dynamic: &Dynamic<'_>,
) -> Option<Result<&'a [u8], (u64, u64)>> {
    let from = place(segments, value(dynamic, abi::DT_SYMTAB)?)?;
    let end = place(segments, value(dynamic, abi::DT_STRTAB)?)?;
    parts.get(from, end.checked_sub(from)?)
}

/// The names of the undefined symbols, sorted. What is no symbol between table and names looks like one with a name that
/// does not exist.
fn imports(endian: AnyEndian, class: Class, table: &[u8], strings: &[u8]) -> Vec<Vec<u8>> {
    let all = SymbolTable::new(endian, class, table).iter();
    let mut names: Vec<Vec<u8>> = all
        .filter(|symbol| symbol.st_shndx == abi::SHN_UNDEF && symbol.st_name != 0)
        .filter_map(|symbol| strings.get(usize::try_from(symbol.st_name).ok()?..))
        .map(until_nul)
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn value(dynamic: &Dynamic<'_>, tag: i64) -> Option<u64> {
    entries(dynamic)
        .find(|&(known, _)| known == tag)
        .map(|(_, value)| value)
}

/// Where in the file the byte at an address lies.
fn place(segments: &[ProgramHeader], address: u64) -> Option<u64> {
    let segment = segments.iter().find(|segment| {
        segment.p_type == abi::PT_LOAD
            && address >= segment.p_vaddr
            && address - segment.p_vaddr < segment.p_filesz
    })?;
    segment.p_offset.checked_add(address - segment.p_vaddr)
}

fn entries(dynamic: &Dynamic<'_>) -> impl Iterator<Item = (i64, u64)> {
    dynamic
        .iter()
        .map(|entry| (entry.d_tag, entry.d_val()))
        .take_while(|&(tag, _)| tag != abi::DT_NULL)
}

fn fill(elf: &mut Elf, dynamic: &Dynamic<'_>, strings: &[u8]) {
    for (tag, value) in entries(dynamic) {
        let text = || {
            let from = usize::try_from(value).ok()?;
            strings.get(from..).map(until_nul)
        };
        match tag {
            abi::DT_NEEDED if elf.needed.len() < NAMES_MAX => elf.needed.extend(text()),
            abi::DT_SONAME => elf.soname = text(),
            abi::DT_RPATH => elf.rpath = text(),
            abi::DT_RUNPATH => elf.runpath = text(),
            _ => {}
        }
    }
}

fn until_nul(bytes: &[u8]) -> Vec<u8> {
    bytes.split(|&b| b == 0).next().unwrap_or_default().to_vec()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A 64-bit little-endian library: one loaded segment that maps the file at its own offsets, one dynamic.
    pub(crate) fn library(needed: &[&str], runpath: &str, padding: usize) -> Vec<u8> {
        let mut strings = vec![0];
        let mut dynamic: Vec<(u64, u64)> = Vec::new();
        let texts = needed.iter().map(|name| (1, *name));
        for (tag, text) in texts.chain([(29, runpath)]) {
            dynamic.push((tag, strings.len() as u64));
            strings.extend_from_slice(text.as_bytes());
            strings.push(0);
        }
        let strings_at = (64 + 2 * 56 + padding) as u64;
        let dynamic_at = strings_at + strings.len() as u64;
        dynamic.extend([(5, strings_at), (10, strings.len() as u64), (0, 0)]);
        let length = dynamic_at + 16 * dynamic.len() as u64;
        let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        file.extend([3u16, 62].iter().flat_map(|v| v.to_le_bytes()));
        file.extend(1u32.to_le_bytes());
        file.extend([0u64, 64, 0].iter().flat_map(|v| v.to_le_bytes()));
        file.extend(0u32.to_le_bytes());
        file.extend([64u16, 56, 2, 0, 0, 0].iter().flat_map(|v| v.to_le_bytes()));
        for (kind, offset, size) in [
            (1u32, 0, length),
            (2, dynamic_at, 16 * dynamic.len() as u64),
        ] {
            file.extend(kind.to_le_bytes());
            file.extend(4u32.to_le_bytes());
            let words = [offset, offset, offset, size, size, 8];
            file.extend(words.iter().flat_map(|v| v.to_le_bytes()));
        }
        file.resize(file.len() + padding, 0);
        file.extend(strings);
        for (tag, value) in dynamic {
            file.extend(tag.to_le_bytes());
            file.extend(value.to_le_bytes());
        }
        file
    }

    fn load_counting(file: &[u8]) -> (Option<Elf>, Vec<usize>) {
        let mut asked = Vec::new();
        let elf = load(1 << 20, false, |from, length| {
            asked.push(length);
            let from = usize::try_from(from).unwrap().min(file.len());
            Ok::<_, ()>(file[from..(from + length).min(file.len())].to_vec())
        });
        (elf.unwrap(), asked)
    }

    #[test]
    fn needed_names_and_paths_are_read_from_as_few_bytes_as_do() {
        let file = library(&["libz.so.1", "libc.so.6"], "$ORIGIN/../lib", 10_000);
        let (elf, asked) = load_counting(&file);
        let elf = elf.unwrap();
        assert_eq!(elf.needed, [&b"libz.so.1"[..], b"libc.so.6"]);
        assert_eq!(elf.runpath.as_deref(), Some(&b"$ORIGIN/../lib"[..]));
        assert!(elf.is_64 && elf.is_dynamic && elf.machine == 62 && elf.interpreter.is_none());
        let strings =
            1 + "libz.so.1".len() + 1 + "libc.so.6".len() + 1 + "$ORIGIN/../lib".len() + 1;
        assert_eq!(asked, [HEAD, 16 * 6, strings]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_a_file_imports_is_read_where_it_is_asked_for() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let Outcome::Read(whole) = read(&file) else {
            panic!("no ELF file");
        };
        assert!(!whole.imports.is_empty());
        // As many parts as are asked for, and all but the last one.
        let load = |parts: usize| {
            let mut asked = 0;
            let elf = load(1 << 20, true, |from, length| {
                asked += 1;
                let from = usize::try_from(from).unwrap();
                let length = if asked <= parts { length } else { 0 };
                Ok::<_, ()>(file[from..from + length].to_vec())
            });
            (elf.unwrap().unwrap(), asked)
        };
        let (elf, asked) = load(usize::MAX);
        assert_eq!(elf, *whole);
        let (elf, _) = load(asked - 1);
        assert!(elf.imports.is_empty() && elf.needed == whole.needed);
    }

    #[test]
    fn damaged_files_are_no_elf() {
        let whole = library(&["libc.so.6"], "", 0);
        assert!(load_counting(&whole).0.is_some());
        for length in 0..whole.len() {
            assert_eq!(load_counting(&whole[..length]).0, None, "cut at {length}");
        }
        let mut far = whole.clone();
        far[64 + 56 + 8..64 + 56 + 16].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(load_counting(&far).0, None);
        assert_eq!(read(b"#!/bin/sh"), Outcome::Other);
    }
}
