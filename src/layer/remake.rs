//! Makes the few entries that are not copied: headers of a source entry with a name, a target or a size changed.
//!
//! All that is not changed is carried over: PAX records (attributes, times, owners) and the fields of the header.

use tar::{EntryType, Header};

use crate::path;

use super::entry::Entry;
use super::header::{self, BLOCK};
use crate::pax;

/// A change to an entry's headers; what is `None` stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change<'a> {
    /// The path.
    pub path: Option<&'a [u8]>,
    /// What a link names.
    pub target: Option<&'a [u8]>,
    /// The number of stored bytes, in bytes; a sparse file is then no longer one.
    pub size: Option<u64>,
    /// The time of the last change, in whole seconds since the epoch.
    pub mtime: Option<i64>,
}

/// Returns the headers of an entry with `change` made; `headers` are its blocks up to its stored bytes.
///
/// # Errors
/// A header that is none; the scan has read all that are passed here.
pub fn remake(headers: &[u8], change: Change<'_>) -> Result<Vec<u8>, &'static str> {
    let mut parts = split(headers)?;
    if let Some(path) = change.path {
        parts.set_path(path);
    }
    if let Some(target) = change.target {
        parts.set_target(target);
    }
    if let Some(size) = change.size {
        parts.set_size(size);
    }
    if let Some(mtime) = change.mtime {
        parts.set_mtime(mtime);
    }
    Ok(parts.join())
}

/// Returns the entry of a whiteout: an empty file (image-spec layer.md) with the same bytes in every run.
pub fn whiteout(hidden: &[u8]) -> Vec<u8> {
    let marker = path::join(
        path::parent(hidden),
        &[b".wh.", path::name(hidden)].concat(),
    );
    made(EntryType::Regular, 0o644, &marker)
}

/// Returns the entry of a directory as runtimes make one that nothing describes, with the same bytes in every run.
pub fn directory(path: &[u8]) -> Vec<u8> {
    made(EntryType::Directory, 0o755, &[path, b"/"].concat())
}

/// Returns the entry of a directory with the attributes of `like` but no time; `xattrs` are as `Entries` have them.
///
/// Nothing else of its source shows: the same attributes make the same bytes, whatever tool wrote the source.
pub fn parent(path: &[u8], like: &Entry, xattrs: &[u8]) -> Result<Vec<u8>, &'static str> {
    let named = [path, b"/"].concat();
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Directory);
    header.set_mode(like.mode);
    header.set_uid(like.uid);
    header.set_gid(like.gid);
    header.set_mtime(0);
    header.set_size(0);
    let records = pax::records(xattrs)?.into_iter();
    let records = records.map(|(name, value)| {
        let key = [b"SCHILY.xattr.", name].concat();
        (key, value.to_vec())
    });
    let mut parts = Parts {
        records: records.collect(),
        long_name: None,
        long_link: None,
        main: header,
        maps: Vec::new(),
    };
    let root = path.is_empty();
    parts.set_path(if root { b"./" } else { &named });
    Ok(parts.join())
}

fn made(kind: EntryType, mode: u32, path: &[u8]) -> Vec<u8> {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(0);
    let mut parts = Parts {
        records: Vec::new(),
        long_name: None,
        long_link: None,
        main: header,
        maps: Vec::new(),
    };
    parts.set_path(path);
    parts.join()
}

/// An entry's headers, taken apart.
struct Parts {
    records: Vec<(Vec<u8>, Vec<u8>)>,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
    main: Header,
    /// The blocks of an old GNU sparse map.
    maps: Vec<u8>,
}

