//! `ld.so.cache`: what goes is taken out, so that a program that asks the cache is not told of it.
//!
//! The loader itself passes over stale entries; Python's `ctypes.util.find_library` believes them.

use std::sync::Arc;

use crate::error::Result;
use crate::rules::{Contents, Decisions, Edit};
use crate::tree::Tree;

use super::read_file;

const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const HEADER: usize = 48;
const ENTRY: usize = 24;

/// Takes out of the image's cache what leads to a path that goes.
pub(crate) fn rewrite(
    tree: &Tree,
    contents: &dyn Contents,
    reason: usize,
    decisions: &mut Decisions,
) -> Result<()> {
    let Some(cache) = tree.find(b"etc/ld.so.cache") else {
        return Ok(());
    };
    let before = read_file(tree, contents, cache)?;
    let is_gone = |at: &[u8]| {
        let hops = tree.hops(at).unwrap_or_default();
        hops.iter().any(|&node| decisions.removed(node).is_some())
    };
    if let Some(after) = without(&before, &is_gone)
        && decisions.removed(cache).is_none()
    {
        decisions.edit(cache, reason, Edit::Content(Arc::from(after)));
    }
    Ok(())
}

/// Returns the cache without the entries whose path `is_gone`; `None` when none is, or it is no cache of this form.
///
/// Strings keep their places: the room that entries leave stays as zeros after the last.
fn without(cache: &[u8], is_gone: &dyn Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
    // An old-form cache may stand before the new one, which alone is read since glibc 2.2.
    let base = find(cache, MAGIC)?;
    let new = &cache[base..];
    let word = |at: usize| -> Option<usize> {
        let bytes = new.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    let count = word(MAGIC.len())?;
    let entries = new.get(HEADER..HEADER.checked_add(count.checked_mul(ENTRY)?)?)?;
    let stays = |entry: &&[u8]| {
        let value = entry[8..12].try_into().map(u32::from_le_bytes);
        let path = value
            .ok()
            .and_then(|value| new.get(usize::try_from(value).ok()?..))
            .and_then(|text| text.split(|&b| b == 0).next());
        !path.is_some_and(is_gone)
    };
    let kept: Vec<&[u8]> = entries.chunks_exact(ENTRY).filter(stays).collect();
    if kept.len() == count {
        return None;
    }
    let mut written = cache.to_vec();
    let number = u32::try_from(kept.len()).ok()?;
    written[base + MAGIC.len()..base + MAGIC.len() + 4].copy_from_slice(&number.to_le_bytes());
    let room = &mut written[base + HEADER..base + HEADER + count * ENTRY];
    room.fill(0);
    for (place, entry) in room.chunks_exact_mut(ENTRY).zip(kept) {
        place.copy_from_slice(entry);
    }
    Some(written)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(paths: &[&str]) -> Vec<u8> {
        let mut strings = Vec::new();
        let mut entries = Vec::new();
        let start = HEADER + paths.len() * ENTRY;
        for path in paths {
            let at = u32::try_from(start + strings.len()).unwrap();
            entries.extend([3u32, at, at, 0, 0, 0].iter().flat_map(|w| w.to_le_bytes()));
            strings.extend_from_slice(path.as_bytes());
            strings.push(0);
        }
        let mut cache = MAGIC.to_vec();
        let words = [
            u32::try_from(paths.len()).unwrap(),
            u32::try_from(strings.len()).unwrap(),
        ];
        cache.extend(words.iter().flat_map(|w| w.to_le_bytes()));
        cache.resize(HEADER, 0);
        [cache, entries, strings].concat()
    }

    fn paths(cache: &[u8]) -> Vec<String> {
        let count = u32::from_le_bytes(cache[20..24].try_into().unwrap());
        (0..count as usize)
            .map(|number| {
                let entry = HEADER + number * ENTRY;
                let at = u32::from_le_bytes(cache[entry + 8..entry + 12].try_into().unwrap());
                let text = cache[at as usize..].split(|&b| b == 0).next().unwrap();
                String::from_utf8(text.to_vec()).unwrap()
            })
            .collect()
    }

    #[test]
    fn only_what_is_gone_is_taken_out() {
        let before = cache(&["/lib/libz.so.1", "/lib/libasan.so.8", "/lib/libc.so.6"]);
        let gone = |path: &[u8]| path.ends_with(b"libasan.so.8");
        let after = without(&before, &gone).unwrap();
        assert_eq!(paths(&after), ["/lib/libz.so.1", "/lib/libc.so.6"]);
        assert_eq!(after.len(), before.len());
        assert_eq!(without(&after, &gone), None);
    }

    #[test]
    fn damaged_caches_stay() {
        let whole = cache(&["/lib/libz.so.1"]);
        for length in 0..HEADER + ENTRY {
            assert_eq!(without(&whole[..length], &|_| true), None, "{length}");
        }
        let mut huge = whole.clone();
        huge[20..24].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(without(&huge, &|_| true), None);
    }
}
