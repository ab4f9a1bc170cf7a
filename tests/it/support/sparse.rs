//! Sparse files in the four forms that tars store them in: GNU `S` and PAX 0.0, 0.1 and 1.0.

use super::entry::{Dialect, Entry, padded};

/// The fragments of a sparse file: offset and bytes.
pub(crate) type Fragments<'a> = [(u64, &'a [u8])];

/// What `fragments` look like to a reader of the file.
pub(crate) fn expanded(size: usize, fragments: &Fragments<'_>) -> Vec<u8> {
    let mut content = vec![0; size];
    for (offset, bytes) in fragments {
        let offset = usize::try_from(*offset).unwrap();
        content[offset..offset + bytes.len()].copy_from_slice(bytes);
    }
    content
}

/// Typeflag `S`: four fragments in the header, twenty-one in each block that follows it.
pub(crate) fn gnu(name: &str, size: usize, fragments: &Fragments<'_>) -> Vec<u8> {
    let mut map: Vec<u8> = fragments
        .iter()
        .flat_map(|(offset, bytes)| format!("{offset:011o}\0{:011o}\0", bytes.len()).into_bytes())
        .collect();
    let mut blocks = Vec::new();
    let in_header: Vec<u8> = map.drain(..map.len().min(96)).collect();
    let extended = !map.is_empty();
    for chunk in map.chunks(504) {
        let mut block = chunk.to_vec();
        block.resize(512, 0);
        blocks.push(block);
    }
    let last = blocks.len().saturating_sub(1);
    for block in blocks.iter_mut().take(last) {
        block[504] = 1;
    }
    let body = stored(fragments);
    let header = Entry::new(b'S', name)
        .dialect(Dialect::Gnu)
        .claimed(body.len() as u64)
        .patch(386, in_header)
        .patch(482, [u8::from(extended)])
        .patch(483, format!("{size:011o}\0"));
    [header.bytes(), blocks.concat(), padded(&body)].concat()
}

/// PAX 0.0: offset and length as records that repeat.
pub(crate) fn pax_0_0(name: &str, size: usize, fragments: &Fragments<'_>) -> Entry {
    let mut entry = Entry::file(name, stored(fragments))
        .record("GNU.sparse.size", size.to_string())
        .record("GNU.sparse.numblocks", fragments.len().to_string());
    for (offset, bytes) in fragments {
        entry = entry
            .record("GNU.sparse.offset", offset.to_string())
            .record("GNU.sparse.numbytes", bytes.len().to_string());
    }
    entry
}

/// PAX 0.1: the map as one record, the real name as another.
pub(crate) fn pax_0_1(name: &str, size: usize, fragments: &Fragments<'_>) -> Entry {
    let map: Vec<String> = fragments
        .iter()
        .map(|(offset, bytes)| format!("{offset},{}", bytes.len()))
        .collect();
    Entry::file(format!("GNUSparseFile.0/{name}"), stored(fragments))
        .record("GNU.sparse.size", size.to_string())
        .record("GNU.sparse.numblocks", fragments.len().to_string())
        .record("GNU.sparse.map", map.join(","))
        .record("GNU.sparse.name", name)
}

/// PAX 1.0: the map in front of the stored bytes, in blocks of its own.
pub(crate) fn pax_1_0(name: &str, size: usize, fragments: &Fragments<'_>) -> Entry {
    let mut map = format!("{}\n", fragments.len());
    for (offset, bytes) in fragments {
        map += &format!("{offset}\n{}\n", bytes.len());
    }
    let body = [padded(map.as_bytes()), stored(fragments)].concat();
    Entry::file(format!("GNUSparseFile.0/{name}"), body)
        .record("GNU.sparse.major", "1")
        .record("GNU.sparse.minor", "0")
        .record("GNU.sparse.name", name)
        .record("GNU.sparse.realsize", size.to_string())
}

fn stored(fragments: &Fragments<'_>) -> Vec<u8> {
    fragments
        .iter()
        .flat_map(|(_, bytes)| bytes.to_vec())
        .collect()
}