fn split(mut headers: &[u8]) -> Result<Parts, &'static str> {
    const SHORT: &str = "its headers end too early";
    let mut parts = Parts {
        records: Vec::new(),
        long_name: None,
        long_link: None,
        main: Header::new_old(),
        maps: Vec::new(),
    };
    loop {
        let (block, rest) = headers.split_first_chunk::<BLOCK>().ok_or(SHORT)?;
        let fields = header::parse(block)?;
        let size = usize::try_from(fields.size).unwrap_or(0);
        let area = || rest.get(..size).ok_or(SHORT);
        match fields.typeflag {
            b'x' => {
                parts.records = pax::records(area()?)?
                    .iter()
                    .map(|(key, value)| (key.to_vec(), value.to_vec()))
                    .collect();
            }
            b'L' => parts.long_name = Some(area()?.to_vec()),
            b'K' => parts.long_link = Some(area()?.to_vec()),
            b'g' => {}
            _ => {
                parts.main = Header::from_byte_slice(block).clone();
                parts.maps = rest.to_vec();
                return Ok(parts);
            }
        }
        headers = rest.get(size.next_multiple_of(BLOCK)..).ok_or(SHORT)?;
    }
}

impl Parts {
    fn drop_records(&mut self, keys: &[&[u8]]) {
        self.records.retain(|(key, _)| !keys.contains(&&key[..]));
    }

    fn has_record(&self, key: &[u8]) -> bool {
        self.records.iter().any(|(known, _)| known == key)
    }

    /// Puts the path where readers of this entry look: the sparse name, the field, a GNU long name or a PAX record.
    fn set_path(&mut self, path: &[u8]) {
        self.long_name = None;
        if self.has_record(b"GNU.sparse.name") {
            self.drop_records(&[b"GNU.sparse.name"]);
            self.records
                .push((b"GNU.sparse.name".to_vec(), path.to_vec()));
            return;
        }
        self.drop_records(&[b"path"]);
        self.clear_prefix();
        if !fill(&mut self.main.as_mut_bytes()[0..100], path) {
            if self.is_gnu() {
                self.long_name = Some([path, b"\0"].concat());
            } else {
                self.records.push((b"path".to_vec(), path.to_vec()));
            }
        }
    }

    fn set_target(&mut self, target: &[u8]) {
        self.long_link = None;
        self.drop_records(&[b"linkpath"]);
        if !fill(&mut self.main.as_mut_bytes()[157..257], target) {
            if self.is_gnu() {
                self.long_link = Some([target, b"\0"].concat());
            } else {
                self.records.push((b"linkpath".to_vec(), target.to_vec()));
            }
        }
    }

    fn set_size(&mut self, size: u64) {
        if let Some(at) = self
            .records
            .iter()
            .position(|(key, _)| key == b"GNU.sparse.name")
        {
            let (_, name) = self.records.remove(at);
            self.set_path(&name);
        }
        self.records
            .retain(|(key, _)| key != b"size" && !key.starts_with(b"GNU.sparse."));
        if self.main.as_bytes()[156] == b'S' {
            self.main.as_mut_bytes()[156] = b'0';
            // The sparse maps, the flag that more follow, and the real size.
            self.main.as_mut_bytes()[386..495].fill(0);
            self.maps.clear();
        }
        self.main.set_size(size);
    }

    /// Puts the time into the field, or into a record where the field cannot hold it.
    fn set_mtime(&mut self, mtime: i64) {
        self.drop_records(&[b"mtime"]);
        self.main.set_mtime(u64::try_from(mtime).unwrap_or(0));
        if mtime < 0 {
            let text = mtime.to_string().into_bytes();
            self.records.push((b"mtime".to_vec(), text));
        }
    }

    fn is_gnu(&self) -> bool {
        self.main.as_bytes()[257..265] == *b"ustar  \0"
    }

    /// The prefix that ustar joins to the name; GNU keeps other things there.
    fn clear_prefix(&mut self) {
        if !self.is_gnu() {
            self.main.as_mut_bytes()[345..500].fill(0);
        }
    }

    fn join(mut self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(3 * BLOCK);
        if !self.records.is_empty() {
            let mut area = Vec::new();
            for (key, value) in &self.records {
                pax::append(&mut area, key, value);
            }
            append_extension(&mut bytes, b'x', b"PaxHeaders/entry", &area);
        }
        if let Some(name) = &self.long_name {
            append_extension(&mut bytes, b'L', b"././@LongLink", name);
        }
        if let Some(link) = &self.long_link {
            append_extension(&mut bytes, b'K', b"././@LongLink", link);
        }
        self.main.set_cksum();
        bytes.extend_from_slice(self.main.as_bytes());
        bytes.extend_from_slice(&self.maps);
        bytes
    }
}

