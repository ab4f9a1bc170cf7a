//! The index of a tar archive that holds an image: where each member's bytes lie, so that they are read in place.
//!
//! Nothing is unpacked. A name that a document mentions is looked up here and nowhere else (jib #4522, GHSA-hpxr-w9w7-g4gv).

use std::collections::BTreeMap;
use std::ops::Range;

use tar::{EntryType, Header};

use super::{Blob, Files};
use crate::error::{Error, Result};
use crate::{path, pax};

/// Bounds the memory that an index takes; a registry's worth of blobs fits.
const MAX_MEMBERS: usize = 200_000;
/// Bounds a member's extension records, in bytes.
const MAX_EXTENSION: u64 = 1 << 20;
/// A link may lead to a link; honest archives have one step.
const MAX_LINKS: usize = 16;
/// Files that say what the rest means: twice there, tools would disagree on which counts.
const DOCUMENTS: &[&[u8]] = &[
    b"oci-layout",
    b"index.json",
    b"manifest.json",
    b"repositories",
];

/// An indexed tar archive.
#[derive(Debug)]
pub(super) struct Archive {
    file: Blob,
    members: BTreeMap<Vec<u8>, Member>,
}

#[derive(Debug)]
enum Member {
    File(Range<u64>),
    /// A symbolic or hard link, as the path of the member that it leads to; `None` when that lies outside.
    Link(Option<Vec<u8>>),
    Other,
}

/// What extension headers say of the member after them.
#[derive(Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Archive {
    /// Walks over the headers of `file`, a tar that is not compressed.
    ///
    /// # Errors
    /// [`Error::Layout`] when it is no tar, ends inside a member, or holds what no tool that saves images writes.
    pub(super) fn index(file: Blob, place: &str) -> Result<Self> {
        let mut archive = Self {
            file,
            members: BTreeMap::new(),
        };
        let mut at = 0;
        let mut extensions = Extensions::default();
        while at < archive.file.len() {
            match archive
                .step(at, &mut extensions)
                .map_err(|fault| fault_at(place, at, fault))?
            {
                Some(next) => at = next,
                None => break,
            }
        }
        Ok(archive)
    }

    /// Whether there is a member of that name.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.members.contains_key(name.as_bytes())
    }

    /// Enters what stands at `at` and returns where the next header is; `None` at a block of zeros, which is the end.
    fn step(&mut self, at: u64, extensions: &mut Extensions) -> Result<Option<u64>, String> {
        let data = at
            .checked_add(512)
            .filter(|&data| data <= self.file.len())
            .ok_or("the archive ends inside a header")?;
        let mut header = Header::new_old();
        self.file
            .read_exact_at(header.as_mut_bytes(), at)
            .map_err(|fault| fault.to_string())?;
        if header.as_bytes().iter().all(|&byte| byte == 0) {
            return Ok(None);
        }
        check_sum(&header)?;
        let kind = header.entry_type();
        let size = size_of(&header, extensions.size)?;
        let end = data
            .checked_add(size)
            .filter(|&end| end <= self.file.len())
            .ok_or("the archive ends inside this member")?;
        let next = end.next_multiple_of(512).min(self.file.len());
        if kind.is_pax_global_extensions() {
            return Ok(Some(next));
        }
        if kind.is_gnu_longname() || kind.is_gnu_longlink() || kind.is_pax_local_extensions() {
            if size > MAX_EXTENSION {
                return Err(format!(
                    "{size} bytes of extension records; no more than {MAX_EXTENSION} are read"
                ));
            }
            let bytes = self
                .file
                .part(data..end)
                .read_all()
                .map_err(|fault| fault.to_string())?;
            extensions.take(kind, &bytes)?;
            return Ok(Some(next));
        }
        let Extensions { name, link, .. } = std::mem::take(extensions);
        let name = name.unwrap_or_else(|| header.path_bytes().into_owned());
        let link = link.or_else(|| header.link_name_bytes().map(|link| link.into_owned()));
        self.enter(kind, &name, link.as_deref().unwrap_or_default(), data..end)?;
        Ok(Some(next))
    }

    fn enter(
        &mut self,
        kind: EntryType,
        name: &[u8],
        link: &[u8],
        range: Range<u64>,
    ) -> Result<(), String> {
        let cleaned =
            path::clean(name).map_err(|fault| format!("`{}`: {fault}", path::display(name)))?;
        let member = match kind {
            EntryType::Regular | EntryType::Continuous if !name.ends_with(b"/") => {
                Member::File(range)
            }
            EntryType::Symlink if link.starts_with(b"/") => Member::Link(None),
            EntryType::Symlink => {
                Member::Link(path::clean(&path::join(path::parent(&cleaned), link)).ok())
            }
            EntryType::Link => Member::Link(path::clean(link).ok()),
            EntryType::GNUSparse => {
                return Err(format!(
                    "`{}` is stored as a sparse file",
                    path::display(name)
                ));
            }
            _ => Member::Other,
        };
        if DOCUMENTS.contains(&&cleaned[..]) && self.members.contains_key(&cleaned) {
            return Err(format!(
                "`{}` stands in the archive twice",
                path::display(name)
            ));
        }
        self.members.insert(cleaned, member);
        if self.members.len() > MAX_MEMBERS {
            return Err(format!("more than {MAX_MEMBERS} members"));
        }
        Ok(())
    }
}