/// Writes `text` into a field and returns whether it fits; what does not fit leaves the field's start, for readers of no extension.
fn fill(field: &mut [u8], text: &[u8]) -> bool {
    let n = text.len().min(field.len());
    field.fill(0);
    field[..n].copy_from_slice(&text[..n]);
    text.len() <= field.len()
}

fn append_extension(bytes: &mut Vec<u8>, typeflag: u8, name: &[u8], area: &[u8]) {
    let mut header = if typeflag == b'x' {
        Header::new_ustar()
    } else {
        Header::new_gnu()
    };
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_entry_type(EntryType::new(typeflag));
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(area.len() as u64);
    header.set_cksum();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(area);
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::layer::{Indexer, Kind};

    /// Remakes the headers of a one-entry archive and returns what the index makes of them.
    fn reread(headers: &[u8], change: Change<'_>) -> (Vec<u8>, Vec<u8>, u64, Vec<u8>) {
        let mut bytes = remake(headers, change).unwrap();
        let mut indexer = Indexer::new(Digest::of(b""));
        bytes.resize(
            bytes.len()
                + usize::try_from(change.size.unwrap_or(0))
                    .unwrap()
                    .next_multiple_of(BLOCK),
            0,
        );
        bytes.extend_from_slice(&[0; 2 * BLOCK]);
        indexer.feed(&bytes).unwrap();
        let (entries, _) = indexer.finish().unwrap();
        let entry = &entries.list()[0];
        (
            entries.path(entry).to_vec(),
            entries.target(entry).to_vec(),
            entry.size,
            entries.xattrs(entry).to_vec(),
        )
    }

    fn headers(gnu: bool, records: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut main = if gnu {
            Header::new_gnu()
        } else {
            Header::new_ustar()
        };
        main.set_entry_type(EntryType::Regular);
        for field in [
            Header::set_uid,
            Header::set_gid,
            Header::set_mtime,
            Header::set_size,
        ] {
            field(&mut main, 0);
        }
        main.set_mode(0o755);
        let records = records
            .iter()
            .map(|(key, value)| (key.to_vec(), value.to_vec()))
            .collect();
        Parts {
            records,
            long_name: None,
            long_link: None,
            main,
            maps: Vec::new(),
        }
        .join()
    }

    #[test]
    fn a_new_path_is_read_back_and_the_rest_stays() {
        let long = [b'n'; 200];
        let long = [&long[..], b"/", &long[..], b"\xff"].concat();
        for gnu in [false, true] {
            for path in [&b"etc/short"[..], &long] {
                let old = headers(gnu, &[(b"path", b"old"), (b"SCHILY.xattr.user.a", b"1\n2")]);
                let (read, _, _, xattrs) = reread(
                    &old,
                    Change {
                        path: Some(path),
                        ..Change::default()
                    },
                );
                assert_eq!(read, path);
                assert_eq!(xattrs, b"14 user.a=1\n2\n");
            }
        }
    }

    #[test]
    fn a_sparse_file_with_new_content_is_sparse_no_more() {
        let old = headers(
            false,
            &[
                (b"GNU.sparse.major", b"1"),
                (b"GNU.sparse.name", b"var/log/lastlog"),
                (b"GNU.sparse.realsize", b"99999"),
            ],
        );
        let (path, _, size, _) = reread(
            &old,
            Change {
                size: Some(0),
                ..Change::default()
            },
        );
        assert_eq!((&path[..], size), (&b"var/log/lastlog"[..], 0));
    }

    #[test]
    fn whiteouts_are_read_back() {
        let mut indexer = Indexer::new(Digest::of(b""));
        let deep = [b'd'; 150];
        let deep = [&deep[..], b"/x"].concat();
        for hidden in [&b"etc/x"[..], b"x", &deep] {
            indexer.feed(&whiteout(hidden)).unwrap();
        }
        let (entries, _) = indexer.finish().unwrap();
        assert!(
            entries
                .list()
                .iter()
                .all(|entry| entry.kind == Kind::Whiteout)
        );
        assert_eq!(entries.path(&entries.list()[2]), deep);
    }
}