impl Files for Archive {
    fn find(&self, name: &str) -> Result<Option<Blob>, String> {
        let Ok(mut name) = path::clean(name.as_bytes()) else {
            return Ok(None);
        };
        for _ in 0..MAX_LINKS {
            match self.members.get(&name) {
                None => return Ok(None),
                Some(Member::File(range)) => return Ok(Some(self.file.part(range.clone()))),
                Some(Member::Link(Some(target))) => name.clone_from(target),
                Some(Member::Link(None)) => {
                    return Err("a link that leads out of the archive".into());
                }
                Some(Member::Other) => return Err("not a regular file".into()),
            }
        }
        Err("a chain of links that does not end".into())
    }
}

impl Extensions {
    fn take(&mut self, kind: EntryType, bytes: &[u8]) -> Result<(), String> {
        let text = |bytes: &[u8]| {
            bytes
                .split(|&byte| byte == 0)
                .next()
                .unwrap_or_default()
                .to_vec()
        };
        if kind.is_gnu_longname() {
            self.name = Some(text(bytes));
        } else if kind.is_gnu_longlink() {
            self.link = Some(text(bytes));
        } else {
            for (key, value) in pax::records(bytes)? {
                match key {
                    b"path" => self.name = Some(value.to_vec()),
                    b"linkpath" => self.link = Some(value.to_vec()),
                    b"size" => self.size = Some(size(value).ok_or("its PAX size is no number")?),
                    key if key.starts_with(b"GNU.sparse.") => {
                        return Err("a member is stored as a sparse file".into());
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

fn size(value: &[u8]) -> Option<u64> {
    u64::try_from(pax::decimal(value)?).ok()
}

/// The bytes that follow a header. As in Go, links, devices, directories and FIFOs have none whatever they say.
fn size_of(header: &Header, pax: Option<u64>) -> Result<u64, String> {
    let kind = header.entry_type();
    if matches!(kind.as_byte(), b'1'..=b'6') {
        return Ok(0);
    }
    match pax.filter(|_| !matches!(kind.as_byte(), b'x' | b'g' | b'L' | b'K')) {
        Some(size) => Ok(size),
        None => header.entry_size().map_err(|fault| fault.to_string()),
    }
}

/// Old tars summed signed bytes.
fn check_sum(header: &Header) -> Result<(), String> {
    let said = header.cksum().map_err(|_| "not a tar header")?;
    let bytes = header
        .as_bytes()
        .iter()
        .enumerate()
        .map(|(at, &byte)| if (148..156).contains(&at) { b' ' } else { byte });
    let unsigned: u32 = bytes.clone().map(u32::from).sum();
    let signed: i32 = bytes.map(|byte| i32::from(byte.cast_signed())).sum();
    if said == unsigned || i32::try_from(said) == Ok(signed) {
        Ok(())
    } else {
        Err("not a tar header".into())
    }
}

fn fault_at(place: &str, at: u64, fault: String) -> Error {
    let file = if at == 0 {
        "the archive".into()
    } else {
        format!("member at byte {at}")
    };
    Error::Layout {
        place: place.to_owned(),
        file,
        fault,
    }
}

#[cfg(test)]
mod tests;
